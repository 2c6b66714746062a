"""`load_updates` takes the updates of a file through the workflow, all or none."""

import pytest
from django.contrib.auth.models import Group
from django.core.management.base import CommandError
from django.db import connection

from commitments import ledger, workflow
from commitments.choices import Action, Role, State
from commitments.importing import update_file, update_load
from commitments.models import Decision, ProgressUpdate
from tests import steps
from tests.documents import ABSENT, edited, everything, said, write_file
from tests.documents import UPDATES as VALID
from tests.factories import PlanFactory
from tests.methodology import ASSESSMENTS
from tests.steps import NOW
from tests.words import en_zh
from tests.workflow.rating import rate_blind

pytestmark = [pytest.mark.alike, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def world(plan, duty, deliverable, forum, reporter, reviewer, noon):
    """A plan of two commitments, a forum, a reporter and a reviewer, and a fixed time."""


@pytest.fixture
def refused(load):
    """Return the lines of the error; check that nothing was written."""

    def refused(document=VALID, **options):
        before = everything()
        with pytest.raises(CommandError) as refusal:
            load(document, **options)
        assert everything() == before
        return said(refusal.value)

    return refused


def by_reference():
    return {row.external_ref: row for row in ProgressUpdate.objects.order_by("id")}


def test_every_update_is_written_submitted_and_published(load, reporter, reviewer):
    assert load().splitlines()[-1] == (
        "Plan PLAN: updates published: 3; forums added: 1; notice set."
    )
    event = by_reference()["event-1"]
    assert (event.author, event.publisher, event.state) == (reporter, reviewer, State.PUBLISHED)
    assert (str(event.effective_on), event.date_precision) == ("2024-05-31", "month")
    assert event.summary == en_zh("A meeting was held.", "")
    assert [forum.code for forum in event.forums.order_by("code")] == ["FORUM", "LEAGUE"]
    assert event.published_at == NOW
    # Edits add the forum and the notice.
    actions = [row.action for row in Decision.objects.order_by("seq")]
    assert actions == ["edit", "edit", *["submit", "publish"] * 3]


@pytest.mark.postgres
def test_the_planner_of_queries_knows_at_once_what_was_loaded(load):
    load()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT reltuples FROM pg_class WHERE relname = 'commitments_progressupdate'"
        )
        assert cursor.fetchone() == (3,)


def test_without_a_publisher_the_updates_wait_for_review(load):
    assert "updates submitted for review: 3" in load(publish_as=None)
    assert {row.state for row in by_reference().values()} == {State.SUBMITTED}
    assert by_reference()["event-1"].publisher is None


def test_an_assessment_rests_on_the_event_without_taking_its_evidence_or_its_forums(load, duty):
    load()
    event, update = by_reference()["event-1"], by_reference()["status-1"]
    assert workflow.saved_events(update) == [event.pk]
    assert (update.event_type, str(update.covers_from)) == (None, "2024-01-01")
    assert (update.evidence.count(), update.forums.count()) == (0, 0)
    duty.refresh_from_db()
    assert (duty.status, duty.status_update) == ("active", update)


def test_an_event_may_be_an_assessment_at_once_and_then_rests_on_itself(load, duty):
    both = {"status": "active", "covers_from": "2024-01-01"}
    load(edited(VALID, ("updates", [VALID["updates"][0] | both])))
    update = by_reference()["event-1"]
    assert (update.event_type, update.status) == ("participation", "active")
    assert [(row.event, row.counts) for row in update.bases.all()] == [(update, True)]
    duty.refresh_from_db()
    assert duty.status_update == update


def test_every_decision_holds_the_digest_of_the_file(load, tmp_path):
    correction = {
        **VALID["updates"][1],
        "external_ref": "status-3",
        "corrects": "status-1",
        "status": "partly_active",
    }
    load(edited(VALID, ("updates.3", correction)))
    digest = update_file.read_update_file(str(tmp_path / "updates.yaml")).sha256
    actions = {"edit", "submit", "publish", "supersede"}
    assert {row.action for row in Decision.objects.all()} == actions
    # Two edits, of a forum and of the notice.
    assert [row.meta["import"] for row in Decision.objects.all()] == [digest] * (9 + 2)
    assert {ledger.import_digest(row) for row in by_reference().values()} == {digest}
    assert by_reference()["status-1"].state == State.SUPERSEDED


def test_what_a_person_submitted_anew_was_not_loaded_from_a_file(load, reporter, reviewer):
    load(publish_as=None)
    event = by_reference()["event-1"]
    steps.perform(event, Action.RETURN, reviewer, note="When exactly?")
    assert ledger.import_digest(by_reference()["event-1"]) is not None
    steps.perform(event, Action.SUBMIT, reporter)
    assert ledger.import_digest(by_reference()["event-1"]) is None


# Refusals


def test_what_rests_on_a_refused_event_of_the_same_file_is_reported(refused):
    lines = refused(edited(VALID, ("updates.0.evidence.0.url", "ftp://example.org/")))
    assert lines[1].startswith("update event-1, evidence Minutes, url: ")
    assert lines[2:] == ["update status-1, rests_on event-1: “event-1” could not be loaded"]


def test_a_correction_of_what_is_refused_in_the_same_file_is_reported(refused):
    correction = {**VALID["updates"][1], "external_ref": "status-3", "corrects": "status-1"}
    lines = refused(edited(VALID, ("updates.1.status", "completed"), ("updates.3", correction)))
    assert lines[1].startswith("update status-1, status: ")
    assert lines[2:] == ["update status-3, corrects: “status-1” could not be loaded"]


@pytest.mark.parametrize("action", [Action.DISCARD, Action.RETRACT])
def test_nothing_new_rests_on_what_was_discarded_or_retracted(
    load, refused, reporter, reviewer, action
):
    retracted = action is Action.RETRACT
    first = edited(VALID, ("updates", VALID["updates"][:1]))
    load(first, publish_as="reviewer" if retracted else None)
    event = by_reference()["event-1"]
    if retracted:
        steps.perform(event, action, reviewer, note="Withdrawn by its source.")
    else:
        steps.perform(event, Action.RECALL, reporter)
        steps.perform(event, action, reporter)
    state = "Withdrawn" if retracted else "Discarded"
    assert f"update status-1, rests_on: Event {event.pk} is not published ({state})." in refused()


def test_an_empty_name_is_no_publisher(refused):
    assert refused(publish_as="") == ["There is no user “”."]


@pytest.mark.long
def test_a_correction_is_looked_for_in_its_own_plan(load, refused, reporter, reviewer, office_duty):
    other = PlanFactory(code="OTHER")
    office_duty.plan, office_duty.lead_office = other, None
    office_duty.save()
    steps.published(office_duty, reporter, reviewer, external_ref="elsewhere")
    correction = {**VALID["updates"][1], "corrects": "elsewhere"}
    [_first, line] = refused(edited(VALID, ("updates.1", correction)))
    assert line.endswith("no earlier update “elsewhere”, in this file or in the tracker")

    # The same reference in both plans: the one of the file's plan is meant.
    steps.published(office_duty, reporter, reviewer, external_ref="status-1")
    load()
    again = {**VALID["updates"][1], "external_ref": "status-3", "corrects": "status-1"}
    load(edited(VALID, ("updates.3", again)))
    assert by_reference()["status-3"].corrects.commitment.plan.code == "PLAN"


def test_a_dry_run_does_all_of_it_and_writes_nothing(load):
    before = everything()
    assert load(dry_run=True).splitlines()[-1] == (
        "Dry run, nothing written. Plan PLAN: updates published: 3; forums added: 1; notice set."
    )
    assert everything() == before


def test_nobody_publishes_their_own(refused, administrator):
    sentence = "Nobody may publish their own updates: choose two different people."
    assert refused(author="administrator", publish_as="administrator") == [sentence]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"author": "reviewer"}, "“reviewer” is not a reporter."),
        ({"publish_as": "visitor"}, "“visitor” is not a reviewer."),
        ({"author": "nobody"}, "There is no user “nobody”."),
        ({"publish_as": "nobody"}, "There is no user “nobody”."),
    ],
)
def test_each_needs_their_role(refused, visitor, options, message):
    assert refused(**options) == [message]


def test_somebody_deactivated_loads_nothing(refused, reporter):
    reporter.is_active = False
    reporter.save()
    assert refused() == ["“reporter” is not a reporter."]


def test_what_the_workflow_refuses_is_listed_with_its_place_and_nothing_is_loaded(refused, office):
    later = {**VALID["updates"][2], "external_ref": "4", "effective_on": "2026-08-01"}
    duties = [(code, row) for code, row in ASSESSMENTS.items() if "standing" in row.kinds]
    labels = ", ".join(str(row.label) for _code, row in duties)
    codes = ", ".join(code for code, _row in duties)
    lines = refused(
        edited(
            VALID,
            ("updates.0.evidence.0.url", "ftp://example.org/minutes"),
            ("updates.0.evidence.1.citation", "p. 3"),
            ("updates.1.status", "completed"),
            ("updates.1.rests_on", ABSENT),
            ("updates.2.search_note", ABSENT),
            ("updates.3", later),
        )
    )
    assert lines[0] == "The file cannot be loaded."
    assert lines[1:] == [
        "update event-1, evidence Minutes, url: Enter an address that begins with http:// or https://.",
        "update event-1, evidence Note: Give exactly one of the following: a link, a file or a "
        "citation.",
        "update status-1, status: “Completed” does not apply to PLAN-1.1 (Standing duty). Choose "
        f"one of: {labels}. Codes: {codes}.",
        "update status-2, search_note: “No evidence of fulfilment found” requires a search note: "
        "what was searched for and where, and why nothing that was found counts as evidence.",
        "update 4, effective_on: 1 August 2026 is in the future; today is 1 July 2026.",
    ]


def test_an_assessment_without_its_least_evidence_is_refused(refused):
    lines = refused(edited(VALID, ("updates.0.evidence.0.source", "statement")))
    assert len(lines) == 2
    assert lines[1].startswith(
        "update status-1, evidence: “Active” requires public evidence of level 2"
    )


@pytest.mark.long
def test_a_reporter_of_no_office_does_not_report_for_one(refused, load, duty, office, colleague):
    duty.lead_office = office
    duty.save()
    sentence = "You may not report on PLAN-1.1: only reporters from OFFICE may."
    assert refused(edited(VALID, ("updates.1.rests_on", ABSENT)))[1:] == [
        f"update event-1: {sentence}",
        f"update status-1: {sentence}",
    ]
    assert "updates published: 3" in load(author="colleague")


def test_whoever_edited_the_corrected_update_is_no_matter_but_it_must_be_published(refused):
    correction = {**VALID["updates"][1], "external_ref": "status-3", "corrects": "status-1"}
    [_first, line] = refused(edited(VALID, ("updates.3", correction)), publish_as=None)
    assert line.startswith("update status-3, corrects: Update ")
    assert "cannot be corrected: it is not published (In review)." in line


@pytest.mark.long
def test_a_correction_of_what_is_in_the_tracker(load, duty):
    load()
    correction = {
        **VALID["updates"][1],
        "external_ref": "status-3",
        "corrects": "status-1",
        "status": "partly_active",
    }
    load(edited(VALID, ("updates.3", correction)))
    duty.refresh_from_db()
    assert (duty.status, duty.status_update.external_ref) == ("partly_active", "status-3")
    assert "already loaded: 4 (corrected 1)" in load(edited(VALID, ("updates.3", correction)))


def test_a_role_counts_and_not_the_name_of_the_account(load, reviewer, other_reporter):
    other_reporter.groups.add(Group.objects.get(name=Role.REVIEWER.group))
    assert "updates published: 3" in load(publish_as="other_reporter")


def test_progress_is_shown(load):
    assert load().splitlines()[0] == "  3 of 3 updates"


def test_progress_is_reported_for_every_update(reporter, reviewer, tmp_path):
    file = update_file.read_update_file(write_file(tmp_path / "updates.yaml", VALID))
    told = []
    update_load.load_updates(
        file,
        author=reporter,
        publisher=reviewer,
        at=NOW,
        progress=lambda done, of: told.append((done, of)),
    )
    assert told == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.long
def test_a_second_load_costs_the_same_few_queries_however_much_is_there(
    load, reporter, reviewer, tmp_path, django_assert_num_queries
):
    many = edited(VALID, ("updates.0.forums", ["FORUM"]))
    many["updates"] += [
        {**many["updates"][0], "external_ref": f"event-{number}"} for number in range(2, 12)
    ]
    load(many)
    file = update_file.read_update_file(write_file(tmp_path / "updates.yaml", many))
    with django_assert_num_queries(15):
        update_load.load_updates(file, author=reporter, publisher=reviewer, at=NOW)


def test_assessments_that_are_rated_blind_are_loaded_for_review_only(plan, load, refused):
    rate_blind(plan)
    lines = refused()
    assert len([line for line in lines if "rated blind by a second person" in line]) == 2
    load(publish_as=None)
    assert {row.state for row in by_reference().values()} == {State.SUBMITTED}
