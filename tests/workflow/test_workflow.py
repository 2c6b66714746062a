"""The actions of the workflow: effects, requirements and refusals."""

from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest

from commitments import workflow
from commitments.choices import Action, Kind, Role, State, Status
from commitments.exceptions import ActionRefused, NotPermitted, StaleRevision
from commitments.models import Commitment, Evidence, Plan, ProgressUpdate
from tests.documents import everything
from tests.factories import CommitmentFactory, UserFactory
from tests.steps import (
    INTERNAL,
    NOW,
    REPORT,
    STATEMENT,
    draft,
    perform,
    published,
    retracted,
    returned,
    submitted,
)

LATER = NOW + timedelta(days=40)
ARCHIVED = "https://archive.example.org/1"


@contextmanager
def refused(error):
    """Check that the block raises the error with a sentence and changes nothing."""
    before = everything()
    with pytest.raises(error) as caught:
        yield caught
    assert everything() == before
    assert str(caught.value).endswith(".")


def fresh(update):
    return ProgressUpdate.objects.get(pk=update.pk)


def actions_on(update):
    return list(update.decisions.order_by("seq").values_list("action", flat=True))


def revision_of(plan):
    return Plan.objects.get(pk=plan.pk).revision


@pytest.fixture
def step(duty, reporter, reviewer, curator, other_reporter):
    """`step(action)` returns an update on which the action is possible, a person who may perform
    it, and its details."""

    def ready(action):
        match action:
            case Action.SUBMIT | Action.DISCARD:
                return draft(duty, reporter), reporter, {}
            case Action.RECALL:
                return submitted(duty, reporter), reporter, {}
            case Action.RETURN:
                return submitted(duty, reporter), reviewer, {"note": "Which meeting?"}
            case Action.PUBLISH:
                return submitted(duty, reporter), reviewer, {}
            case Action.RETRACT:
                return published(duty, reporter, reviewer), reviewer, {"note": "Wrong body."}
            case Action.ARCHIVE:
                update = published(duty, reporter, reviewer, evidence=[STATEMENT])
                link = update.evidence.get().pk
                return update, reviewer, {"evidence": link, "archived_url": ARCHIVED}
            case Action.REASSIGN:
                update = draft(duty, reporter)
                reporter.is_active = False
                reporter.save()
                return update, curator, {"note": "The author left.", "to": other_reporter}

    return ready


ACTIONS = [
    # action, state afterwards, role that the ledger records
    (Action.SUBMIT, State.SUBMITTED, Role.REPORTER),
    (Action.RECALL, State.DRAFT, Role.REPORTER),
    (Action.DISCARD, State.DISCARDED, Role.REPORTER),
    (Action.RETURN, State.RETURNED, Role.REVIEWER),
    (Action.PUBLISH, State.PUBLISHED, Role.REVIEWER),
    (Action.RETRACT, State.RETRACTED, Role.REVIEWER),
    (Action.ARCHIVE, State.PUBLISHED, Role.REVIEWER),
    (Action.REASSIGN, State.DRAFT, Role.CURATOR),
]
EVERY_ACTION = [action for action, _state, _role in ACTIONS]


# Each action


@pytest.mark.parametrize(("action", "state", "role"), ACTIONS)
def test_an_action_moves_the_update_and_leaves_one_decision(step, action, state, role):
    update, actor, details = step(action)
    before, decisions = fresh(update).revision, update.decisions.count()
    perform(update, action, actor, LATER, **details)
    after = fresh(update)
    assert (after.state, after.revision, after.changed_at) == (state, before + 1, LATER)
    assert update.decisions.count() == decisions + 1
    last = update.decisions.latest("seq")
    assert (last.action, last.role, last.actor, last.at) == (action, role, actor, LATER)
    assert last.note == details.get("note", "")


def test_perform_returns_the_update_as_stored(duty, reporter):
    update = perform(draft(duty, reporter), Action.SUBMIT, reporter)
    assert (update.state, update.revision) == (State.SUBMITTED, fresh(update).revision)


def test_a_returned_update_can_be_submitted_again_or_discarded(duty, reporter, reviewer):
    update = returned(duty, reporter, reviewer)
    assert perform(update, Action.SUBMIT, reporter).state == State.SUBMITTED
    update = returned(duty, reporter, reviewer)
    assert perform(update, Action.DISCARD, reporter).state == State.DISCARDED


def test_a_curator_discards_what_others_wrote_in_that_role(duty, reporter, curator):
    update = perform(draft(duty, reporter), Action.DISCARD, curator)
    assert update.decisions.get().role == Role.CURATOR


def test_publishing_records_publisher_time_and_the_day_in_the_plans_time_zone(
    duty, reporter, reviewer
):
    half_past_midnight_in_shanghai = datetime(2026, 7, 1, 16, 30, tzinfo=UTC)
    update = submitted(duty, reporter)
    perform(update, Action.PUBLISH, reviewer, half_past_midnight_in_shanghai)
    update = fresh(update)
    assert update.publisher == reviewer
    assert update.published_at == half_past_midnight_in_shanghai
    assert update.published_on == date(2026, 7, 2)
    assert update.effective_on == date(2026, 7, 1)


def test_retracting_records_when_and_keeps_what_was_published(duty, reporter, reviewer):
    update = published(duty, reporter, reviewer)
    perform(update, Action.RETRACT, reviewer, LATER, note="Wrong body.")
    update = fresh(update)
    assert update.retracted_at == LATER
    assert (update.published_at, update.summary["en"]) == (NOW, "A meeting was held.")


def test_a_superseded_update_can_be_retracted_and_keeps_both_times(duty, reporter, reviewer):
    original = published(duty, reporter, reviewer)
    published(duty, reporter, reviewer, corrects=original)
    perform(original, Action.RETRACT, reviewer, LATER, note="Wrong body.")
    original = fresh(original)
    assert (original.superseded_at, original.retracted_at) == (NOW, LATER)


def test_archiving_adds_an_address_beside_the_original_and_publishes_it(step):
    update, reviewer, details = step(Action.ARCHIVE)
    perform(update, Action.ARCHIVE, reviewer, **details)
    link = update.evidence.get()
    assert (link.url, link.archived_url) == ("https://example.org/statement", ARCHIVED)
    meta = update.decisions.latest("seq").meta
    assert meta == {"evidence": link.pk, "archived_url": ARCHIVED}


@pytest.mark.parametrize(
    "address",
    ["", "archive.example.org", "ftp://example.org/1", "https://me:secret@example.org/1"],
)
def test_an_archived_address_is_a_web_address(step, address):
    update, reviewer, details = step(Action.ARCHIVE)
    with refused(ActionRefused) as caught:
        perform(update, Action.ARCHIVE, reviewer, **details | {"archived_url": address})
    assert [problem.path for problem in caught.value.problems] == [("archived_url",)]


def test_only_a_public_link_of_this_very_update_is_archived(duty, reporter, reviewer):
    internal_link = {**STATEMENT, "public": False}
    update = published(duty, reporter, reviewer, evidence=[REPORT, internal_link])
    published(duty, reporter, reviewer, evidence=[STATEMENT])  # the link of another update
    for evidence in (*Evidence.objects.values_list("pk", flat=True), None):
        with refused(ActionRefused) as caught:
            perform(update, Action.ARCHIVE, reviewer, evidence=evidence, archived_url=ARCHIVED)
        assert [problem.path for problem in caught.value.problems] == [("evidence",)]


def test_a_reassigned_draft_has_a_new_author_and_keeps_the_former_one_as_editor(
    step, reporter, other_reporter
):
    update, curator, details = step(Action.REASSIGN)
    perform(update, Action.REASSIGN, curator, **details)
    assert fresh(update).author == other_reporter
    assert set(update.editors.all()) == {reporter, other_reporter}
    assert perform(update, Action.SUBMIT, other_reporter).state == State.SUBMITTED


def test_a_draft_is_reassigned_only_to_somebody_who_may_report(
    step, visitor, reviewer, reporter, duty, office
):
    update, curator, details = step(Action.REASSIGN)
    for to in (visitor, reviewer, reporter, None, "other_reporter"):
        with refused(ActionRefused) as caught:
            perform(update, Action.REASSIGN, curator, **details | {"to": to})
        assert [problem.path for problem in caught.value.problems] == [("to",)]
    duty.lead_office = office
    duty.save()
    with refused(ActionRefused):
        perform(update, Action.REASSIGN, curator, **details)


def test_a_draft_of_an_active_author_is_not_reassigned(duty, reporter, curator, other_reporter):
    update = draft(duty, reporter)
    with refused(NotPermitted):
        perform(update, Action.REASSIGN, curator, note="Busy.", to=other_reporter)


# What every action requires


@pytest.mark.parametrize("note", ["", "  \n"])
@pytest.mark.parametrize("action", [Action.RETURN, Action.RETRACT, Action.REASSIGN])
def test_an_action_that_needs_a_note_is_refused_without_one(step, action, note):
    update, actor, details = step(action)
    with refused(ActionRefused) as caught:
        perform(update, action, actor, **details | {"note": note})
    assert [problem.path for problem in caught.value.problems] == [("note",)]


@pytest.mark.parametrize("action", EVERY_ACTION)
def test_a_note_that_reads_otherwise_than_it_is_recorded_is_refused(step, action):
    update, actor, details = step(action)
    with refused(ActionRefused) as caught:
        perform(update, action, actor, **details | {"note": "See \u202egnp.exe"})
    assert ("note",) in [problem.path for problem in caught.value.problems]


@pytest.mark.parametrize("action", EVERY_ACTION)
@pytest.mark.parametrize("off_by", [-1, 1])
def test_an_action_on_another_revision_is_refused(step, action, off_by):
    update, actor, details = step(action)
    expected_revision = fresh(update).revision + off_by
    with refused(StaleRevision):
        workflow.perform(
            update, action, by=actor, at=NOW, expected_revision=expected_revision, **details
        )


def test_a_reviewer_does_not_publish_what_was_changed_since_it_was_read(duty, reporter, reviewer):
    update = submitted(duty, reporter)
    revision_read = fresh(update).revision
    perform(update, Action.RECALL, reporter)
    period = {"status": Status.INACTIVE, "covers_from": date(2026, 1, 1)}
    workflow.edit_draft(fresh(update), by=reporter, at=NOW, **period)
    perform(update, Action.SUBMIT, reporter)
    with refused(StaleRevision):
        workflow.perform(
            update, Action.PUBLISH, by=reviewer, at=NOW, expected_revision=revision_read
        )


def test_a_second_publication_of_the_same_update_is_refused(
    duty, reporter, reviewer, other_reviewer
):
    update = submitted(duty, reporter)
    expected_revision = fresh(update).revision
    workflow.perform(
        update, Action.PUBLISH, by=reviewer, at=NOW, expected_revision=expected_revision
    )
    with refused(ActionRefused):
        workflow.perform(
            update, Action.PUBLISH, by=other_reviewer, at=NOW, expected_revision=expected_revision
        )


def test_an_edit_of_another_revision_is_refused(duty, reporter):
    update = draft(duty, reporter)
    with refused(StaleRevision):
        workflow.edit_draft(
            update, by=reporter, at=NOW, expected_revision=update.revision - 1, external_ref="a-1"
        )
    edited = workflow.edit_draft(
        update, by=reporter, at=NOW, expected_revision=update.revision, external_ref="a-1"
    )
    assert edited.revision == update.revision + 1


@pytest.mark.parametrize("action", [Action.SUPERSEDE, Action.LOAD, Action.AMEND])
def test_superseding_and_the_actions_on_plans_cannot_be_requested(
    action, duty, reporter, reviewer, administrator
):
    update = published(duty, reporter, reviewer)
    before = everything()
    with pytest.raises(ActionRefused, match="cannot be requested directly"):
        perform(update, action, administrator, note="Because.")
    assert everything() == before


@pytest.mark.parametrize("action", EVERY_ACTION)
def test_a_deactivated_person_is_refused(step, action):
    update, actor, details = step(action)
    actor.is_active = False
    actor.save()
    with refused(NotPermitted):
        perform(update, action, actor, **details)


def test_what_lacks_its_evidence_is_not_submitted(duty, reporter):
    update = draft(duty, reporter, status=Status.ACTIVE, evidence=[INTERNAL])
    with refused(ActionRefused) as caught:
        perform(update, Action.SUBMIT, reporter)
    assert [problem.path for problem in caught.value.problems] == [("evidence",)]


def test_what_no_longer_fits_when_it_is_to_be_published_is_refused(duty, reporter, reviewer):
    update = submitted(duty, reporter, status=Status.ACTIVE)
    Commitment.objects.filter(pk=duty.pk).update(kind=Kind.DELIVERABLE)
    with refused(ActionRefused) as caught:
        perform(update, Action.PUBLISH, reviewer)
    paths = [problem.path for problem in caught.value.problems]
    assert paths == [("status",), ("covers_from",)]


def test_a_refusal_names_the_action_the_update_and_who_may(duty, reporter, reviewer):
    update = draft(duty, reporter)
    with pytest.raises(NotPermitted) as caught:
        perform(update, Action.PUBLISH, reporter)
    assert str(caught.value) == (
        f"Update {update.pk}: “Publish” is reserved for a reviewer who neither wrote, edited nor "
        "submitted it, and whose account was not made or given access by anybody who did."
    )
    with pytest.raises(ActionRefused) as caught:
        perform(update, Action.PUBLISH, reviewer)
    assert str(caught.value) == (
        f"Update {update.pk} is “Draft”; “Publish” is only possible from: In review."
    )


# Persons


def test_a_member_of_a_lead_or_supporting_office_submits_a_colleagues_draft(
    duty, office_duty, office, colleague
):
    author = UserFactory(username="author", roles=[Role.REPORTER])
    office.members.add(author)
    duty.supporting_offices.add(office)
    for commitment in (office_duty, duty):
        update = perform(draft(commitment, author), Action.SUBMIT, colleague)
        assert (update.state, update.author) == (State.SUBMITTED, author)


def test_where_no_office_is_concerned_only_the_author_submits(duty, reporter, colleague):
    update = draft(duty, reporter)
    with refused(NotPermitted):
        perform(update, Action.SUBMIT, colleague)


def test_a_colleague_neither_recalls_nor_discards(office_duty, office, colleague):
    author = UserFactory(username="author", roles=[Role.REPORTER])
    office.members.add(author)
    update = submitted(office_duty, author)
    with refused(NotPermitted):
        perform(update, Action.RECALL, colleague)
    perform(update, Action.RECALL, author)
    with refused(NotPermitted):
        perform(update, Action.DISCARD, colleague)


# The plan's revision, on which caches depend


def test_public_actions_raise_the_plans_revision_and_internal_ones_do_not(step, plan):
    public = {Action.PUBLISH, Action.RETRACT, Action.ARCHIVE}
    other = CommitmentFactory().plan
    for action in EVERY_ACTION:
        update, actor, details = step(action)
        before = revision_of(plan)
        perform(update, action, actor, **details)
        assert (revision_of(plan) > before) == (action in public), action
    assert revision_of(other) == 1


def test_writing_a_draft_does_not_move_the_plans_revision(plan, duty, reporter):
    workflow.edit_draft(draft(duty, reporter), by=reporter, at=NOW, status=Status.INACTIVE)
    assert revision_of(plan) == 1


def test_a_tombstone_never_comes_back(duty, reporter, reviewer, curator):
    update = retracted(duty, reporter, reviewer)
    assert actions_on(update) == ["submit", "publish", "retract"]
    for action in EVERY_ACTION:
        for person in (reporter, reviewer, curator):
            with refused((NotPermitted, ActionRefused)):
                perform(update, action, person, note="Once more.")
