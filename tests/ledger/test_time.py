"""A clock that is wrong dates nothing: it is refused until an administrator says which is right."""

from datetime import timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command

from commitments import ledger
from commitments.choices import Action
from commitments.exceptions import NotPermitted, TimeRefused, TrackerError
from commitments.models import Commitment, Decision, LedgerHead, Plan, ProgressUpdate
from tests.curation.forms import errors, form, page
from tests.factories import OfficeFactory
from tests.steps import (
    NOW,
    confirmed_time,
    draft,
    perform,
    published,
    record_loaded,
    submitted,
)
from tests.verification.tampering import verify

pytestmark = pytest.mark.django_db

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
YEARS = NOW.replace(year=2029)
WRONG = {
    "a head later than the clock": NOW - MINUTE - timedelta(seconds=1),
    "a clock years ahead": YEARS,
}


@pytest.fixture
def waiting(duty, reporter):
    """An update in review, submitted at noon."""
    record_loaded(duty.plan)
    return submitted(duty, reporter)


@pytest.mark.parametrize("at", WRONG.values(), ids=WRONG)
def test_nothing_is_recorded_while_the_clock_and_the_ledger_disagree(
    at, waiting, reviewer, curator, caplog
):
    with pytest.raises(TimeRefused, match="Nothing can be recorded until"):
        perform(waiting, Action.PUBLISH, reviewer, at)
    assert ProgressUpdate.objects.get().state == "submitted"
    assert LedgerHead.objects.get().seq == Decision.objects.count() == 2
    [line] = [record for record in caplog.records if record.levelname == "CRITICAL"]
    assert "Refused: the clock says" in line.getMessage()


@pytest.mark.parametrize(
    "at", [NOW - MINUTE, NOW, NOW + 400 * DAY], ids=["a minute", "none", "400 days"]
)
def test_small_differences_and_quiet_years_are_accepted(at, waiting, reviewer):
    update = perform(waiting, Action.PUBLISH, reviewer, at)
    assert update.published_at == update.changed_at == max(at, NOW)


def test_an_empty_ledger_begins_at_any_time(plan):
    record_loaded(plan, YEARS)
    assert Decision.objects.get().at == YEARS


def test_a_time_that_ran_ahead_dates_no_later_publication(waiting, duty, reporter, reviewer):
    """The clock is half a year ahead, which nobody can tell, and is then set right."""
    perform(waiting, Action.PUBLISH, reviewer, NOW + 180 * DAY)
    with pytest.raises(TimeRefused):
        published(duty, reporter, reviewer, NOW + DAY)


def test_after_a_confirmation_decisions_have_the_time_of_the_clock_again(
    waiting, duty, reporter, reviewer, administrator
):
    ahead = NOW + 180 * DAY
    perform(waiting, Action.PUBLISH, reviewer, ahead)
    confirmation = confirmed_time(administrator, NOW + DAY)
    assert (confirmation.at, confirmation.role) == (NOW + DAY, "administrator")
    assert confirmation.meta == {"head_at": "2026-12-28T04:00:00.000000Z"}
    assert (confirmation.plan, confirmation.note) == (None, "The clock was wrong.")
    assert published(duty, reporter, reviewer, NOW + DAY).published_at == NOW + DAY
    with time_machine.travel(NOW + DAY):
        assert verify() == []


def test_a_leap_that_is_confirmed_lets_work_go_on(waiting, reviewer, administrator):
    confirmed_time(administrator, YEARS)
    assert perform(waiting, Action.PUBLISH, reviewer, YEARS).published_at == YEARS


def test_readers_learn_of_it(waiting, administrator, api, get_page):
    revision = Plan.objects.get().revision
    confirmed_time(administrator, YEARS, "Nobody reported for two years.")
    assert Plan.objects.get().revision == revision + 1
    with time_machine.travel(YEARS + DAY):
        change = api().get("/api/v1/changes/").json()["results"][-1]
        assert (change["action"], change["plan"]) == ("confirm_time", None)
        assert change["note"] == "Nobody reported for two years."
        page = get_page("/en/PLAN/changes/")
        assert "time of the ledger confirmed" in page.lower()
        assert "Nobody reported for two years." in page
        assert "Nobody reported for two years." in get_page("/en/PLAN/changes.atom")


@pytest.mark.parametrize("who", ["reporter", "reviewer", "curator", "all_rounder"])
def test_only_an_administrator_confirms(who, waiting, request):
    with pytest.raises(NotPermitted, match="Only an administrator"):
        confirmed_time(request.getfixturevalue(who), YEARS)


def test_a_deactivated_administrator_confirms_nothing(waiting, administrator):
    administrator.is_active = False
    with pytest.raises(NotPermitted):
        confirmed_time(administrator, YEARS)


@pytest.mark.parametrize(
    ("at", "reason", "message"),
    [
        (YEARS, " ", "Give a reason."),
        (YEARS, "\u202eoS", "override the direction of text"),
        (NOW + DAY, "So.", "The time needs no confirmation."),
    ],
)
def test_a_confirmation_has_a_reason_and_a_cause(at, reason, message, waiting, administrator):
    with pytest.raises(TrackerError, match=message):
        confirmed_time(administrator, at, reason)
    assert LedgerHead.objects.get().seq == 2


# The interfaces


@pytest.fixture
def years_later():
    with time_machine.travel(YEARS, tick=False):
        yield


def test_the_api_answers_503_and_says_why(waiting, api, reviewer, years_later):
    answer = api(reviewer).post(
        f"/api/v1/updates/{waiting.pk}/publish/",
        headers={"If-Match": f'"{waiting.revision}"'},
    )
    assert (answer.status_code, answer["Retry-After"]) == (503, "600")
    assert "until an administrator confirms that the clock is right" in answer.json()["detail"]


def test_a_curator_keeps_what_was_typed(waiting, duty, signed_in, curator, years_later):
    sent = form(duty, title_en="Another title", reason="Shorter.")
    answer = signed_in(curator).post(page(duty), sent)
    assert "Nothing can be recorded until" in str(errors(answer))
    assert 'value="Another title"' in answer.text
    assert Commitment.objects.get(pk=duty.pk).title["en"] != "Another title"


def test_a_reviewer_is_told(waiting, signed_in, reviewer, years_later):
    address = f"/admin/review/{waiting.pk}/"
    sent = {"expected_revision": waiting.revision, "publish": "1"}
    assert "Nothing can be recorded until" in signed_in(reviewer).post(address, sent).text


def test_a_forum_is_not_deleted_either(waiting, forum, signed_in, curator, years_later):
    address = f"/admin/commitments/forum/{forum.pk}/delete/"
    answer = signed_in(curator).post(address, {"post": "yes", "reason": "Twice."}, follow=True)
    assert "Nothing can be recorded until" in answer.text
    forum.refresh_from_db()


def test_drafts_can_be_written_meanwhile(duty, reporter, waiting):
    assert draft(duty, reporter, YEARS).state == "draft"


def test_the_command_confirms_and_says_what_was(waiting, administrator, capsys, years_later):
    call_command("confirm_time", by="administrator", reason="Two quiet years.")
    assert capsys.readouterr().out == (
        "Confirmed 2029-07-01T04:00:00+00:00; the entry before is of 2026-07-01T04:00:00.000000Z.\n"
    )
    with pytest.raises(CommandError, match="needs no confirmation"):
        call_command("confirm_time", by="administrator", reason="Again.")
    with pytest.raises(CommandError, match="no user “nobody”"):
        call_command("confirm_time", by="nobody", reason="So.")


# Verification


def test_a_head_in_the_future_is_named(waiting):
    with time_machine.travel(NOW - DAY):
        [line] = verify()
    assert line.startswith("head.at: is 2026-07-01 04:00:00+00:00, but the clock says 2026-06-30")


def test_only_a_confirmation_may_be_earlier_than_what_it_follows(waiting, administrator):
    confirmed_time(administrator, NOW - DAY)
    with time_machine.travel(NOW):
        assert verify() == []


def test_a_confirmation_that_names_another_time_before_it_is_named(waiting, administrator):
    confirmed_time(administrator, NOW - DAY)
    ledger.append(
        Action.CONFIRM_TIME,
        at=NOW - 2 * DAY,
        by=administrator,
        role="administrator",
        plan=None,
        meta={"head_at": "2026-06-01T00:00:00.000000Z"},
    )
    with time_machine.travel(NOW):
        assert verify() == [
            "decision 4.meta: names a time other than that of the preceding decision"
        ]


def test_a_confirmation_is_no_refusal_in_the_log(waiting, administrator, caplog):
    confirmed_time(administrator, YEARS)
    assert [line for line in caplog.records if line.levelname == "CRITICAL"] == []


def test_a_curator_who_assigns_offices_is_told(waiting, duty, signed_in, curator, years_later):
    sent = {"action": "assign", "_selected_action": [duty.pk], "reason": "So."}
    sent["lead_office"] = OfficeFactory(code="DESK").pk
    answer = signed_in(curator).post("/admin/commitments/commitment/", sent)
    assert "Nothing can be recorded until" in answer.text
    assert Commitment.objects.get(pk=duty.pk).lead_office is None
