"""`load_updates` leaves existing updates, forums and notices unchanged."""

from datetime import date

import pytest
from django.core.management.base import CommandError
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commitments.choices import Action
from commitments.models import Evidence, Forum, ProgressUpdate
from commitments.texts.text import Text
from tests import steps
from tests.documents import UPDATES as VALID
from tests.documents import edited, everything
from tests.factories import PlanFactory
from tests.importing.test_load_updates import by_reference
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.django_db]


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
        f"{left} updates[1]: update {ids['status-1']} {has} summary, evidence",
        f"{left} updates[2]: update {ids['status-2']} {has} commitment, status",
        "Plan PLAN: already loaded: 3.",
    ]
    assert everything() == before


def test_references_are_those_of_the_plan_alone(load, reporter, reviewer, office_duty):
    other = PlanFactory(code="OTHER")
    office_duty.plan, office_duty.lead_office = other, None
    office_duty.save()
    steps.published(office_duty, reporter, reviewer, external_ref="event-1")
    assert "updates published: 3" in load()


@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.sampled_from([0, 1, 2]), unique=True), st.randoms(use_true_random=False))
def test_in_parts_and_in_any_order_it_comes_to_the_same(load, plan, first, order):
    """After any part, loading the whole file leaves one update for each reference."""
    with transaction.atomic():
        if first:
            part = [VALID["updates"][index] for index in {0, *first}]
            load(edited(VALID, ("updates", part)))
        whole = list(VALID["updates"])
        order.shuffle(whole)
        load(edited(VALID, ("updates", whole)))
        summaries = {reference: row.summary for reference, row in by_reference().items()}
        assert summaries == {row["external_ref"]: Text(row["summary"]) for row in VALID["updates"]}
        assert ProgressUpdate.objects.published().count() == 3
        assert Evidence.objects.count() == 4
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


def test_forums_and_notice_are_in_the_history_and_move_the_revisions(load, plan):
    other = PlanFactory(code="OTHER")
    load()
    league = Forum.objects.get(code="LEAGUE")
    assert league.history.last().history_change_reason.startswith("load_updates ")
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
    assert told.count("evidence") == 2
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
    name, digest = plan.history.latest("history_id").history_change_reason.split()
    assert (name, len(digest)) == ("load_updates", 64)


def test_forums_and_a_notice_alone_need_a_reporter_too(load, plan, reporter):
    load()
    plan.notice = Text()
    plan.save()
    reporter.groups.clear()
    with pytest.raises(CommandError, match="“reporter” is not a reporter"):
        load()
    plan.refresh_from_db()
    assert not plan.notice
