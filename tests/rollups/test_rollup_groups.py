"""Roll-ups by goal, area, kind, office and forum, and activity at a forum."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from commitments import rollups
from commitments.choices import EventType, Kind
from commitments.clocks import Clock
from commitments.models import Commitment, Partnership, ProgressUpdate
from tests.examples import sampled
from tests.factories import (
    AreaFactory,
    CommitmentFactory,
    ForumFactory,
    GoalFactory,
    OfficeFactory,
    PlanFactory,
)
from tests.rollups.reports import report_at
from tests.steps import INTERNAL, NOW, REPORT, TODAY, published, retracted, submitted
from tests.words import en_zh

pytestmark = pytest.mark.alike

GROUPINGS = ["goal", "area", "kind", "office", "forum"]


def report(group_by, commitments=None, **clock):
    return report_at(Clock(NOW, **clock), group_by, commitments)


def sizes(result):
    return {group.key: group.commitments for group in result.groups}


def active(**clock):
    return {group.key: group.active_at_forum for group in report("forum", **clock).groups}


@pytest.fixture
def make(plan):
    """`make(*forums, **fields)` creates a commitment of the plan with these partner forums."""

    def make(*forums, **fields):
        commitment = CommitmentFactory(plan=plan, **fields)
        for forum in forums:
            Partnership.objects.create(commitment=commitment, forum=forum)
        return commitment

    return make


# The total, and groupings without overlap


def test_without_a_grouping_there_is_the_total_alone(duty, deliverable):
    result = report(None)
    assert result.groups == []
    assert result.overlapping is False
    assert (result.total.key, result.total.commitments) == (None, 2)
    assert result.total.active_at_forum is None


def test_of_nothing_the_total_is_empty(plan):
    result = report(None)
    assert result.total.commitments == 0
    assert [result.total.kinds[kind].reading for kind in Kind] == ["empty", "empty"]


@pytest.mark.parametrize("group_by", ["goal", "area"])
def test_each_goal_or_area_is_a_group_in_order_also_without_commitments(group_by, plan, make):
    factory = {"goal": GoalFactory, "area": AreaFactory}[group_by]
    rows = {number: factory(plan=plan, number=number) for number in (10, 2, 1)}
    make(**{group_by: rows[1]})
    make(**{group_by: rows[10]})
    make(**{group_by: rows[10]})
    factory(number=5)
    result = report(group_by)
    assert list(sizes(result).items()) == [("1", 1), ("2", 0), ("10", 2)]
    assert result.overlapping is False
    assert result.total.commitments == 3


@pytest.mark.parametrize("group_by", ["goal", "area", "office", "forum"])
def test_commitments_without_one_form_a_last_group_with_key_none(group_by, plan, make, office):
    make(ForumFactory(code="APEC"), goal=GoalFactory(plan=plan), area=AreaFactory(plan=plan))
    Commitment.objects.update(lead_office=office)
    make()
    make()
    result = report(group_by)
    assert [group.commitments for group in result.groups] == [1, 2]
    assert [group.key is None for group in result.groups] == [False, True]
    assert result.total.commitments == 3


@pytest.mark.parametrize("group_by", ["goal", "area", "office", "forum"])
def test_where_all_have_one_there_is_no_group_with_key_none(group_by, plan, make, office):
    make(
        ForumFactory(),
        goal=GoalFactory(plan=plan),
        area=AreaFactory(plan=plan),
        lead_office=office,
    )
    assert None not in sizes(report(group_by))


def test_goals_divide_the_plan_by_primary_goal_only(plan, make):
    first, second = GoalFactory(plan=plan, number=1), GoalFactory(plan=plan, number=2)
    make(goal=first).supporting_goals.add(second)
    assert sizes(report("goal")) == {"1": 1, "2": 0}


@pytest.mark.parametrize("group_by", ["goal", "area"])
def test_all_goals_and_areas_are_there_even_if_no_commitment_is_selected(plan, make, group_by):
    make(goal=GoalFactory(plan=plan, number=1), area=AreaFactory(plan=plan, number=1))
    activity = ProgressUpdate.objects.none()
    nothing = Commitment.objects.none().at(Clock(NOW))
    assert sizes(rollups.report(nothing, group_by, activity, plan)) == {"1": 0}


def test_groups_by_kind_hold_their_own_kind_only(make):
    make(kind=Kind.DELIVERABLE)
    make(kind=Kind.STANDING)
    make(kind=Kind.STANDING)
    result = report("kind")
    assert list(sizes(result).items()) == [("deliverable", 1), ("standing", 2)]
    assert result.overlapping is False
    deliverables, duties = result.groups
    assert deliverables.kinds[Kind.STANDING].of == duties.kinds[Kind.DELIVERABLE].of == 0


def test_a_group_is_labelled_in_both_languages(plan, make):
    make(goal=GoalFactory(plan=plan, title=en_zh("Peace", "和平")))
    assert [group.label for group in report("goal").groups] == [en_zh("Peace", "和平")]


def test_only_the_selected_commitments_are_counted(plan, make, office):
    goal, area = GoalFactory(plan=plan), AreaFactory(plan=plan)
    forum = ForumFactory()
    for kind in (Kind.DELIVERABLE, Kind.STANDING, Kind.STANDING):
        make(forum, kind=kind, goal=goal, area=area, lead_office=office)
    chosen = Commitment.objects.filter(kind=Kind.STANDING)
    for group_by in GROUPINGS:
        result = report(group_by, chosen)
        assert result.total.commitments == 2, group_by
        assert sum(sizes(result).values()) == 2, group_by


# Overlapping groups


def test_an_office_has_what_it_leads_and_what_it_supports(make):
    one, two = OfficeFactory(code="ONE"), OfficeFactory(code="TWO")
    OfficeFactory(code="IDLE")
    make(lead_office=one).supporting_offices.add(two)
    make(lead_office=two)
    make(lead_office=two).supporting_offices.add(two)
    make().supporting_offices.add(one)
    result = report("office")
    assert list(sizes(result).items()) == [("ONE", 2), ("TWO", 3)]
    assert result.overlapping is True
    assert result.total.commitments == 4


def test_a_forum_has_the_commitments_of_its_parts_and_a_successor_of_its_predecessor(make):
    un = ForumFactory(code="UN")
    unga = ForumFactory(code="UNGA", parent=un)
    ungge = ForumFactory(code="UNGGE", parent=un)
    ForumFactory(code="OEWG", parent=un, successor_of=ungge)
    apec = ForumFactory(code="APEC")
    ForumFactory(code="WEF")
    make(un, unga)
    make(unga)
    make(ungge, apec)
    result = report("forum")
    assert list(sizes(result).items()) == [
        ("APEC", 1),
        ("OEWG", 1),
        ("UN", 3),
        ("UNGA", 2),
        ("UNGGE", 1),
    ]
    assert result.overlapping is True
    assert result.total.commitments == 3


def test_by_forum_too_each_commitment_is_in_the_total_once(make, reporter, reviewer):
    one, two = ForumFactory(code="ONE"), ForumFactory(code="TWO")
    published(make(one, two), reporter, reviewer, status="active")
    result = report("forum")
    assert [group.kinds[Kind.STANDING].fulfilled for group in result.groups] == [(1, 1), (1, 1)]
    assert result.total.kinds[Kind.STANDING].fulfilled == (1, 1)
    assert result.total.kinds[Kind.STANDING].counts["active"] == 1


# Assessments in the groups


def test_groups_count_their_assessments(plan, make, reporter, reviewer):
    goal = GoalFactory(plan=plan, number=1)
    for status, age in [("active", 0), ("active", 400), ("active", 800), ("contrary", 9000)]:
        day = TODAY - timedelta(days=age)
        published(make(goal=goal), reporter, reviewer, status=status, effective_on=day)
    make(goal=goal)
    [group] = report("goal").groups
    duties = group.kinds[Kind.STANDING]
    assert {status: n for status, n in duties.counts.items() if n} == {
        "active": 3,
        "contrary": 1,
        "unassessed": 1,
    }
    assert (duties.of, duties.assessable, duties.fulfilled) == (5, 5, (2, 4))
    assert (duties.adverse, duties.reading) == (1, "some")
    assert group.freshness == {"current": 1, "due": 1, "lapsed": 1, "settled": 1}


@pytest.mark.long
@pytest.mark.parametrize("group_by", GROUPINGS)
def test_groups_follow_the_clock(group_by, plan, make, office, reporter, reviewer):
    commitment = make(
        ForumFactory(),
        goal=GoalFactory(plan=plan),
        area=AreaFactory(plan=plan),
        lead_office=office,
    )
    office.members.add(reporter)
    published(commitment, reporter, reviewer, status="partly_active", effective_on=date(2024, 1, 1))
    published(commitment, reporter, reviewer, status="active", effective_on=TODAY)

    def readings(**clock):
        groups = report(group_by, **clock).groups
        return [g.kinds[Kind.STANDING].fulfilled for g in groups if g.commitments]

    assert readings() == [(1, 1)]
    assert readings(as_of=date(2024, 6, 1)) == [(0, 0)]
    assert readings(as_of=date(2023, 6, 1)) == [(0, 1)]
    assert readings(known_at=NOW - timedelta(seconds=1)) == [(0, 1)]


# Activity at a forum


@pytest.fixture
def forums(db):
    un = ForumFactory(code="UN")
    ungge = ForumFactory(code="UNGGE", parent=un)
    oewg = ForumFactory(code="OEWG", parent=un, successor_of=ungge)
    return {"UN": un, "UNGGE": ungge, "OEWG": oewg, "APEC": ForumFactory(code="APEC")}


@pytest.mark.parametrize(
    ("linked", "named", "expected"),
    [
        # Activity at a part counts for the whole, at a successor for the predecessor; not reversed.
        (["UN"], ["UN"], {"UN": 1}),
        (["UN"], ["UNGGE"], {"UN": 1}),
        (["UN"], ["OEWG"], {"UN": 1}),
        (["UNGGE"], ["UN"], {"UN": 1, "UNGGE": 0, "OEWG": 0}),
        (["UNGGE"], ["UNGGE"], {"UN": 1, "UNGGE": 1, "OEWG": 0}),
        (["UNGGE"], ["OEWG"], {"UN": 1, "UNGGE": 1, "OEWG": 1}),
        # Activity at the UN is none at APEC.
        (["UN", "APEC"], ["UN"], {"UN": 1, "APEC": 0}),
        (["UN", "APEC"], ["APEC"], {"UN": 0, "APEC": 1}),
        (["UN", "APEC"], ["UN", "APEC"], {"UN": 1, "APEC": 1}),
        (["UN", "APEC"], [], {"UN": 0, "APEC": 0}),
        # A forum that the commitment does not name is not listed.
        (["APEC"], ["UN"], {"APEC": 0}),
    ],
)
def test_which_forums_have_activity_by_an_update_at_a_forum(
    linked, named, expected, forums, make, reporter, reviewer
):
    commitment = make(*(forums[code] for code in linked))
    published(commitment, reporter, reviewer, forums=[forums[code] for code in named])
    assert active() == expected


def test_a_forum_counts_its_own_commitments_only(forums, make, reporter, reviewer):
    make(forums["UN"])
    published(make(forums["APEC"]), reporter, reviewer, forums=[forums["UN"]])
    assert active() == {"UN": 0, "APEC": 0}


@pytest.mark.parametrize("event_type", EventType.values())
def test_only_an_action_is_activity(event_type, forums, make, reporter, reviewer):
    """Criticism of a forum is never what was done there."""
    apec = forums["APEC"]
    published(make(apec), reporter, reviewer, forums=[apec], event_type=event_type)
    assert active() == {"APEC": int(event_type not in ("contrary", "context"))}


@pytest.mark.parametrize("status", ["inactive", "contrary", "no_evidence", "withdrawn", "active"])
@pytest.mark.parametrize("event_type", ["participation", None])
def test_an_assessment_is_activity_only_as_far_as_it_is_an_action(
    status, event_type, forums, make, reporter, reviewer
):
    commitment = make(forums["APEC"])
    event = published(commitment, reporter, reviewer)
    fields = {"status": status, "search_note": en_zh("Looked through the records.")}
    fields |= {"event_type": event_type, "rests_on": [event.pk]}
    published(commitment, reporter, reviewer, forums=[forums["APEC"]], **fields)
    assert active() == {"APEC": int(event_type is not None)}


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [((REPORT,), 1), ((REPORT, INTERNAL), 1), ((INTERNAL,), 0)],
    ids=["public", "both", "internal only"],
)
def test_activity_needs_public_evidence(evidence, expected, forums, make, reporter, reviewer):
    apec = forums["APEC"]
    published(make(apec), reporter, reviewer, forums=[apec], evidence=evidence)
    assert active() == {"APEC": expected}


@pytest.mark.parametrize(
    ("age", "expected"), [(-1, 0), (0, 1), (365, 1), (366, 1), (730, 1), (731, 0)]
)
def test_activity_fades_after_two_review_intervals(age, expected, forums, make, reporter, reviewer):
    apec = forums["APEC"]
    day = date(2022, 3, 1)
    published(make(apec), reporter, reviewer, forums=[apec], effective_on=day)
    assert active(as_of=day + timedelta(days=age)) == {"APEC": expected}


def test_only_published_updates_are_activity(forums, make, reporter, reviewer):
    apec = forums["APEC"]
    submitted(make(apec), reporter, forums=[apec])
    retracted(make(apec), reporter, reviewer, forums=[apec])
    old = published(commitment := make(apec), reporter, reviewer, forums=[apec])
    published(commitment, reporter, reviewer, corrects=old, forums=[])
    assert active() == {"APEC": 0}


def test_activity_follows_the_time_of_publication(forums, make, reporter, reviewer):
    apec = forums["APEC"]
    published(make(apec), reporter, reviewer, forums=[apec])
    assert active(known_at=NOW - timedelta(seconds=1)) == {"APEC": 0}
    assert active(known_at=NOW) == {"APEC": 1}


def test_two_updates_on_one_commitment_are_one_active_commitment(forums, make, reporter, reviewer):
    apec = forums["APEC"]
    commitment = make(apec)
    make(apec)
    for _ in range(2):
        published(commitment, reporter, reviewer, forums=[apec])
    assert active() == {"APEC": 1}


def test_only_forums_have_activity(make, plan, office):
    make(ForumFactory(), goal=GoalFactory(plan=plan), area=AreaFactory(plan=plan))
    for group_by in ("goal", "area", "kind", "office"):
        assert {group.active_at_forum for group in report(group_by).groups} == {None}


# Cost


def queries_of(group_by):
    with CaptureQueriesContext(connection) as queries:
        report(group_by)
    return len(queries)


# Of groups that overlap, and of others, a quick run has one.
@pytest.mark.long
@pytest.mark.parametrize(
    "group_by", sampled(GROUPINGS, kind=lambda group_by: group_by in ("office", "forum"))
)
def test_the_number_of_queries_does_not_grow_with_the_rows(
    group_by, plan, make, reporter, reviewer
):
    def grow(times):
        for _ in range(times):
            forum = ForumFactory(parent=ForumFactory(), successor_of=ForumFactory())
            commitment = make(forum, goal=GoalFactory(plan=plan), area=AreaFactory(plan=plan))
            published(commitment, reporter, reviewer, status="active", forums=[forum])
            commitment.supporting_offices.add(OfficeFactory())
            PlanFactory()

    grow(1)
    few = queries_of(group_by)
    grow(6)
    assert queries_of(group_by) == few <= 10


@pytest.mark.parametrize("group_by", ["goal", "area"])
def test_numbers_of_two_plans_are_not_mixed(group_by, db):
    CommitmentFactory(number="1", position=1)
    CommitmentFactory(number="1", position=1)
    with pytest.raises(ValueError, match="needs one plan"):
        report(group_by)
