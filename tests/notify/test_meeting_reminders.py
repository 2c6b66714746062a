"""Reminders of meetings: to whom, when, and never twice."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command

from commitments.choices import Action, Role
from commitments.curation.meetings import answer_nothing_to_report, mark_changed
from commitments.models import Mail, MailPreference, Meeting
from commitments.notify import due, hold_after_restore
from commitments.workflow.work_queue import FOLLOW_UP_DAYS, PREPARE_DAYS
from tests.factories import LONG_AGO, MeetingFactory, OfficeFactory, UserFactory
from tests.steps import draft, perform, published, submitted
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

HELD = date(2026, 8, 20)
SITE = "https://tracker.example.org"
CHANGED = "Changed: FORUM Seventh session"
DAY = timedelta(days=1)


def at(day):
    """The time of a run on a day."""
    return datetime(day.year, day.month, day.day, 8, tzinfo=UTC)


PAPERS_DUE = HELD - DAY
BEFORE, AFTER = at(PAPERS_DUE - PREPARE_DAYS), at(HELD + FOLLOW_UP_DAYS)


@pytest.fixture
def meeting(office, office_duty, forum, colleague, reviewer, with_addresses):
    """A meeting of a forum of the office's duty, to which the office goes: a reporter and somebody
    else are its members."""
    with_addresses(colleague, reviewer)
    office.members.add(reviewer)
    User.objects.update(date_joined=LONG_AGO)
    MailPreference.objects.create(user=colleague, language="en", digest="never")
    office_duty.partnerships.create(forum=forum)
    row = MeetingFactory(forum=forum, starts_on=HELD, papers_due_on=PAPERS_DUE)
    row.offices.add(office)
    return row


@pytest.fixture
def reminders(sent):
    """`reminders(time)` returns the mails of a run that are no digest."""

    def run(time):
        return [mail for mail in sent(time) if "Your desk" not in mail.subject]

    return run


@pytest.mark.long
def test_who_goes_and_reports_is_reminded_30_days_before_and_once(meeting, reminders):
    assert reminders(BEFORE - DAY) == []
    [mail] = reminders(BEFORE)
    assert mail.to == ["colleague@example.org"]
    assert mail.subject == "Prepare: FORUM Seventh session, 20 August 2026"
    assert "Papers due on 19 August 2026" in mail.body
    assert f"{SITE}/admin/meetings/{meeting.pk}/" in mail.body
    assert [reminders(BEFORE + number * DAY) for number in range(3)] == [[], [], []]


def test_whoever_has_to_hand_in_papers_long_before_is_reminded_before_these_are_due(
    meeting, reminders
):
    Meeting.objects.update(papers_due_on=HELD - 60 * DAY)
    assert reminders(at(HELD - (91 * DAY))) == []
    [mail] = reminders(at(HELD - 90 * DAY))
    assert "Papers due on 21 June 2026" in mail.body
    assert reminders(at(HELD - PREPARE_DAYS)) == []


def test_papers_that_should_be_there_already_are_not_announced(meeting, reminders):
    Meeting.objects.update(papers_due_on=HELD - 60 * DAY)
    [mail] = reminders(at(HELD - 10 * DAY))
    assert "Papers were due on 21 June 2026" in mail.body


def test_a_meeting_that_is_entered_after_its_papers_were_due_is_reminded_of_at_once(
    meeting, reminders
):
    Meeting.objects.update(papers_due_on=HELD - 90 * DAY)
    [mail] = reminders(at(HELD - 60 * DAY))
    assert "Papers were due on 22 May 2026" in mail.body


@pytest.mark.long
def test_a_missed_run_is_made_up_for_until_the_meeting_begins(meeting, reminders):
    assert len(reminders(at(HELD))) == 1
    Mail.objects.all().delete()
    assert reminders(at(HELD + DAY)) == []


@pytest.mark.long
def test_45_days_after_a_meeting_of_which_nothing_is_recorded_they_are_reminded_once(
    meeting, reminders
):
    assert reminders(AFTER - DAY) == []
    [mail] = reminders(AFTER)
    assert mail.to == ["colleague@example.org"]
    assert mail.subject == "Nothing recorded yet: FORUM Seventh session, 20 August 2026"
    assert f"{SITE}/admin/log/?meeting={meeting.pk}" in mail.body
    assert reminders(AFTER + DAY) == []


@pytest.mark.long
def test_a_missed_run_after_a_meeting_is_made_up_for_within_a_month(meeting, reminders):
    assert len(reminders(AFTER + 30 * DAY)) == 1
    Mail.objects.all().delete()
    assert reminders(AFTER + 31 * DAY) == []


@pytest.mark.parametrize("done", ["logged", "answered", "cancelled"])
def test_after_what_is_settled_nobody_is_reminded(meeting, office_duty, colleague, reminders, done):
    match done:
        case "logged":
            facts = {"effective_on": HELD, "forums": [meeting.forum]}
            submitted(office_duty, colleague, at=at(HELD + DAY), **facts)
        case "answered":
            answer_nothing_to_report(meeting, by=colleague, at=at(HELD + DAY))
        case "cancelled":
            Meeting.objects.update(cancelled=True)
    assert reminders(AFTER) == []


def test_what_was_settled_after_a_reminder_was_put_is_not_sent(meeting, colleague, reminders):
    Mail.objects.post("meeting_over", key="one", at=AFTER, person=colleague, meeting=meeting)
    answer_nothing_to_report(meeting, by=colleague, at=AFTER)
    assert reminders(AFTER) == []
    assert Mail.objects.get(key="one").state == "dropped"


@pytest.mark.parametrize("lost", ["office", "role", "meeting", "notices"])
def test_who_does_not_go_any_more_or_wants_no_notices_gets_none(
    meeting, office, colleague, reminders, lost
):
    Mail.objects.post("meeting_ahead", key="one", at=BEFORE, person=colleague, meeting=meeting)
    match lost:
        case "office":
            office.members.remove(colleague)
        case "role":
            colleague.groups.clear()
        case "meeting":
            meeting.delete()
        case "notices":
            MailPreference.objects.update(notices=False)
    assert reminders(BEFORE) == []
    assert Mail.objects.get(key="one").state == "dropped"


@pytest.fixture
def curators(meeting, office, curator, with_addresses):
    """A curator with an address, and a meeting to which nobody goes who reports."""
    with_addresses(curator)
    User.objects.update(date_joined=LONG_AGO)
    return curator


@pytest.mark.long
@pytest.mark.parametrize("missing", ["offices", "reporters", "addresses"])
def test_if_nobody_goes_who_reports_the_curators_are_reminded(
    meeting, office, colleague, curators, reminders, missing
):
    match missing:
        case "offices":
            meeting.offices.clear()
        case "reporters":
            office.members.remove(colleague)
        case "addresses":
            User.objects.filter(pk=colleague.pk).update(email="")
    ahead, over = reminders(BEFORE), reminders(AFTER)
    assert [mail.to for mail in [*ahead, *over]] == [["curator@example.org"]] * 2
    assert ahead[0].body.startswith(
        "No reporter with an e-mail address goes to this meeting, so curators are asked:\n"
    )
    assert over[0].body.startswith("Nothing is recorded from the meeting yet:\n")
    assert "/admin/log/" not in over[0].body
    for mail in (ahead[0], over[0]):
        assert f"{SITE}/admin/meetings/{meeting.pk}/" in mail.body
    assert reminders(AFTER + DAY) == []


def test_if_somebody_goes_meanwhile_no_curator_is_reminded(
    meeting, office, colleague, curators, reminders
):
    Mail.objects.post("meeting_ahead", key="one", at=BEFORE, person=curators, meeting=meeting)
    assert [mail.to for mail in reminders(BEFORE)] == [["colleague@example.org"]]
    assert Mail.objects.get(key="one").state == "dropped"


@pytest.mark.long
def test_a_meeting_that_is_moved_is_reminded_of_anew(meeting, reminders):
    assert len(reminders(BEFORE)) == 1
    later = HELD + 60 * DAY
    Meeting.objects.update(starts_on=later, ends_on=later, papers_due_on=None)
    [mail] = reminders(BEFORE + DAY)
    assert mail.subject == f"{CHANGED}, 19 October 2026"
    assert reminders(at(later - PREPARE_DAYS) - DAY) == []
    [mail] = reminders(at(later - PREPARE_DAYS))
    assert mail.subject == "Prepare: FORUM Seventh session, 19 October 2026"


def change(meeting, **columns):
    """Save a meeting as the curator's form does."""
    meeting.refresh_from_db()
    for name, value in columns.items():
        setattr(meeting, name, value)
    mark_changed(meeting, BEFORE, was_public=False)
    meeting.save()


@pytest.mark.parametrize(
    ("columns", "subject", "opening", "line"),
    [
        ({"starts_on": HELD - DAY}, f"{CHANGED}, 19 – 20 August 2026", "Days", ""),
        ({"ends_on": HELD + DAY}, f"{CHANGED}, 20 – 21 August 2026", "Days", ""),
        ({"place": en_zh("Geneva")}, "Changed: FORUM", "Days, place or deadline", " · Geneva\n"),
        ({"papers_due_on": HELD}, "Changed: FORUM", "Days", "Papers due on 20 August 2026\n"),
        (
            {"starts_on": HELD + 60 * DAY, "ends_on": HELD + 60 * DAY, "papers_due_on": None},
            f"{CHANGED}, 19 October 2026",
            "Days",
            "",
        ),
        ({"cancelled": True}, "Cancelled: FORUM", "This meeting was cancelled:\n", ""),
    ],
)
def test_who_was_told_of_a_meeting_is_told_of_what_changed(
    meeting, reminders, columns, subject, opening, line
):
    assert len(reminders(BEFORE)) == 1
    change(meeting, **columns)
    [mail] = reminders(BEFORE + DAY)
    assert mail.to == ["colleague@example.org"]
    assert mail.subject.startswith(subject)
    assert mail.body.startswith(opening)
    assert line in mail.body
    assert reminders(BEFORE + 2 * DAY) == []


@pytest.mark.parametrize("cancelled", [True, False])
def test_who_was_told_hears_of_it_though_others_go_now(
    meeting, colleague, other_reporter, with_addresses, reminders, cancelled
):
    reminders(BEFORE)
    with_addresses(other_reporter)
    second = OfficeFactory()
    second.members.add(other_reporter)
    meeting.offices.set([second])
    change(meeting, cancelled=cancelled, ends_on=HELD + DAY)
    told = {mail.to[0]: mail.subject.partition(":")[0] for mail in reminders(BEFORE + DAY)}
    expected = {"colleague@example.org": "Cancelled" if cancelled else "Changed"}
    assert told == expected | ({} if cancelled else {"other_reporter@example.org": "Prepare"})


def test_a_cancellation_after_a_restore_is_told(meeting, reminders):
    """What is held may have been sent before the restore."""
    due.put_what_is_due(BEFORE)
    hold_after_restore(BEFORE)
    change(meeting, cancelled=True)
    [mail] = reminders(BEFORE + DAY)
    assert mail.subject.startswith("Cancelled: ")


def test_what_changed_back_is_told_too(meeting, reminders):
    reminders(BEFORE)
    change(meeting, ends_on=HELD + DAY)
    reminders(BEFORE + DAY)
    change(meeting, ends_on=HELD)
    [mail] = reminders(BEFORE + 2 * DAY)
    assert mail.subject == f"{CHANGED}, 20 August 2026"


def test_what_changed_back_before_anybody_was_told_is_not_told(meeting, reminders):
    reminders(BEFORE)
    change(meeting, cancelled=True)
    due.put_what_is_due(BEFORE + DAY)
    change(meeting, cancelled=False)
    assert reminders(BEFORE + DAY) == []


@pytest.mark.parametrize("told", [True, False])
def test_a_change_of_what_was_not_told_is_no_news(meeting, reminders, told):
    if told:
        reminders(BEFORE)
        change(meeting, title=en_zh("Eighth session"), asks=en_zh("A seat."))
    else:
        change(meeting, cancelled=True)
    assert reminders(BEFORE + DAY) == []


def test_whoever_was_told_of_a_cancelled_meeting_is_asked_again_if_it_takes_place(
    meeting, reminders
):
    reminders(BEFORE)
    change(meeting, cancelled=True)
    reminders(BEFORE + DAY)
    change(meeting, cancelled=False)
    [mail] = reminders(BEFORE + 2 * DAY)
    assert mail.subject.startswith("Changed: ")


@pytest.mark.long
def test_nothing_is_sent_again_after_the_records_of_mails_are_forgotten(
    meeting, reminders, time_machine
):
    """Papers due long before a meeting keep it among those near for months."""
    change(meeting, papers_due_on=HELD - 180 * DAY)
    sent_on = []
    for number in range(300):
        now = at(HELD - (200 - number) * DAY)
        sent_on += [(mail.subject.partition(":")[0], now.date()) for mail in reminders(now)]
        time_machine.move_to(now + timedelta(hours=12), tick=False)
        call_command("forget")
    assert sent_on == [
        ("Prepare", HELD - 200 * DAY),
        ("Nothing recorded yet", HELD + FOLLOW_UP_DAYS),
    ]
    assert not Mail.objects.filter(kind="meeting_over").exists()


@pytest.mark.parametrize("state", ["draft", "retracted"])
def test_what_was_not_reported_is_still_missing(
    meeting, office_duty, colleague, reviewer, reminders, state
):
    facts = {"at": at(HELD + DAY), "effective_on": HELD, "forums": [meeting.forum]}
    if state == "draft":
        draft(office_duty, colleague, **facts)
    else:
        update = published(office_duty, colleague, reviewer, **facts)
        perform(update, Action.RETRACT, reviewer, at=at(HELD + 2 * DAY), note="Wrong meeting.")
    [mail] = [mail for mail in reminders(AFTER) if "Withdrawn" not in mail.subject]
    assert mail.subject.startswith("Nothing recorded yet: ")


def test_a_member_of_two_offices_that_go_gets_one(meeting, colleague, reminders):
    second = OfficeFactory()
    second.members.add(colleague)
    meeting.offices.add(second)
    assert len(reminders(BEFORE)) == 1


def test_the_asks_are_in_no_mail(meeting, reminders):
    Meeting.objects.update(asks=en_zh("Ask for a seat."))
    [mail] = reminders(BEFORE)
    assert "seat" not in mail.body


@pytest.mark.long
def test_the_digest_has_both_prompts(meeting, colleague, sent):
    MailPreference.objects.update(digest="daily", notices=False)
    [mail] = [mail for mail in sent(BEFORE) if mail.to == ["colleague@example.org"]]
    assert "To prepare: meetings and papers due within 30 days (1)" in mail.body
    assert "papers due on 19 August 2026" in mail.body
    assert "Meetings within 90 days" not in mail.body
    [mail] = [mail for mail in sent(at(HELD + DAY)) if mail.to == ["colleague@example.org"]]
    assert "Past meetings without a report (1)" in mail.body
    assert "20 August 2026 · nothing recorded yet: log progress" in mail.body
    assert f"{SITE}/admin/log/?meeting={meeting.pk}" in mail.body


def test_reminders_take_as_many_queries_for_ten_meetings_as_for_one(
    meeting, office, forum, sends_mail, django_assert_max_num_queries
):
    for number in range(10):
        MeetingFactory(forum=forum, starts_on=HELD, papers_due_on=PAPERS_DUE).offices.add(office)
        person = UserFactory(username=f"member{number}", roles=[Role.REPORTER], email="a@b.example")
        office.members.add(person)
    with django_assert_max_num_queries(12):
        due.put_what_is_due(BEFORE)
    assert Mail.objects.filter(kind="meeting_ahead").count() == 11 * 11
