"""Actions in odd orders, and what the API then gives the public: the status, the updates, and the
status as it was public before, between and after the actions.

A quick run asks the API after some of them; the status alone, and who may act, are tested in
`models/test_current_assessment.py` and `access/test_four_eyes.py`.
"""

from datetime import date, timedelta

import pytest
import time_machine

from commitments import workflow
from commitments.choices import Action, Role, State
from commitments.exceptions import ActionRefused, InvalidInput, NotPermitted, StaleRevision
from commitments.models import Decision, ProgressUpdate
from tests.factories import UserFactory
from tests.steps import NOW, draft, perform, returned, submitted
from tests.workflow.reader import UNASSESSED

pytestmark = [pytest.mark.alike, pytest.mark.sampled]

HOUR = timedelta(hours=1)
MARCH, APRIL, MAY, JUNE = (date(2026, month, 1) for month in (3, 4, 5, 6))


def fresh(update):
    return ProgressUpdate.objects.get(pk=update.pk)


# Corrections


@pytest.mark.long
def test_a_correction_of_a_correction(reader_of, publish):
    first = publish("active")
    second = publish("inactive", 1, corrects=first)
    third = publish("partly_active", 2, corrects=second)
    public = reader_of(first=first, second=second, third=third)
    public.check_history(
        (NOW, ("active", "first", {"first"})),
        (NOW + HOUR, ("inactive", "second", {"second"})),
        (NOW + 2 * HOUR, ("partly_active", "third", {"third"})),
    )
    assert public.states() == {"first": "superseded", "second": "superseded", "third": "published"}


@pytest.mark.long
def test_of_two_corrections_of_one_update_the_second_is_refused_and_the_first_stays(
    api, reader_of, publish, duty, reporter, reviewer
):
    wrong = publish("active")
    winner = submitted(duty, reporter, NOW, status="inactive", corrects=wrong)
    loser = submitted(duty, reporter, NOW, status="contrary", corrects=wrong)
    perform(winner, Action.PUBLISH, reviewer, NOW + HOUR)
    decisions = Decision.objects.count()
    with pytest.raises(ActionRefused) as refusal:
        perform(loser, Action.PUBLISH, reviewer, NOW + HOUR)
    assert [problem.path for problem in refusal.value.problems] == [("corrects",)]
    assert (fresh(loser).state, Decision.objects.count()) == (State.SUBMITTED, decisions)
    public = reader_of(wrong=wrong, winner=winner, loser=loser)
    public.check_history(
        (NOW, ("active", "wrong", {"wrong"})), (NOW + HOUR, ("inactive", "winner", {"winner"}))
    )
    assert public.states() == {"wrong": "superseded", "winner": "published"}
    assert api().get(f"/api/v1/updates/{loser.pk}/").status_code == 404


@pytest.mark.long
def test_retracting_the_original_after_its_correction_leaves_the_correction(
    reader_of, publish, retract
):
    wrong = publish("active")
    right = publish("inactive", 1, corrects=wrong)
    retract(wrong, 2)
    public = reader_of(wrong=wrong, right=right)
    public.check_history(
        (NOW, ("active", "wrong", {"wrong"})),
        (NOW + HOUR, ("inactive", "right", {"right"})),
        (NOW + 2 * HOUR, ("inactive", "right", {"right"})),
    )
    assert public.states() == {"wrong": "retracted", "right": "published"}


@pytest.mark.long
def test_retracting_a_correction_does_not_revive_the_original(reader_of, publish, retract):
    older = publish("partly_active", effective_on=MAY)
    wrong = publish("active")
    right = publish("inactive", 1, corrects=wrong)
    retract(right, 2)
    public = reader_of(older=older, wrong=wrong, right=right)
    public.check_history(
        (NOW, ("active", "wrong", {"older", "wrong"})),
        (NOW + HOUR, ("inactive", "right", {"older", "right"})),
        (NOW + 2 * HOUR, ("partly_active", "older", {"older"})),
    )
    assert public.states() == {"older": "published", "wrong": "superseded", "right": "retracted"}


@pytest.mark.long
def test_retracting_original_and_correction_in_either_order_leaves_nothing(
    reader_of, publish, retract
):
    wrong = publish("active")
    right = publish("inactive", 1, corrects=wrong)
    retract(right, 2)
    retract(wrong, 3)
    public = reader_of(wrong=wrong, right=right)
    public.check_history(
        (NOW, ("active", "wrong", {"wrong"})),
        (NOW + HOUR, ("inactive", "right", {"right"})),
        (NOW + 2 * HOUR, UNASSESSED),
        (NOW + 3 * HOUR, UNASSESSED),
    )
    assert public.states() == {"wrong": "retracted", "right": "retracted"}


@pytest.mark.long
def test_the_end_of_a_chain_of_corrections_is_retracted_and_none_of_the_chain_comes_back(
    reader_of, publish, retract
):
    first = publish("active")
    second = publish("inactive", 1, corrects=first)
    third = publish("partly_active", 2, corrects=second)
    retract(second, 3)
    retract(third, 4)
    public = reader_of(first=first, second=second, third=third)
    public.check_history(
        (NOW, ("active", "first", {"first"})),
        (NOW + HOUR, ("inactive", "second", {"second"})),
        (NOW + 2 * HOUR, ("partly_active", "third", {"third"})),
        (NOW + 3 * HOUR, ("partly_active", "third", {"third"})),
        (NOW + 4 * HOUR, UNASSESSED),
    )


@pytest.mark.long
def test_what_was_retracted_meanwhile_is_not_corrected_but_the_update_can_be_published_alone(
    api, reader_of, publish, retract, duty, reporter, reviewer
):
    wrong = publish("active")
    right = submitted(duty, reporter, NOW, status="inactive", corrects=wrong)
    retract(wrong, 1)
    headers = {"If-Match": f'"{fresh(right).revision}"'}
    with time_machine.travel(NOW + 2 * HOUR, tick=False):
        answer = api(reviewer).post(f"/api/v1/updates/{right.pk}/publish/", headers=headers)
    assert answer.status_code == 409
    [error] = answer.json()["errors"]
    assert error["pointer"] == "#/corrects"
    assert str(wrong.pk) in error["detail"]
    with pytest.raises(InvalidInput):  # nor can another correction of it be drafted
        draft(duty, reporter, NOW + 2 * HOUR, corrects=wrong)
    perform(right, Action.RECALL, reporter, NOW + 2 * HOUR)
    workflow.edit_draft(fresh(right), by=reporter, at=NOW + 2 * HOUR, corrects=None)
    perform(right, Action.SUBMIT, reporter, NOW + 2 * HOUR)
    perform(right, Action.PUBLISH, reviewer, NOW + 3 * HOUR)
    public = reader_of(wrong=wrong, right=right)
    public.check_history(
        (NOW, ("active", "wrong", {"wrong"})),
        (NOW + HOUR, UNASSESSED),
        (NOW + 3 * HOUR, ("inactive", "right", {"right"})),
    )
    assert public.states() == {"wrong": "retracted", "right": "published"}
    assert public.get(f"updates/{right.pk}/")["corrects"] is None


@pytest.mark.long
def test_a_correction_with_an_earlier_date_leaves_the_days_after_to_what_is_left(
    reader_of, publish
):
    middle = publish("partly_active", effective_on=MAY)
    wrong = publish("active", effective_on=JUNE)
    right = publish("inactive", 1, effective_on=APRIL, corrects=wrong)
    public = reader_of(middle=middle, wrong=wrong, right=right)
    public.check_history(
        (NOW, ("active", "wrong", {"middle", "wrong"})),
        (NOW + HOUR, ("partly_active", "middle", {"middle", "right"})),
    )
    assert public.status(as_of=APRIL) == ("inactive", "right", {"right"})
    assert public.status(as_of=MARCH) == UNASSESSED
    assert public.status(as_of=APRIL, known_at=NOW) == UNASSESSED
    assert public.status(as_of=MAY, known_at=NOW) == ("partly_active", "middle", {"middle"})
    assert public.status(as_of=JUNE, known_at=NOW) == ("active", "wrong", {"middle", "wrong"})


@pytest.mark.long
def test_a_correction_without_a_status_takes_the_assessment_away(reader_of, publish):
    older = publish("inactive", effective_on=MAY)
    wrong = publish("active", effective_on=JUNE)
    right = publish(None, 1, effective_on=JUNE, corrects=wrong)
    public = reader_of(older=older, wrong=wrong, right=right)
    public.check_history(
        (NOW, ("active", "wrong", {"older", "wrong"})),
        (NOW + HOUR, ("inactive", "older", {"older", "right"})),
    )
    assert public.status(as_of=JUNE, known_at=NOW) == ("active", "wrong", {"older", "wrong"})


# Authors who leave, and outdated requests


@pytest.mark.long
def test_an_author_who_leaves_stops_neither_publication_nor_retraction(
    reader_of, duty, reporter, reviewer, retract
):
    update = submitted(duty, reporter, status="active")
    reporter.is_active = False
    reporter.save()
    with pytest.raises(NotPermitted):
        perform(update, Action.RECALL, reporter)
    perform(update, Action.PUBLISH, reviewer, NOW)
    retract(update, 1)
    public = reader_of(update=update)
    public.check_history((NOW, ("active", "update", {"update"})), (NOW + HOUR, UNASSESSED))
    assert public.states() == {"update": "retracted"}


def test_a_publication_of_what_was_recalled_since_is_refused(reader_of, duty, reporter, reviewer):
    update = submitted(duty, reporter, status="active")
    expected_revision = fresh(update).revision
    perform(update, Action.RECALL, reporter)
    with pytest.raises(ActionRefused):
        workflow.perform(
            update, Action.PUBLISH, by=reviewer, at=NOW, expected_revision=expected_revision
        )
    perform(update, Action.SUBMIT, reporter)
    with pytest.raises(StaleRevision):  # although its content is unchanged
        workflow.perform(
            update, Action.PUBLISH, by=reviewer, at=NOW, expected_revision=expected_revision
        )
    public = reader_of(update=update)
    assert (public.status(), public.states()) == (UNASSESSED, {})


@pytest.mark.long
def test_a_recall_of_what_was_published_since_is_refused(reader_of, duty, reporter, reviewer):
    update = submitted(duty, reporter, status="active")
    expected_revision = fresh(update).revision
    perform(update, Action.PUBLISH, reviewer)
    for revision in (expected_revision, fresh(update).revision):
        with pytest.raises(ActionRefused):
            workflow.perform(update, Action.RECALL, by=reporter, at=NOW, expected_revision=revision)
    reader_of(update=update).check_history((NOW, ("active", "update", {"update"})))


@pytest.mark.long
@pytest.mark.parametrize("by", ["reporter", "curator"])
def test_a_returned_update_that_is_discarded_is_never_public(
    api, reader_of, duty, reporter, reviewer, curator, other_reviewer, by
):
    update = returned(duty, reporter, reviewer, status="active")
    perform(update, Action.DISCARD, {"reporter": reporter, "curator": curator}[by], NOW + HOUR)
    public = reader_of(update=update)
    assert (public.status(), public.states()) == (UNASSESSED, {})
    clients = [api(person) for person in (None, other_reviewer, reporter, reviewer, curator)]
    codes = [client.get(f"/api/v1/updates/{update.pk}/").status_code for client in clients]
    assert codes == [404, 404, 200, 200, 200]
    with pytest.raises(ActionRefused):
        perform(update, Action.SUBMIT, reporter, NOW + HOUR)


@pytest.mark.long
def test_neither_author_of_what_was_handed_over_ever_reviews_it(
    api, reader_of, duty, all_rounder, curator, reviewer
):
    heir = UserFactory(roles=[Role.REPORTER, Role.REVIEWER])
    update = draft(duty, all_rounder, status="active")
    all_rounder.is_active = False
    all_rounder.save()
    perform(update, Action.REASSIGN, curator, NOW, to=heir, note="The author has left.")
    perform(update, Action.SUBMIT, heir, NOW)
    all_rounder.is_active = True
    all_rounder.save()
    public = reader_of(update=update)
    assert (public.status(), public.states()) == (UNASSESSED, {})
    headers = {"If-Match": f'"{fresh(update).revision}"'}
    for person in (all_rounder, heir):
        for action in ("publish", "return"):
            address = f"/api/v1/updates/{update.pk}/{action}/"
            body = {"note": "Seen."}
            answer = api(person).post(address, body, format="json", headers=headers)
            assert answer.status_code == 403, (person, action)
    perform(update, Action.PUBLISH, reviewer, NOW + HOUR)
    public.check_history((NOW + HOUR, ("active", "update", {"update"})))
