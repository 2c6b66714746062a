"""`load_updates` leaves existing updates, forums and notices unchanged."""

from datetime import date

import pytest
from django.core.management.base import CommandError
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commitments.choices import Action
from commitments.models import Decision, Evidence, Finding, Forum, ProgressUpdate
from commitments.texts.text import Text
from tests import steps
from tests.documents import ABSENT, ANSWERED, edited, everything
from tests.documents import UPDATES as VALID
from tests.examples import examples
from tests.factories import PlanFactory
from tests.importing.test_load_updates import by_reference
from tests.words import en_zh

pytestmark = [pytest.mark.long, pytest.mark.alike, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def world(plan, duty, deliverable, forum, reporter, reviewer, noon):
    """The same as in `test_load_updates`."""


def test_loading_it_again_changes_nothing(load):
    load()
    before = everything()
    assert load() == "Plan PLAN: already loaded: 3.\n"
    assert everything() == before


def test_nobody_is_asked_for_a_role_where_nothing_is_new(load, reporter):
    load()
    reporter.groups.clear()
    assert load(publish_as=None) == "Plan PLAN: already loaded: 3.\n"


def test_what_is_new_is_added_to_what_is_there(load):
    load(edited(VALID, ("updates", VALID["updates"][:1])))
    assert "updates published: 2; already loaded: 1." in load()


def test_what_the_tracker_has_otherwise_is_reported_and_stays(load):
    load()
    before = everything()
    told = load(
        edited(
            VALID,
            ("updates.0.effective_on", "2024-05-01"),
            ("updates.1.summary", {"en": "Another."}),
            ("updates.1.covers_from", "2024-02-01"),
            ("updates.2.status", "not_verifiable"),
            ("updates.2.commitment", "1.1"),
            ("updates.0.evidence.1.public", True),
            ("forums.0.name.en", "The Club"),
        )
    )
    ids = {reference: row.pk for reference, row in by_reference().items()}
    left = "Not changed in the tracker:"
    has = "has this reference but differs in:"
    assert told.splitlines() == [
        f'{left} forums[0].name.en: "The Club" in the file, "The League" in the tracker',
        f"{left} updates[0]: update {ids['event-1']} {has} evidence",
        f"{left} updates[1]: update {ids['status-1']} {has} summary, covers_from",
        f"{left} updates[2]: update {ids['status-2']} {has} commitment, status",
        "Plan PLAN: already loaded: 3.",
    ]
    assert everything() == before


SECOND = edited(
    ANSWERED,
    ("updates.3", {**ANSWERED["updates"][0], "external_ref": "event-2", "criteria": ["b"]}),
)
SECOND["updates"].insert(1, SECOND["updates"].pop())


@pytest.mark.parametrize(
    ("path", "value", "keys"),
    [
        ("updates.0.event_type", "contribution", "event_type"),
        ("updates.0.criteria", ["a", "b"], "criteria"),
        ("updates.0.criteria", ABSENT, "criteria"),
        ("updates.2.covers_from", "2024-01-02", "covers_from"),
        ("updates.2.covers_from", ABSENT, "covers_from"),
        ("updates.2.findings.a.result", "in_part", "findings"),
        ("updates.2.findings.b", ABSENT, "findings"),
        ("updates.2.findings.a.events", ["event-2"], "findings, rests_on"),
        ("updates.2.findings.a.events.1", "event-2", "findings, rests_on"),
        ("updates.2.rests_on", ["event-1", "event-2"], "rests_on"),
    ],
)
def test_what_an_event_and_an_assessment_name_is_compared(load, criteria, path, value, keys):
    load(SECOND)
    before = everything()
    index = int(path.split(".")[1])
    row = by_reference()[SECOND["updates"][index]["external_ref"]]
    assert load(edited(SECOND, (path, value))).splitlines() == [
        f"Not changed in the tracker: updates[{index}]: "
        f"update {row.pk} has this reference but differs in: {keys}",
        "Plan PLAN: already loaded: 4.",
    ]
    assert everything() == before


@pytest.mark.parametrize(
    ("path", "value"),
    [
        pytest.param("updates.2.rests_on", ["event-1"], id="an event of a finding named again"),
        pytest.param("updates.2.rests_on", [], id="an empty list"),
        pytest.param("updates.2.findings.b.events", [], id="no events"),
        pytest.param("updates.1.criteria", ["b"], id="the same"),
    ],
)
def test_the_same_in_other_words_is_no_difference(load, criteria, path, value):
    load(SECOND)
    assert load(edited(SECOND, (path, value))) == "Plan PLAN: already loaded: 4.\n"


def test_references_are_those_of_the_plan_alone(load, reporter, reviewer, office_duty):
    other = PlanFactory(code="OTHER")
    office_duty.plan, office_duty.lead_office = other, None
    office_duty.save()
    steps.published(office_duty, reporter, reviewer, external_ref="event-1")
    assert "updates published: 3" in load()


@settings(
    max_examples=examples(5),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.sampled_from([0, 1, 2]), unique=True), st.randoms(use_true_random=False))
def test_in_parts_and_in_any_order_it_comes_to_the_same(load, criteria, first, order):
    """After any part, loading the whole file leaves one update for each reference. Events come
    first, in the file or in the tracker."""
    with transaction.atomic():
        event, *others = ANSWERED["updates"]
        if first:
            part = [ANSWERED["updates"][index] for index in sorted({0, *first})]
            load(edited(ANSWERED, ("updates", part)))
        order.shuffle(others)
        others.insert(order.randrange(3) if first else 0, event)
        whole = edited(ANSWERED, ("updates", others))
        load(whole)
        before = everything()
        assert load(whole) == load(ANSWERED) == "Plan PLAN: already loaded: 3.\n"
        assert everything() == before
        summaries = {reference: row.summary for reference, row in by_reference().items()}
        assert summaries == {row["external_ref"]: Text(row["summary"]) for row in VALID["updates"]}
        assert ProgressUpdate.objects.published().count() == 3
        assert Evidence.objects.count() == 2
        assert {row.update.external_ref for row in Finding.objects.all()} == {"status-1"}
        transaction.set_rollback(True)


# Forums and notice


def test_a_notice_and_forums_that_are_there_are_left_alone(load, plan):
    plan.notice = en_zh("Ours.", "")
    plan.save()
    Forum.objects.create(code="LEAGUE", name=en_zh("The League", "联盟"), kind="dialogue")
    assert "Plan PLAN: updates published: 3.\n" in load()
    plan.refresh_from_db()
    assert plan.notice == en_zh("Ours.", "")
    assert Forum.objects.get(code="LEAGUE").name == en_zh("The League", "联盟")


def test_added_forums_and_a_notice_are_public_edits_and_move_the_revisions(load, plan):
    other = PlanFactory(code="OTHER")
    load()
    league = Forum.objects.get(code="LEAGUE")
    edits = Decision.objects.filter(action=Action.EDIT).order_by("seq")
    assert [(row.subject_type, row.subject_key, row.plan) for row in edits] == [
        ("forum", league.code, None),
        ("plan", "PLAN", plan),
    ]
    assert {(row.role, row.note) for row in edits} == {("system", "Loaded with a file of updates.")}
    plan.refresh_from_db()
    other.refresh_from_db()
    assert plan.notice == en_zh("Example.", "示例。")
    # Three publications, and forums are every plan's.
    assert (plan.revision, other.revision) == (1 + 3 + 1, 1 + 1)


def test_a_forum_of_the_file_may_follow_one_and_be_part_of_another(load):
    child = {
        "code": "PANEL",
        "name": {"en": "Panel"},
        "kind": "dialogue",
        "parent": "LEAGUE",
        "successor_of": "FORUM",
    }
    load(edited(VALID, ("forums", [child, *VALID["forums"]])))
    panel = Forum.objects.get(code="PANEL")
    assert (panel.parent.code, panel.successor_of.code) == ("LEAGUE", "FORUM")


def test_the_states_of_what_is_there_already_are_reported(load, reporter, reviewer):
    load(publish_as=None)
    steps.perform(by_reference()["event-1"], Action.PUBLISH, reviewer)
    steps.perform(by_reference()["status-1"], Action.RETURN, reviewer, note="Why?")
    assert load() == "Plan PLAN: already loaded: 3 (returned 1, in review 1).\n"


def test_days_of_sources_are_compared_too(load):
    dated = edited(VALID, ("updates.0.evidence.0.dated_on", "2024-06-01"))
    load(dated)
    assert load(dated) == "Plan PLAN: already loaded: 3.\n"
    told = load(edited(dated, ("updates.0.evidence.0.dated_on", "2024-06-02")))
    assert told.count("evidence") == 1
    assert by_reference()["event-1"].evidence.first().dated_on == date(2024, 6, 1)


def test_another_notice_is_reported(load):
    load()
    told = load(edited(VALID, ("notice.en", "Another.")))
    assert told.splitlines()[0] == (
        "Not changed in the tracker: notice: the plan already has a different notice"
    )


def test_a_notice_alone_moves_the_plans_revision_and_is_signed(load, plan):
    load(edited(VALID, ("forums", []), ("updates.0.forums", ["FORUM"])))
    plan.refresh_from_db()
    assert plan.revision == 1 + 3 + 1
    edit = Decision.objects.get(action=Action.EDIT)
    assert (edit.subject_type, len(edit.meta["import"])) == ("plan", 64)


def test_forums_and_a_notice_alone_need_a_reporter_too(load, plan, reporter):
    load()
    plan.notice = Text()
    plan.save()
    reporter.groups.clear()
    with pytest.raises(CommandError, match="“reporter” is not a reporter"):
        load()
    plan.refresh_from_db()
    assert not plan.notice
