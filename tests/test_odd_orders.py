"""Acts in odd orders, and what the public is then told: of the commitment, of its updates, and of
what was known before, between and after the acts."""

from datetime import date, timedelta

import pytest
import time_machine

from commitments import workflow
from commitments.choices import Action, Role, State
from commitments.exceptions import InvalidUpdate, NotPermitted, StaleRevision, TransitionRefused
from commitments.models import Decision, ProgressUpdate
from tests.factories import UserFactory
from tests.steps import NOW, TODAY, act, draft, published, returned, submitted

pytestmark = pytest.mark.alike

HOUR, TICK = timedelta(hours=1), timedelta(microseconds=1)
MARCH, APRIL, MAY, JUNE = (date(2026, month, 1) for month in (3, 4, 5, 6))
LATER = NOW + 30 * timedelta(days=1)
UNASSESSED = ("unassessed", None, set())
WRONG = "It was wrong."


def fresh(update):
    return ProgressUpdate.objects.get(pk=update.pk)


class Reader:
    """Somebody without an account, who asks a month later; knows the updates by name."""

    def __init__(self, client, updates):
        self.client, self.names = client, {update.pk: name for name, update in updates.items()}

    def get(self, path, **query):
        with time_machine.travel(LATER, tick=False):
            answer = self.client.get(f"/api/v1/{path}", query)
        assert answer.status_code == 200, (path, query, answer.content)
        return answer.json()

    def told(self, **clock):
        """Status, the update that claims it, and what counts: alike wherever it is asked."""
        clock = {name: value.isoformat() for name, value in clock.items()}
        row = self.get("commitments/PLAN-1.1/", **clock)
        assert [row] == self.get("commitments/", **clock)["results"]
        status = row["status"]
        counts = self.get("status/", plan="PLAN", **clock)["total"]["standing"]["counts"]
        assert {code for code, number in counts.items() if number} == {status["code"]}
        listed = self.get("updates/", **clock)["results"]
        if not clock:
            listed = [item for item in listed if item["state"] == State.PUBLISHED]
        assert row["updates"] == len(listed)
        counting = {self.names[item["id"]] for item in listed}
        return status["code"], self.names.get(status["update"]), counting

    def listed(self):
        """Everything public, with its state; tombstones are bare, all else speaks."""
        states = {}
        for row in self.get("updates/")["results"]:
            assert row == self.get(f"updates/{row['id']}/")
            retracted = row["state"] == State.RETRACTED
            assert (row["summary"]["en"] == "", row["evidence"] == []) == (retracted, retracted)
            states[self.names[row["id"]]] = row["state"]
        return states

    def was_told(self, *told):
        """Pairs of a moment and what was known from then on; before the first, nothing was."""
        said = UNASSESSED
        for moment, then in told:
            assert self.told(known_at=moment - TICK) == said
            assert self.told(known_at=moment) == self.told(known_at=moment + TICK) == then
            said = then
        assert self.told() == self.told(known_at=LATER) == self.told(as_of=TODAY) == said


@pytest.fixture
def reads(api, duty):
    """`reads(first=…, second=…)`: the public, who calls these updates so."""
    return lambda **updates: Reader(api(), updates)


@pytest.fixture
def publishes(duty, reporter, reviewer):
    """`publishes("active", hours, corrects=…)`: on the duty, so many hours later."""

    def publishes(status, hours=0, **fields):
        at = NOW + hours * HOUR
        return published(duty, reporter, reviewer, at, status=status, **fields)

    return publishes


@pytest.fixture
def retracts(reviewer):
    def retracts(update, hours):
        return act(update, Action.RETRACT, reviewer, NOW + hours * HOUR, note=WRONG)

    return retracts


# Corrections


def test_a_correction_of_a_correction(reads, publishes):
    first = publishes("active")
    second = publishes("inactive", 1, corrects=first)
    third = publishes("partly_active", 2, corrects=second)
    public = reads(first=first, second=second, third=third)
    public.was_told(
        (NOW, ("active", "first", {"first"})),
        (NOW + HOUR, ("inactive", "second", {"second"})),
        (NOW + 2 * HOUR, ("partly_active", "third", {"third"})),
    )
    assert public.listed() == {"first": "superseded", "second": "superseded", "third": "published"}


def test_of_two_corrections_of_one_update_the_second_is_refused_and_the_first_stays(
    api, reads, publishes, duty, reporter, reviewer
):
    wrong = publishes("active")
    winner = submitted(duty, reporter, NOW, status="inactive", corrects=wrong)
    loser = submitted(duty, reporter, NOW, status="contrary", corrects=wrong)
    act(winner, Action.PUBLISH, reviewer, NOW + HOUR)
    decisions = Decision.objects.count()
    with pytest.raises(TransitionRefused) as refusal:
        act(loser, Action.PUBLISH, reviewer, NOW + HOUR)
    assert [problem.path for problem in refusal.value.problems] == [("corrects",)]
    assert (fresh(loser).state, Decision.objects.count()) == (State.SUBMITTED, decisions)
    public = reads(wrong=wrong, winner=winner, loser=loser)
    public.was_told(
        (NOW, ("active", "wrong", {"wrong"})), (NOW + HOUR, ("inactive", "winner", {"winner"}))
    )
    assert public.listed() == {"wrong": "superseded", "winner": "published"}
    assert api().get(f"/api/v1/updates/{loser.pk}/").status_code == 404


def test_retracting_the_original_after_its_correction_leaves_the_correction(
    reads, publishes, retracts
):
    wrong = publishes("active")
    right = publishes("inactive", 1, corrects=wrong)
    retracts(wrong, 2)
    public = reads(wrong=wrong, right=right)
    public.was_told(
        (NOW, ("active", "wrong", {"wrong"})),
        (NOW + HOUR, ("inactive", "right", {"right"})),
        (NOW + 2 * HOUR, ("inactive", "right", {"right"})),
    )
    assert public.listed() == {"wrong": "retracted", "right": "published"}


def test_retracting_a_correction_does_not_revive_the_original(reads, publishes, retracts):
    older = publishes("partly_active", effective_on=MAY)
    wrong = publishes("active")
    right = publishes("inactive", 1, corrects=wrong)
    retracts(right, 2)
    public = reads(older=older, wrong=wrong, right=right)
    public.was_told(
        (NOW, ("active", "wrong", {"older", "wrong"})),
        (NOW + HOUR, ("inactive", "right", {"older", "right"})),
        (NOW + 2 * HOUR, ("partly_active", "older", {"older"})),
    )
    assert public.listed() == {"older": "published", "wrong": "superseded", "right": "retracted"}


def test_retracting_original_and_correction_in_either_order_leaves_nothing(
    reads, publishes, retracts
):
    wrong = publishes("active")
    right = publishes("inactive", 1, corrects=wrong)
    retracts(right, 2)
    retracts(wrong, 3)
    public = reads(wrong=wrong, right=right)
    public.was_told(
        (NOW, ("active", "wrong", {"wrong"})),
        (NOW + HOUR, ("inactive", "right", {"right"})),
        (NOW + 2 * HOUR, UNASSESSED),
        (NOW + 3 * HOUR, UNASSESSED),
    )
    assert public.listed() == {"wrong": "retracted", "right": "retracted"}


def test_the_end_of_a_chain_of_corrections_is_retracted_and_none_of_the_chain_comes_back(
    reads, publishes, retracts
):
    first = publishes("active")
    second = publishes("inactive", 1, corrects=first)
    third = publishes("partly_active", 2, corrects=second)
    retracts(second, 3)
    retracts(third, 4)
    public = reads(first=first, second=second, third=third)
    public.was_told(
        (NOW, ("active", "first", {"first"})),
        (NOW + HOUR, ("inactive", "second", {"second"})),
        (NOW + 2 * HOUR, ("partly_active", "third", {"third"})),
        (NOW + 3 * HOUR, ("partly_active", "third", {"third"})),
        (NOW + 4 * HOUR, UNASSESSED),
    )


def test_what_was_retracted_meanwhile_is_not_corrected_but_the_update_can_stand_alone(
    api, reads, publishes, retracts, duty, reporter, reviewer
):
    wrong = publishes("active")
    right = submitted(duty, reporter, NOW, status="inactive", corrects=wrong)
    retracts(wrong, 1)
    headers = {"If-Match": f'"{fresh(right).revision}"'}
    with time_machine.travel(NOW + 2 * HOUR, tick=False):
        answer = api(reviewer).post(f"/api/v1/updates/{right.pk}/publish/", headers=headers)
    assert answer.status_code == 409
    [error] = answer.json()["errors"]
    assert error["pointer"] == "#/corrects"
    assert str(wrong.pk) in error["detail"]
    with pytest.raises(InvalidUpdate):  # and no further correction of it is begun
        draft(duty, reporter, NOW + 2 * HOUR, corrects=wrong)
    act(right, Action.RECALL, reporter, NOW + 2 * HOUR)
    workflow.write(fresh(right), by=reporter, at=NOW + 2 * HOUR, corrects=None)
    act(right, Action.SUBMIT, reporter, NOW + 2 * HOUR)
    act(right, Action.PUBLISH, reviewer, NOW + 3 * HOUR)
    public = reads(wrong=wrong, right=right)
    public.was_told(
        (NOW, ("active", "wrong", {"wrong"})),
        (NOW + HOUR, UNASSESSED),
        (NOW + 3 * HOUR, ("inactive", "right", {"right"})),
    )
    assert public.listed() == {"wrong": "retracted", "right": "published"}
    assert public.get(f"updates/{right.pk}/")["corrects"] is None


def test_a_correction_with_an_earlier_date_leaves_the_days_after_to_what_is_left(reads, publishes):
    middle = publishes("partly_active", effective_on=MAY)
    wrong = publishes("active", effective_on=JUNE)
    right = publishes("inactive", 1, effective_on=APRIL, corrects=wrong)
    public = reads(middle=middle, wrong=wrong, right=right)
    public.was_told(
        (NOW, ("active", "wrong", {"middle", "wrong"})),
        (NOW + HOUR, ("partly_active", "middle", {"middle", "right"})),
    )
    assert public.told(as_of=APRIL) == ("inactive", "right", {"right"})
    assert public.told(as_of=MARCH) == UNASSESSED
    assert public.told(as_of=APRIL, known_at=NOW) == UNASSESSED
    assert public.told(as_of=MAY, known_at=NOW) == ("partly_active", "middle", {"middle"})
    assert public.told(as_of=JUNE, known_at=NOW) == ("active", "wrong", {"middle", "wrong"})


def test_a_correction_without_a_status_takes_the_claim_away(reads, publishes):
    older = publishes("inactive", effective_on=MAY)
    wrong = publishes("active", effective_on=JUNE)
    right = publishes(None, 1, effective_on=JUNE, corrects=wrong)
    public = reads(older=older, wrong=wrong, right=right)
    public.was_told(
        (NOW, ("active", "wrong", {"older", "wrong"})),
        (NOW + HOUR, ("inactive", "older", {"older", "right"})),
    )
    assert public.told(as_of=JUNE, known_at=NOW) == ("active", "wrong", {"older", "wrong"})


# Days and moments


def test_a_backdated_publication_never_displaces_a_later_date(reads, publishes):
    june = publishes("active", effective_on=JUNE)
    april = publishes("inactive", 1, effective_on=APRIL)
    public = reads(june=june, april=april)
    public.was_told(
        (NOW, ("active", "june", {"june"})), (NOW + HOUR, ("active", "june", {"june", "april"}))
    )
    assert public.told(as_of=MAY) == ("inactive", "april", {"april"})
    assert public.told(as_of=MAY, known_at=NOW) == UNASSESSED
    assert public.told(as_of=MAY, known_at=NOW + HOUR) == ("inactive", "april", {"april"})


def test_of_equal_days_the_later_publication_counts_whichever_was_written_first(
    reads, duty, reporter, reviewer
):
    one, two = (submitted(duty, reporter, status=status) for status in ("active", "inactive"))
    act(two, Action.PUBLISH, reviewer, NOW + HOUR)
    act(one, Action.PUBLISH, reviewer, NOW + 2 * HOUR)
    reads(one=one, two=two).was_told(
        (NOW + HOUR, ("inactive", "two", {"two"})),
        (NOW + 2 * HOUR, ("active", "one", {"one", "two"})),
    )


@pytest.mark.parametrize("behind", [timedelta(), HOUR], ids=["one moment", "a clock gone back"])
def test_of_equal_days_and_moments_the_higher_id_counts(reads, duty, reporter, reviewer, behind):
    """A clock that is behind the ledger's last entry publishes at the time of that entry."""
    one, two = (submitted(duty, reporter, status=status) for status in ("active", "inactive"))
    act(two, Action.PUBLISH, reviewer, NOW + HOUR)
    act(one, Action.PUBLISH, reviewer, NOW + HOUR - behind)
    assert fresh(one).published_at == fresh(two).published_at == NOW + HOUR
    both = {"one", "two"}
    reads(one=one, two=two).was_told((NOW + HOUR, ("inactive", "two", both)))


def test_what_is_published_and_retracted_in_one_instant_was_never_known(reads, publishes, retracts):
    gone = publishes("active")
    retracts(gone, 0)
    public = reads(gone=gone)
    public.was_told((NOW, UNASSESSED))
    assert public.listed() == {"gone": "retracted"}


def test_what_is_published_and_corrected_in_one_instant_was_never_known(reads, publishes):
    wrong = publishes("active")
    right = publishes("inactive", corrects=wrong)
    public = reads(wrong=wrong, right=right)
    public.was_told((NOW, ("inactive", "right", {"right"})))
    assert public.listed() == {"wrong": "superseded", "right": "published"}


# People who leave, and races lost


def test_an_author_who_leaves_stops_neither_publication_nor_retraction(
    reads, duty, reporter, reviewer, retracts
):
    update = submitted(duty, reporter, status="active")
    reporter.is_active = False
    reporter.save()
    with pytest.raises(NotPermitted):
        act(update, Action.RECALL, reporter)
    act(update, Action.PUBLISH, reviewer, NOW)
    retracts(update, 1)
    public = reads(update=update)
    public.was_told((NOW, ("active", "update", {"update"})), (NOW + HOUR, UNASSESSED))
    assert public.listed() == {"update": "retracted"}


def test_a_publication_of_what_was_recalled_since_is_refused(reads, duty, reporter, reviewer):
    update = submitted(duty, reporter, status="active")
    seen = fresh(update).revision
    act(update, Action.RECALL, reporter)
    with pytest.raises(TransitionRefused):
        workflow.perform(update, Action.PUBLISH, by=reviewer, at=NOW, seen=seen)
    act(update, Action.SUBMIT, reporter)
    with pytest.raises(StaleRevision):  # though nothing in it was changed
        workflow.perform(update, Action.PUBLISH, by=reviewer, at=NOW, seen=seen)
    public = reads(update=update)
    assert (public.told(), public.listed()) == (UNASSESSED, {})


def test_a_recall_of_what_was_published_since_is_refused(reads, duty, reporter, reviewer):
    update = submitted(duty, reporter, status="active")
    seen = fresh(update).revision
    act(update, Action.PUBLISH, reviewer)
    for shown in (seen, fresh(update).revision):
        with pytest.raises(TransitionRefused):
            workflow.perform(update, Action.RECALL, by=reporter, at=NOW, seen=shown)
    reads(update=update).was_told((NOW, ("active", "update", {"update"})))


@pytest.mark.parametrize("by", ["reporter", "curator"])
def test_a_returned_update_that_is_discarded_never_shows(
    api, reads, duty, reporter, reviewer, curator, other_reviewer, by
):
    update = returned(duty, reporter, reviewer, status="active")
    act(update, Action.DISCARD, {"reporter": reporter, "curator": curator}[by], NOW + HOUR)
    public = reads(update=update)
    assert (public.told(), public.listed()) == (UNASSESSED, {})
    clients = [api(person) for person in (None, other_reviewer, reporter, reviewer, curator)]
    answers = [client.get(f"/api/v1/updates/{update.pk}/").status_code for client in clients]
    assert answers == [404, 404, 200, 200, 200]
    with pytest.raises(TransitionRefused):
        act(update, Action.SUBMIT, reporter, NOW + HOUR)


def test_neither_author_of_what_was_handed_over_ever_reviews_it(
    api, reads, duty, all_rounder, curator, reviewer
):
    heir = UserFactory(roles=[Role.REPORTER, Role.REVIEWER])
    update = draft(duty, all_rounder, status="active")
    all_rounder.is_active = False
    all_rounder.save()
    act(update, Action.REASSIGN, curator, NOW, to=heir, note="The author has left.")
    act(update, Action.SUBMIT, heir, NOW)
    all_rounder.is_active = True
    all_rounder.save()
    public = reads(update=update)
    assert (public.told(), public.listed()) == (UNASSESSED, {})
    headers = {"If-Match": f'"{fresh(update).revision}"'}
    for person in (all_rounder, heir):
        for action in ("publish", "return"):
            address = f"/api/v1/updates/{update.pk}/{action}/"
            body = {"note": "Seen."}
            answer = api(person).post(address, body, format="json", headers=headers)
            assert answer.status_code == 403, (person, action)
    act(update, Action.PUBLISH, reviewer, NOW + HOUR)
    public.was_told((NOW + HOUR, ("active", "update", {"update"})))
