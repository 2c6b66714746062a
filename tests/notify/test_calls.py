"""Calls for reports by mail: to whom, when, never twice, and never to whoever has answered."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.auth.models import User

from commitments.choices import Action, Role
from commitments.curation.report_calls import (
    ask_for_reports,
    move_deadline,
    people_asked,
    report_nothing_new,
    withdraw_call,
)
from commitments.models import Mail, MailPreference
from commitments.notify import due
from commitments.workflow import work_queue
from tests.factories import LONG_AGO, CommitmentFactory, OfficeFactory, PlanFactory, UserFactory
from tests.steps import NOW, draft, perform, retracted, submitted

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

SITE = "https://tracker.example.org"
DEADLINE = date(2026, 7, 15)
DAY = timedelta(days=1)


def at(day):
    """The time of a run on a day."""
    return datetime(day.year, day.month, day.day, 8, tzinfo=UTC)


CALLED, AHEAD, OVER = NOW + timedelta(minutes=1), at(DEADLINE - 3 * DAY), at(DEADLINE + DAY)


@pytest.fixture
def people(plan, duty, office_duty, colleague, reporter, curator, with_addresses):
    """A reporter of the office and one without an office, with a commitment each."""
    with_addresses(colleague, reporter, curator)
    for person in (colleague, reporter, curator):
        MailPreference.objects.create(user=person, language="en", digest="never")
    return colleague, reporter


@pytest.fixture
def call(people, plan, curator):
    return ask_for_reports(plan, by=curator, at=NOW, due_on=DEADLINE, note="For the yearly report.")


def readers(mails):
    return sorted(mail.to[0].partition("@")[0] for mail in mails)


def test_each_reporter_gets_one_mail_with_the_own_commitments_alone(call, sent):
    to_colleague, to_reporter = sorted(sent(CALLED), key=lambda mail: mail.to)
    assert to_reporter.to == ["reporter@example.org"]
    assert to_reporter.subject == "Call for reports by 15 July 2026: PLAN A plan"
    assert to_reporter.body.startswith(
        "Reports on this plan are called for:\n"
        "PLAN A plan\n"
        "Reports due on 15 July 2026\n"
        "Note: For the yearly report.\n"
        "\n"
        "Your commitments without an answer (1):\n"
        "\n"
        "- PLAN-1.1 Take part in the forum\n"
        f"{SITE}/admin/log/PLAN-1.1/\n"
        "\n"
        "If there is nothing new, say so on your desk:\n"
        f"{SITE}/admin/\n"
    )
    assert "Stop these messages: " in to_reporter.body
    assert f"{SITE}/admin/log/PLAN-1.3/" in to_colleague.body
    assert "Your commitments without an answer (2):" in to_colleague.body
    assert "PLAN-1.3" not in to_reporter.body
    assert sent(CALLED + DAY) == []


def test_a_call_that_is_not_made_sends_nothing(people, plan, curator):
    with pytest.raises(Exception, match="No call was sent"):
        ask_for_reports(plan, by=curator, at=NOW, due_on=date(2026, 6, 1))
    assert not Mail.objects.exists()


@pytest.mark.long
def test_two_reminders_follow_three_days_before_the_deadline_and_a_day_after(call, sent):
    sent(CALLED)
    assert sent(AHEAD - DAY) == []
    ahead = sent(AHEAD)
    assert readers(ahead) == ["colleague", "reporter"]
    assert {mail.subject for mail in ahead} == {"Reports due on 15 July 2026: PLAN A plan"}
    assert [sent(AHEAD + number * DAY) for number in range(1, 4)] == [[], [], []]
    over = sent(OVER)
    assert readers(over) == ["colleague", "reporter"]
    assert {mail.subject for mail in over} == {"Reports overdue since 15 July 2026: PLAN A plan"}
    assert all("For the yearly report." in mail.body for mail in [*ahead, *over])
    assert sent(OVER + DAY) == []


@pytest.mark.long
def test_a_deadline_that_is_moved_is_told_and_reminded_of_anew(call, duty, people, curator, sent):
    sent(CALLED)
    sent(AHEAD)
    report_nothing_new(duty, by=people[1], at=AHEAD)
    later = DEADLINE + 14 * DAY
    move_deadline(call, by=curator, at=AHEAD, due_on=later)
    [mail] = sent(AHEAD + timedelta(minutes=1))
    assert mail.to == ["colleague@example.org"]
    assert mail.subject == "Call for reports by 29 July 2026: PLAN A plan"
    # Moved to a near day, the notice is the reminder.
    assert sent(AHEAD + DAY) == []
    assert sent(OVER) == []
    assert [mail.subject for mail in sent(at(later - 3 * DAY))] == [
        "Reports due on 29 July 2026: PLAN A plan"
    ]
    assert [mail.subject for mail in sent(at(later + DAY))] == [
        "Reports overdue since 29 July 2026: PLAN A plan"
    ]


@pytest.mark.long
def test_a_deadline_that_is_moved_back_is_told_and_reminded_of_again(call, curator, sent):
    sent(CALLED)
    assert len(sent(AHEAD)) == 2
    for day, hours in ((DEADLINE + 14 * DAY, 1), (DEADLINE + 9 * DAY, 2), (DEADLINE, 3)):
        move_deadline(call, by=curator, at=AHEAD - 5 * DAY + timedelta(hours=hours), due_on=day)
    mails = sent(AHEAD)
    assert {mail.subject for mail in mails} == {"Reports due on 15 July 2026: PLAN A plan"}
    assert readers(mails) == ["colleague", "reporter"]


def test_a_deadline_that_is_moved_to_a_near_day_is_told_once(call, people, curator, sent):
    sent(CALLED)
    moved = at(DEADLINE - 10 * DAY)
    move_deadline(call, by=curator, at=moved, due_on=(moved + 2 * DAY).date())
    mails = sent(moved + timedelta(hours=1))
    assert readers(mails) == ["colleague", "reporter"]
    assert all(mail.subject.startswith("Call for reports by 7 July 2026") for mail in mails)
    assert [sent(moved + number * DAY) for number in (1, 2)] == [[], []]


def test_missed_runs_are_made_up_for(call, sent):
    sent(CALLED)
    assert readers(sent(at(DEADLINE))) == ["colleague", "reporter"]
    assert readers(sent(OVER + 30 * DAY)) == ["colleague", "reporter"]
    Mail.objects.all().delete()
    assert sent(OVER + 31 * DAY) == []


def test_no_reminder_before_the_deadline_is_sent_after_it(call, sent):
    due.put_what_is_due(AHEAD)
    assert sent(OVER.replace(hour=1)) == []


def test_of_several_that_waited_for_a_server_the_last_one_is_sent(call, sent):
    for day in (AHEAD, OVER):
        due.put_what_is_due(day)
    mails = sent(OVER)
    assert readers(mails) == ["colleague", "reporter"]
    assert {mail.subject.partition(" since")[0] for mail in mails} == {"Reports overdue"}


def test_a_call_with_a_near_deadline_is_its_own_reminder(people, plan, curator, sent):
    ask_for_reports(plan, by=curator, at=NOW, due_on=(NOW + 3 * DAY).date())
    assert len(sent(CALLED)) == 2
    assert [sent(at(NOW.date() + number * DAY)) for number in range(4)] == [[]] * 4


@pytest.mark.parametrize("answer", ["update", "nothing new"])
def test_whoever_has_answered_is_not_reminded(call, duty, people, sent, answer):
    sent(CALLED)
    due.put_what_is_due(AHEAD)
    if answer == "update":
        submitted(duty, people[1], at=AHEAD)
    else:
        report_nothing_new(duty, by=people[1], at=AHEAD)
    assert readers(sent(AHEAD)) == ["colleague"]
    assert Mail.objects.get(kind="call_ahead", person=people[1]).state == "dropped"
    assert readers(sent(OVER)) == ["colleague"]


def test_whoever_has_a_draft_from_before_is_led_to_it(people, duty, plan, curator, sent):
    update = draft(duty, people[1], at=NOW - timedelta(minutes=1))
    ask_for_reports(plan, by=curator, at=NOW, due_on=DEADLINE)
    [mail] = [mail for mail in sent(CALLED) if mail.to == ["reporter@example.org"]]
    assert f"{SITE}/admin/updates/{update.pk}/" in mail.body
    assert "/admin/log/" not in mail.body


@pytest.mark.long
@pytest.mark.parametrize("state", ["begun", "discarded", "recalled", "withdrawn"])
def test_what_nobody_reviews_is_no_answer(call, duty, people, reviewer, sent, state):
    """A draft that somebody began and left lying would silence every reminder."""
    match state:
        case "begun":
            draft(duty, people[1])
        case "discarded":
            perform(draft(duty, people[1]), Action.DISCARD, people[1])
        case "recalled":
            perform(submitted(duty, people[1]), Action.RECALL, people[1])
        case "withdrawn":
            retracted(duty, people[1], reviewer)
    for day in (CALLED, AHEAD, OVER):
        mails = [mail for mail in sent(day) if "Withdrawn" not in mail.subject]
        assert readers(mails) == ["colleague", "reporter"]


def test_a_reminder_is_of_the_days_of_its_plan(plan, people, curator, sent):
    """At eight in the morning of Greenwich it is the day before in Honolulu."""
    type(plan).objects.filter(pk=plan.pk).update(time_zone="Pacific/Honolulu")
    plan.refresh_from_db()
    ask_for_reports(plan, by=curator, at=NOW, due_on=DEADLINE)
    sent(CALLED)
    assert sent(AHEAD) == []
    assert readers(sent(AHEAD + DAY)) == ["colleague", "reporter"]
    assert sent(OVER) == []
    assert readers(sent(OVER + DAY)) == ["colleague", "reporter"]


def test_a_new_call_takes_the_place_of_the_former(call, plan, curator, sent):
    ask_for_reports(plan, by=curator, at=CALLED, due_on=DEADLINE + 30 * DAY)
    mails = sent(CALLED)
    assert readers(mails) == ["colleague", "reporter"]
    assert all("14 August 2026" in mail.subject for mail in mails)
    assert sent(AHEAD) == []
    assert sent(OVER) == []


def test_a_withdrawn_call_is_told_once_to_those_who_were_told_of_it(
    call, duty, people, other_reporter, with_addresses, curator, sent
):
    sent(CALLED)
    # Who has answered was told too; who came since was not.
    report_nothing_new(duty, by=people[1], at=CALLED)
    with_addresses(other_reporter)
    withdraw_call(call, by=curator, at=CALLED + DAY, reason=" It was meant for next year. ")
    mails = sent(CALLED + DAY)
    assert readers(mails) == ["colleague", "reporter"]
    assert {mail.subject for mail in mails} == {"Call for reports withdrawn: PLAN A plan"}
    assert mails[0].body.startswith(
        "This call for reports was withdrawn; nothing needs to be reported on account of it:\n"
        "PLAN A plan\n"
        "Called for on 1 July 2026, due on 15 July 2026\n"
        "Reason: It was meant for next year.\n"
        "\n"
        "--\n"
    )
    withdraw_call(call, by=curator, at=CALLED + 2 * DAY, reason="Again.")
    assert [sent(day) for day in (CALLED + 2 * DAY, AHEAD, OVER)] == [[], [], []]


def test_who_was_not_told_of_a_call_yet_hears_nothing_of_its_withdrawal(call, curator, sent):
    withdraw_call(call, by=curator, at=CALLED, reason="By mistake.")
    assert sent(CALLED) == []
    assert {mail.state for mail in Mail.objects.all()} == {"dropped"}


def test_who_wants_no_notices_hears_nothing_of_a_withdrawal(call, people, curator, sent):
    sent(CALLED)
    MailPreference.objects.filter(user=people[0]).update(notices=False)
    withdraw_call(call, by=curator, at=CALLED, reason="By mistake.")
    assert readers(sent(CALLED)) == ["reporter"]


@pytest.mark.long
def test_with_a_withdrawn_call_the_one_before_it_is_in_force_again(call, plan, curator, sent):
    sent(CALLED)
    second = ask_for_reports(plan, by=curator, at=CALLED, due_on=DEADLINE + 30 * DAY)
    sent(CALLED)
    withdraw_call(second, by=curator, at=CALLED + DAY, reason="By mistake.")
    mails = sent(CALLED + DAY)
    assert readers(mails) == ["colleague", "reporter"]
    assert all(
        "The call of 1 July 2026 is in force again; reports on it are due on 15 July 2026."
        in mail.body
        for mail in mails
    )
    assert readers(sent(AHEAD)) == ["colleague", "reporter"]
    assert readers(sent(OVER)) == ["colleague", "reporter"]
    assert sent(at(DEADLINE + 27 * DAY)) == []


@pytest.mark.parametrize("lost", ["role", "account", "address", "notices", "offices"])
def test_who_may_no_longer_report_or_wants_no_notices_gets_none(
    call, people, duty, office, sent, lost
):
    match lost:
        case "role":
            people[0].groups.clear()
        case "account":
            User.objects.filter(pk=people[0].pk).update(is_active=False)
        case "address":
            User.objects.filter(pk=people[0].pk).update(email="")
        case "notices":
            MailPreference.objects.filter(user=people[0]).update(notices=False)
        case "offices":
            duty.lead_office = office
            duty.save()
            office.members.set([people[1]])
            OfficeFactory().members.add(people[0])
    assert "colleague" not in readers(sent(CALLED))


def test_many_commitments_are_cut(people, plan, office, curator, sent):
    for number in range(4, 40):
        CommitmentFactory(plan=plan, number=f"1.{number}", position=number, lead_office=office)
    ask_for_reports(plan, by=curator, at=NOW, due_on=DEADLINE)
    [mail] = [mail for mail in sent(CALLED) if mail.to == ["colleague@example.org"]]
    assert "Your commitments without an answer (38):" in mail.body
    assert mail.body.count("/admin/log/PLAN-") == 30
    assert "\nand 8 more\n" in mail.body


@pytest.mark.long
def test_those_who_are_asked_are_those_who_find_it_on_their_desks(
    people, plan, office, all_rounder, reviewer, other_reporter, administrator, with_addresses
):
    """In a plan with commitments of offices and without, in one of each alone, and in an empty
    one."""
    second = OfficeFactory()
    member = UserFactory(username="second", roles=[Role.REPORTER])
    keeper = UserFactory(username="keeper", roles=[Role.REPORTER, Role.CURATOR])
    second.members.add(member, keeper)
    everybody = list(User.objects.all())
    with_addresses(*everybody)
    led, free, _empty = (PlanFactory(code=code) for code in ("LED", "FREE", "EMPTY"))
    CommitmentFactory(plan=led, number="1.1").supporting_offices.add(second)
    CommitmentFactory(plan=free, number="1.1")
    plans = list(type(plan).objects.all())
    for row in plans:
        ask_for_reports(row, by=keeper, at=NOW, due_on=DEADLINE)
    found = people_asked([row.pk for row in plans])
    for row in plans:
        asked = {
            person.pk
            for person in everybody
            if work_queue.asked_for(person).filter(plan=row).exists()
        }
        assert found.get(row.pk, set()) == asked, row


@pytest.fixture
def digest_line(call, sent):
    """`digest_line(time)` returns the line on the duty in the digest of a time."""
    MailPreference.objects.update(digest="daily", notices=False)
    User.objects.update(date_joined=LONG_AGO)

    def digest_line(time):
        [mail] = [mail for mail in sent(time) if mail.to == ["reporter@example.org"]]
        return next(row for row in mail.body.splitlines() if row.startswith("- PLAN-1.1"))

    return digest_line


@pytest.mark.long
def test_the_digest_says_what_is_due_and_what_is_overdue(digest_line):
    assert digest_line(at(DEADLINE)).endswith(" · due on 15 July 2026")
    assert digest_line(at(DEADLINE + DAY)).endswith(" · overdue since 15 July 2026")


@pytest.mark.long
def test_the_digest_goes_by_the_day_of_the_plan(digest_line, plan):
    """In Shanghai it is the next day."""
    assert plan.time_zone == "Asia/Shanghai"
    evening = at(DEADLINE).replace(hour=20)
    assert digest_line(evening).endswith(" · overdue since 15 July 2026")


def test_calls_take_as_many_queries_for_many_plans_and_people_as_for_few(
    call, curator, office, django_assert_max_num_queries, django_assert_num_queries
):
    for number in range(5):
        person = UserFactory(username=f"member{number}", roles=[Role.REPORTER], email="a@b.example")
        office.members.add(person)
        plan = PlanFactory(code=f"P{number}")
        CommitmentFactory(plan=plan, number="1.1", lead_office=office)
        with django_assert_num_queries(8):
            ask_for_reports(plan, by=curator, at=NOW, due_on=DEADLINE)
    Mail.objects.all().delete()
    with django_assert_max_num_queries(16):
        due.put_what_is_due(AHEAD)
    assert Mail.objects.filter(kind="call_ahead").count() == 2 + 5 + 5 * 6
