"""Who may have got a mail is told of what makes it wrong, and nobody is told twice or never."""

import re
from copy import deepcopy
from datetime import UTC, datetime, timedelta

import pytest

from commitments.curation.report_calls import withdraw_call
from commitments.importing import plan_dump, plan_load
from commitments.models import Follower, Following, Mail
from commitments.notify import due, hold_after_restore, send_due, sending
from tests.notify import test_calls, test_meeting_reminders
from tests.notify.readers import READER, SITE
from tests.notify.test_calls import CALLED, readers
from tests.notify.test_meeting_reminders import BEFORE, DAY, change
from tests.steps import NOW, published

pytestmark = pytest.mark.django_db

# Their fixtures: a meeting near enough to be told of, and a call for reports.
meeting, reminders = test_meeting_reminders.meeting, test_meeting_reminders.reminders
people, call = test_calls.people, test_calls.call

MINUTE = timedelta(minutes=1)
MAILS = "/admin/commitments/mail/"


@pytest.fixture
def answers_lost(monkeypatch):
    """Let the mail server take each mail and its answer be lost, until `answers_lost()`."""
    send = sending._Connection.send

    def lost(self, message):
        send(self, message)
        raise TimeoutError("timed out")

    monkeypatch.setattr(sending._Connection, "send", lost)
    return lambda: monkeypatch.setattr(sending._Connection, "send", send)


def subjects(mails):
    return sorted(mail.subject.split(":")[0] for mail in mails)


def test_a_dropped_reminder_that_was_held_counts_as_told(
    meeting,
    reminders,
    signed_in,
    administrator,
    time_machine,
):
    due.put_what_is_due(BEFORE)
    hold_after_restore(BEFORE)
    time_machine.move_to(BEFORE, tick=False)
    held = list(Mail.objects.held().values_list("pk", flat=True))
    signed_in(administrator).post(MAILS, {"action": "drop_held", "_selected_action": held})
    assert set(Mail.objects.values_list("state", "error")) == {("dropped", "Held after a restore")}
    change(meeting, cancelled=True)
    assert set(subjects(reminders(BEFORE + DAY))) == {"Cancelled"}


def test_a_reminder_whose_answer_was_lost_counts_as_told(
    meeting,
    sends_mail,
    mailoutbox,
    answers_lost,
):
    send_due(lambda: BEFORE)
    assert mailoutbox
    answers_lost()
    mailoutbox.clear()
    change(meeting, cancelled=True)
    send_due(lambda: BEFORE + 20 * MINUTE)
    send_due(lambda: BEFORE + DAY)
    assert set(subjects(mailoutbox)) == {"Cancelled"}


def test_so_does_one_whose_sender_was_killed_while_the_server_took_it(
    meeting,
    sends_mail,
    mailoutbox,
    monkeypatch,
):
    def killed(self, message):
        raise KeyboardInterrupt

    monkeypatch.setattr(sending._Connection, "send", killed)
    with pytest.raises(KeyboardInterrupt):
        send_due(lambda: BEFORE)
    monkeypatch.undo()
    assert "The mail server has not answered." in Mail.objects.values_list("error", flat=True)
    assert Mail.objects.may_have_arrived().count() == 1


def test_a_reminder_that_nobody_has_got_makes_no_news(meeting, sends_mail, mailoutbox):
    due.put_what_is_due(BEFORE)
    change(meeting, cancelled=True)
    send_due(lambda: BEFORE + DAY)
    assert mailoutbox == []
    assert set(Mail.objects.values_list("state", "error")) == {("dropped", "")}


def test_a_call_whose_answer_was_lost_is_withdrawn_by_mail(
    call,
    curator,
    mailoutbox,
    sends_mail,
    answers_lost,
):
    send_due(lambda: CALLED)
    told = readers(mailoutbox)
    answers_lost()
    mailoutbox.clear()
    withdraw_call(call, by=curator, at=CALLED + 2 * MINUTE, reason="By mistake.")
    send_due(lambda: CALLED + 30 * MINUTE)
    assert readers(mailoutbox) == told
    assert subjects(mailoutbox) == ["Call for reports withdrawn"] * len(told)


@pytest.mark.parametrize("ahead", [0, 1])
def test_after_a_clock_that_was_a_day_ahead_followers_hear_of_each_day(
    ahead, following, duty, reporter, reviewer, sent
):
    following()
    published(duty, reporter, reviewer, at=NOW + MINUTE)
    morning = datetime(2026, 7, 2, 7, 0, tzinfo=UTC)
    assert len(sent(morning + ahead * DAY)) == 1
    published(duty, reporter, reviewer, at=morning + timedelta(hours=3))
    told = [mail for days in range(1, 6) for mail in sent(morning + days * DAY)]
    assert len(told) == 1


# Goals that an amendment removes


def without_goal(document, number):
    amended = deepcopy(document)
    amended["goals"] = [row for row in amended["goals"] if row["number"] != number]
    for row in amended["commitments"]:
        if row.get("goal") == number:
            del row["goal"]
            row.pop("goal_reason", None)
        supported = row.get("supporting_goals", [])
        row["supporting_goals"] = [other for other in supported if other != number]
    return amended


@pytest.fixture
def followed(record, client, sends_mail, sent, time_machine):
    """`followed(path)` follows and confirms what this page of the plan is about, and returns the
    address of the reader's page."""

    def followed(path):
        time_machine.move_to(NOW + MINUTE, tick=False)
        client.post(f"/en/{record.duty.plan.code}/{path}follow/", {"email": READER})
        body = sent(NOW + MINUTE)[-1].body
        page = re.findall(rf"{SITE}(/\S*/following/\S*)", body)[0]
        client.post(page, {"confirm": Following.objects.unconfirmed().get().pk})
        return page

    return followed


@pytest.mark.long
@pytest.mark.usefixtures("built_record")
def test_a_goal_that_is_removed_is_followed_no_longer(record, curator, client, followed):
    plan = record.duty.plan
    followed("goals/6/")
    page = followed("")
    document = plan_dump.plan_document(plan)
    plan_load.amend_plan(without_goal(document, 6), reason="Merged.", by=curator, at=NOW + DAY)
    assert Following.objects.get().subject_type == "plan"
    assert "your address is deleted" not in client.get(page).text
    page = client.post(page, {"end_all": "1"}).text
    assert "your address is deleted" in page
    assert not Follower.objects.exists()


@pytest.mark.long
@pytest.mark.usefixtures("built_record")
def test_what_is_no_longer_public_can_still_be_ended(record, client, followed):
    page = followed("goals/6/")
    Following.objects.update(subject_key="99")
    text = client.get(page).text
    assert "99 (no longer public)" in text
    assert "your address is deleted" not in text
    client.post(page, {"end": Following.objects.get().pk})
    assert not Follower.objects.exists()
