"""The numbers beside the options of the list's filters are those of the lists that they lead to, in
a world with every freshness, schedule and evidence level, with forums inside of others, offices and
criteria, and with rows without goal, area, forum or office."""

import re
from datetime import UTC, date, datetime
from itertools import combinations as combinations_of
from itertools import cycle
from operator import itemgetter

import pytest
from django.http import QueryDict
from django.utils.html import strip_tags
from hypothesis import given, settings
from hypothesis import strategies as st

from commitments.choices import (
    Action,
    CoverageGap,
    EventType,
    FindingResult,
    Freshness,
    Kind,
    Schedule,
    Status,
    Tone,
    Visibility,
)
from commitments.filters import CommitmentFilter, PlanCommitmentFilter
from commitments.models import Commitment, Evidence, LinkCheck, Partnership, Plan
from commitments.models.plan_parts import PlanParts
from commitments.pages.facet_counts import COUNTED, facet_counts
from commitments.roles import ANONYMOUS
from commitments.workflow import FindingFields
from tests import steps
from tests.examples import examples, some
from tests.factories import (
    AreaFactory,
    CommitmentFactory,
    CriterionFactory,
    ForumFactory,
    GoalFactory,
    OfficeFactory,
    PlanFactory,
)
from tests.fixtures.worlds import people, shared_world, the_plan
from tests.words import en_zh

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("a_day_later")]

LIST = "/en/PLAN/commitments/"
MAY = datetime(2026, 5, 10, tzinfo=UTC)
SAID, DONE, SHOWN = [steps.STATEMENT], [steps.RESOLUTION], [steps.REPORT]
S, D = Kind.STANDING, Kind.DELIVERABLE
NEW = ("2026-06-20", "active", SHOWN)
# Number, kind, goal, area, forums, due date, and assessments: day, status, evidence.
COMMITMENTS = [
    ("1.1", S, 1, 1, "UN UNGA", None, [("2023-03-01", "active", DONE), NEW]),
    ("1.2", S, 1, 1, "UN", None, [("2023-03-01", "active", DONE)]),
    ("1.3", S, 1, 2, "", None, [("2025-03-01", "partly_active", SAID)]),
    ("1.4", D, 2, 1, "OEWG", "2025-06-01", [("2026-04-01", "started", SAID)]),
    ("2.1", D, 2, 2, "", "2027-01-01", [("2026-05-01", "substantial", DONE)]),
    ("2.2", D, 2, None, "", "2024-01-01", [("2023-12-01", "completed", SHOWN)]),
    ("2.3", S, None, 1, "UNGGE", None, [("2026-05-01", "contrary", SHOWN)]),
    ("2.4", D, None, None, "", "2026-06-15", []),
    ("2.5", S, 1, None, "", None, [("2026-06-25", "no_evidence", [])]),
    ("2.6", S, 1, 1, "", None, [("2026-05-01", "withdrawn", SAID)]),
    ("3.1", D, None, None, "", None, [("2026-06-20", "started", SAID)]),
    ("3.2", D, None, None, "", None, []),
    ("3.3", D, None, None, "", None, []),
    ("3.4", D, None, None, "", None, [("2026-05-20", "started", SAID)]),
]
LED = {"1.1": "ITU", "1.2": "ITU", "1.4": "MFA"}
SUPPORTED = ("1.1", "1.4", "2.1")
WITH_CRITERIA = ("1.1", "1.3", "1.4", "2.1", "2.3")
CLOCKS = ("", "as_of=2025-06-30", "known_at=2026-05-31T00:00:00Z", "as_of=2026-05-02")
OTHER_FILTERS = (
    "",
    "active_at=UN",
    "coverage=one_source&coverage=statements_only",
    "q=1.&due_after=2020-01-01",
    "event_type=participation&acted_since=2026-01-01",
)


@pytest.fixture(autouse=True, scope="module")
def world(django_db_setup, django_db_blocker):
    with shared_world(django_db_blocker):
        build()
        yield


def some_forums():
    """Return the United Nations with two parts, of which one succeeded the other, and a forum that
    no commitment names."""
    forums = {"UN": ForumFactory(code="UN"), "G20": ForumFactory(code="G20")}
    for code in ("UNGA", "UNGGE"):
        forums[code] = ForumFactory(code=code, parent=forums["UN"])
    forums["OEWG"] = ForumFactory(code="OEWG", successor_of=forums["UNGGE"])
    return forums


def build():
    reporter, reviewer, curator = people()
    plan = the_plan()
    Plan.objects.filter(pk=plan.pk).update(adopted_on=date(2023, 1, 1))
    plan.refresh_from_db()
    goals = {number: GoalFactory(plan=plan, number=number) for number in (1, 2, 3)}
    areas = {number: AreaFactory(plan=plan, number=number) for number in (1, 2)}
    forums, offices = some_forums(), {code: OfficeFactory(code=code) for code in ("ITU", "MFA")}
    reporter.offices.set(offices.values())
    assessments = []
    for position, (number, kind, goal, area, codes, due, assessed) in enumerate(COMMITMENTS):
        place = {"goal": goals.get(goal), "area": areas.get(area), "position": position}
        due_on = due and date.fromisoformat(due)
        row = CommitmentFactory(plan=plan, number=number, kind=kind, due_on=due_on, **place)
        for code in codes.split():
            Partnership.objects.create(commitment=row, forum=forums[code])
        if number in LED:
            Commitment.objects.filter(pk=row.pk).update(lead_office=offices[LED[number]])
        if number in SUPPORTED:
            row.supporting_offices.add(offices["MFA"])
            row.supporting_goals.add(goals[3])
        for key in "abc" if number in WITH_CRITERIA else "":
            CriterionFactory(commitment=row, key=key, added_at=datetime(2023, 1, 1, tzinfo=UTC))
        for day, status, evidence in assessed:
            on = date.fromisoformat(day)
            at = MAY if on < MAY.date() else steps.NOW
            assessment = {"status": status, "effective_on": on, "evidence": evidence}
            note = {} if evidence else {"search_note": en_zh("Looked everywhere.")}
            # Else its first criterion would be shown.
            part = {"findings": {key: FindingFields("in_part") for key in "abc"}}
            found = part if number == "1.3" else {}
            assessments.append((at, row, assessment | note | found))
    steps.record_loaded(plan, at=MAY)
    for at, row, assessment in sorted(assessments, key=itemgetter(0)):
        steps.published(row, reporter, reviewer, at, **assessment)
    add_events(forums, reporter, reviewer)
    postponed = Commitment.objects.get(number="2.1")
    postponed.due_on = date(2026, 6, 1)
    steps.edited(postponed, curator)
    # Another plan has goals of the same numbers.
    other = PlanFactory(code="OTHER")
    CommitmentFactory(plan=other, number="1", goal=GoalFactory(plan=other, number=1))


def add_events(forums, reporter, reviewer):
    """Events of every type, at forums too, and assessments that rest on what is no longer there."""

    def happened(number, day, **fields):
        row, on = Commitment.objects.get(number=number), date(2026, 6, day)
        return steps.published(row, reporter, reviewer, effective_on=on, **fields)

    for day, event_type in enumerate(EventType.values(), 1):
        happened("1.1", day, event_type=event_type, forums=[forums["UNGA"]])
    for number in ("1.4", "2.3"):
        happened(number, 1, event_type="participation", forums=[forums["OEWG"]])
    said = {"event_type": "statement", "evidence": SAID}
    withdrawn, changed = happened("3.2", 1, **said), happened("3.3", 1, **said)
    started = {"event_type": None, "status": "started", "evidence": SAID}
    for number, events in (("3.2", [withdrawn]), ("3.3", [changed]), ("3.4", [])):
        happened(number, 20, rests_on=[event.pk for event in events], **started)
    steps.perform(withdrawn, Action.RETRACT, reviewer, note="Wrong.")
    happened("3.3", 2, corrects=changed, **said)
    later = {"key": "d", "added_at": steps.NOW}
    CriterionFactory(commitment=Commitment.objects.get(number="2.3"), **later)
    for piece in Evidence.objects.filter(update__commitment__number="3.1"):
        LinkCheck.objects.create(
            evidence=piece, url=piece.url, status="gone", first_at=steps.NOW, last_at=steps.NOW
        )


OPTIONS = {
    "status": Status.values(),
    "tone": Tone.values(),
    "kind": Kind.values(),
    "goal": ["1", "2", "3"],
    "serves": ["1", "2", "3"],
    "area": ["1", "2"],
    "forum": ["G20", "OEWG", "UN", "UNGA", "UNGGE"],
    "active_at": ["G20", "OEWG", "UN", "UNGA", "UNGGE"],
    "coverage": CoverageGap.values(),
    "criterion": FindingResult.values(),
    "event_type": EventType.values(),
    "office": ["ITU", "MFA"],
    "freshness": Freshness.values(),
    "schedule": Schedule.values(),
    "evidence_level_min": ["1", "2", "3"],
}


def selected(query):
    """Return the filter set of the plan's list with this query."""
    plan = Plan.objects.get(code="PLAN")
    filterset = CommitmentFilter(
        QueryDict(query),
        queryset=plan.commitments.in_order(),
        now=steps.NOW,
        user=ANONYMOUS,
        plans=[plan],
    )
    assert filterset.is_valid(), filterset.errors
    return filterset


def counted(query):
    """Return the counts that the plan's list shows with this query."""
    parts = PlanParts(Plan.objects.get(code="PLAN"))
    filterset = PlanCommitmentFilter(QueryDict(query), parts, now=steps.NOW)
    assert filterset.is_valid(), filterset.errors
    return facet_counts(filterset, parts)


def with_only(query, name, option):
    """Return the query with this option alone in its filter."""
    changed = QueryDict(query, mutable=True)
    changed[name] = option
    return changed.urlencode()


def offered(page):
    """Return the number beside each option that a page offers, by filter and option."""
    boxes = re.findall(
        r'<input type="checkbox" name="(\w+)" value="([^"]+)"[^>]*> <span>(.*?) </span> </label>',
        page,
    )
    levels = re.findall(r'<option value="(\d)"[^>]*>([^<]*)</option>', page)
    found = [*boxes, *(("evidence_level_min", *level) for level in levels)]
    return {
        (name, option): int(re.search(r"\((\d+)\)", strip_tags(text))[1])
        for name, option, text in found
        if name in COUNTED
    }


def length(page):
    """Return (number of commitments listed, of all), as a page says it."""
    return tuple(map(int, re.search(r"(\d+) of (\d+) commitments", page).groups()))


QUERIES = (
    "",
    "status=active&forum=UN&as_of=2025-06-30",
    "tone=unknown&tone=fulfilled&kind=standing&known_at=2026-05-31T00:00:00Z",
    "goal=1&evidence_level_min=2&ordering=-effective_on",
    "schedule=overdue&area=1&q=1.",
    "freshness=lapsed&status=started",
    "forum=UN&office=ITU&criterion=shown&serves=1",
    "forum=none&office=none&goal=none&as_of=2026-05-02",
)


@pytest.mark.long
@pytest.mark.sampled
@pytest.mark.parametrize("query", QUERIES)
def test_an_option_says_how_many_the_list_would_have_with_it(flat, query):
    page = flat(f"{LIST}?{query}")
    shown = offered(page)
    for name, option in some(shown, kind=lambda place: place[0]):
        there = flat(f"{LIST}?{with_only(query, name, option)}")
        assert length(there) == (shown[name, option], len(COMMITMENTS)), (name, option)
    chosen = QueryDict(query)
    missing = [
        (name, option)
        for name, options in OPTIONS.items()
        for option in options
        if (name, option) not in shown
    ]
    for name, option in some(missing, kind=lambda place: place[0]):
        assert option not in chosen.getlist(name)
        there = flat(f"{LIST}?{with_only(query, name, option)}")
        assert length(there) == (0, len(COMMITMENTS)), (name, option)


@st.composite
def queries(draw):
    """Return a query with up to two options of some filters, other filters and a clock."""
    chosen = []
    for name in draw(st.sets(st.sampled_from(COUNTED), max_size=3)):
        most = 1 if name == "evidence_level_min" else 2
        options = st.sets(st.sampled_from(OPTIONS[name]), min_size=1, max_size=most)
        chosen += [f"{name}={option}" for option in sorted(draw(options))]
    return "&".join([*chosen, draw(st.sampled_from(OTHER_FILTERS)), draw(st.sampled_from(CLOCKS))])


@pytest.mark.long
@settings(max_examples=examples(60), deadline=None)
@given(queries(), st.sampled_from(COUNTED))
def test_the_numbers_are_those_of_the_filters_whatever_else_is_chosen(query, name):
    counts = counted(query)
    assert counts.found == selected(query).qs.count()
    # What the address may ask for, though the form does not offer it.
    also = ["none"] if name in ("goal", "area", "forum", "office") else []
    for option in [*OPTIONS[name], *also]:
        expected = selected(with_only(query, name, option)).qs.count()
        assert counts.options[name].get(option, 0) == expected, option


@pytest.mark.long
def test_the_world_has_commitments_for_nearly_every_option():
    """Else the numbers would be compared where there are none."""
    counts = [counted(clock).options for clock in CLOCKS]
    nowhere = {
        (name, option)
        for name, options in OPTIONS.items()
        for option in options
        if not any(found[name].get(option) for found in counts)
    }
    assert {pair for pair in nowhere if pair[0] != "status"} == {
        ("tone", "none"),
        ("goal", "3"),
        ("forum", "G20"),
        ("active_at", "G20"),
    }


def test_what_would_find_nothing_is_offered_only_if_it_is_chosen(flat):
    page = flat(f"{LIST}?status=stalled&kind=deliverable")
    assert '<input type="checkbox" name="status" value="stalled" checked>' in page
    assert offered(page)["status", "stalled"] == 0
    assert 'value="inactive"' not in page
    # Nothing would be found by any freshness, so that there is no such filter.
    assert 'name="freshness"' not in page
    assert 'aria-label="Remove Status: Stalled"' in page


def test_a_number_is_read_with_its_option(flat):
    page = flat(LIST)
    labels = [" ".join(strip_tags(row).split()) for row in re.findall("<label>.*?</label>", page)]
    assert "Active (2)" in labels
    assert "1 A goal (5)" in labels
    assert 'value="active"> <span> Active <span class="muted">(2)</span> </span>' in page
    assert '<option value="2"> 2 Formally adopted record (5) </option>' in page


def test_a_forum_counts_the_commitments_of_its_parts_and_predecessors_once(flat):
    shown = offered(flat(LIST))

    def of(facet):
        return {option: n for (name, option), n in shown.items() if name == facet}

    # 1.1 names both the United Nations and a part of them. Nothing happened there on 1.2.
    assert of("forum") == {"UN": 3, "UNGA": 1, "UNGGE": 1, "OEWG": 2}
    assert of("active_at") == {"UN": 2, "UNGA": 1, "UNGGE": 1, "OEWG": 2}
    assert of("office") == {"ITU": 2, "MFA": 3}


@pytest.mark.parametrize(
    ("query", "queries"), [("", 8), ("?status=active", 8), ("?goal=1&as_of=2026-06-01", 8)]
)
def test_the_numbers_and_what_is_chosen_cost_no_query_each(
    client, query, queries, django_assert_num_queries
):
    with django_assert_num_queries(queries):
        client.get(f"{LIST}{query}")


# Values of each filter of the list; a page of filters that are all set is read in as few queries.
FILTERS = {
    **{name: [values[0], f"{values[0]}&{name}={values[-1]}"] for name, values in OPTIONS.items()},
    "plan": ["PLAN"],
    "active_at": ["UN", "UN&active_at=G20"],
    "coverage": ["one_source"],
    "event_type": ["participation"],
    "acted_since": ["2020-01-01"],
    "due_after": ["2020-01-01"],
    "due_before": ["2030-01-01"],
    "changed_since": ["2026-05-01T00:00:00Z"],
    "q": ["1.", "UN"],
    "ordering": ["-effective_on"],
    "page": ["2"],
}
MISTAKES = ["forum=NO", "goal=9", "office=NO&area=x", "plan=OTHER", "no=1", "as_of=2999-01-01"]
MAX_QUERIES = 12


def combinations():
    """Return each value of each filter by itself, pairs of them, and all together."""
    values = [f"{name}={value}" for name, given in FILTERS.items() for value in given]
    everything = "&".join(f"{name}={given[-1]}" for name, given in FILTERS.items())
    pairs = ["&".join(pair) for pair in combinations_of(values, 2)]
    found = ["", *values, *pairs[::41], everything, everything.replace("q=UN", "q=no such words")]
    return [*found, *MISTAKES, *(f"{everything}&{mistake}" for mistake in MISTAKES)]


@pytest.mark.long
@pytest.mark.parametrize("visibility", [Visibility.PUBLIC, Visibility.DRAFT])
def test_no_combination_of_filters_costs_more_queries(
    client, visibility, reviewer, django_assert_max_num_queries
):
    Plan.objects.filter(code="PLAN").update(visibility=visibility)
    if visibility == Visibility.DRAFT:
        client.force_login(reviewer)
    known_at = CLOCKS[2]
    for query, clock in zip(combinations(), cycle(["", CLOCKS[1], known_at]), strict=False):
        # What was known then takes a query more.
        for then in {clock, known_at if "q=" in query else clock}:
            address = f"{LIST}?{query}&{then}"
            with django_assert_max_num_queries(MAX_QUERIES, info=address):
                assert client.get(address).status_code == 200
