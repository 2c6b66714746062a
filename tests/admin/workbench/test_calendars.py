"""A person's own calendar: what is in it, who reads it, and how its address ends."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from icalendar import Calendar

from commitments.access import rate_limits
from commitments.curation.report_calls import ask_for_reports, report_nothing_new
from commitments.models import CalendarAddress, Commitment, MailPreference
from tests.factories import (
    LONG_AGO,
    CommitmentFactory,
    MeetingFactory,
    MilestoneFactory,
    OfficeFactory,
)
from tests.steps import NOW, edited, published, record_loaded
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]

PAGE = "/admin/calendar/"


@pytest.fixture
def address(signed_in, colleague):
    """The path of the calendar of a reporter who is a member of the office."""
    client = signed_in(colleague)
    client.post(PAGE, {"renew": "1"})
    found = client.get(PAGE).context["address"].removeprefix("http://testserver")
    client.logout()
    return found


@pytest.fixture
def events(client):
    """`events(path)` returns the days of the entries of a calendar, by their titles."""

    def read(path):
        answer = client.get(path)
        assert answer.status_code == 200
        rows = Calendar.from_ical(answer.content).walk("VEVENT")
        return {str(row["summary"]): row.decoded("dtstart") for row in rows}

    return read


def test_it_has_the_meetings_deadlines_and_duties_of_ones_office(
    events, address, office, office_duty, duty, deliverable, colleague, reviewer
):
    meeting = MeetingFactory(papers_due_on=date(2026, 7, 15))
    meeting.offices.add(office)
    MeetingFactory(title=en_zh("Of others")).offices.add(OfficeFactory())
    MilestoneFactory(commitment=office_duty, title=en_zh("Adopt the rules"))
    MilestoneFactory(commitment=duty, title=en_zh("Step of others"))
    facts = {"effective_on": date(2026, 5, 1), "status": "active"}
    published(office_duty, colleague, reviewer, **facts)
    code = meeting.forum.code
    words = f"{office_duty.code} {office_duty.title['en']}"
    assert events(address) == {
        f"{code}: Seventh session": date(2026, 8, 3),
        f"Papers due: {code}: Seventh session": date(2026, 7, 15),
        f"Milestone: {office_duty.code} Adopt the rules": date(2026, 6, 30),
        f"Assessment due: {words}": date(2026, 5, 1) + timedelta(days=366),
    }


def test_it_has_the_deadlines_of_calls_that_the_person_has_not_answered(
    events, address, office_duty, colleague, curator
):
    office_duty.plan.commitments.exclude(pk=office_duty.pk).delete()
    ask_for_reports(office_duty.plan, by=curator, at=NOW, due_on=date(2026, 7, 15))
    title = "Reports due: PLAN A plan"
    assert events(address) == {title: date(2026, 7, 15)}
    report_nothing_new(office_duty, by=colleague, at=NOW)
    assert title not in events(address)


def test_curators_have_the_meetings_to_which_no_reporter_goes(
    events, signed_in, client, curator, colleague, office
):
    """They are reminded of these."""
    User.objects.filter(pk=colleague.pk).update(email="colleague@example.org")
    attended = MeetingFactory(title=en_zh("Of an office"))
    attended.offices.add(office)
    unattended = MeetingFactory(title=en_zh("Of nobody"))
    client = signed_in(curator)
    client.post(PAGE, {"renew": "1"})
    found = client.get(PAGE).context["address"].removeprefix("http://testserver")
    assert events(found) == {f"{unattended.forum.code}: Of nobody": date(2026, 8, 3)}
    office.members.remove(colleague)
    assert len(events(found)) == 2


def test_an_assessment_that_lapses_for_want_of_an_action_is_due_that_day(
    events, address, office_duty, colleague, reviewer
):
    acted_on, moved_to = date(2024, 6, 1), date(2024, 1, 1)
    event = published(office_duty, colleague, reviewer, effective_on=acted_on)
    facts = {"status": "active", "effective_on": date(2026, 5, 1), "covers_from": acted_on}
    facts |= {"rests_on": [event.pk], "event_type": None, "evidence": [], "findings": {}}
    published(office_duty, colleague, reviewer, **facts)
    published(office_duty, colleague, reviewer, corrects=event, effective_on=moved_to)
    title = f"Assessment due: {office_duty.code} {office_duty.title['en']}"
    assert events(address) == {title: moved_to + timedelta(days=3 * 365 + 1)}


def test_a_due_date_is_in_it_until_the_commitment_is_done(
    events, address, office, deliverable, colleague, reviewer
):
    Commitment.objects.filter(pk=deliverable.pk).update(lead_office=office, due_on="2026-12-31")
    title = f"Due: {deliverable.code} {deliverable.title['en']}"
    assert events(address) == {title: date(2026, 12, 31)}
    deliverable.refresh_from_db()
    published(deliverable, colleague, reviewer, status="completed")
    assert events(address) == {}


@pytest.mark.long
def test_what_has_not_changed_looks_unchanged_to_programs(
    client, address, office, deliverable, colleague, reviewer, curator, time_machine
):
    """The stamps are those of the last change on record, the number is that of the changes."""
    record_loaded(deliverable.plan)
    deliverable.lead_office, deliverable.due_on = office, date(2026, 12, 31)
    edited(deliverable, curator, NOW)
    MilestoneFactory(commitment=deliverable, title=en_zh("Adopt the rules"))
    published(deliverable, colleague, reviewer, status="started", effective_on=date(2026, 5, 1))

    def read():
        rows = Calendar.from_ical(client.get(address).content).walk("VEVENT")
        return {
            str(row["summary"]).partition(":")[0]: (row.decoded("dtstamp"), row["sequence"])
            for row in rows
        }

    before = read()
    assert before == {
        "Due": (NOW, 0),
        "Assessment due": (NOW, 0),
        "Milestone": (LONG_AGO, 0),
    }
    later = NOW + timedelta(days=2)
    time_machine.move_to(later, tick=False)
    assert read() == before
    deliverable.refresh_from_db()
    deliverable.due_on = date(2027, 1, 31)
    edited(deliverable, curator, later)
    published(deliverable, colleague, reviewer, later, status="started")
    assert read() == {**before, "Due": (later, 1), "Assessment due": (later, 1)}
    much_later = later + timedelta(days=2)
    time_machine.move_to(much_later, tick=False)
    plan = deliverable.plan
    plan.review_interval_days -= 1
    edited(plan, curator, much_later)
    assert read() == {**before, "Due": (later, 1), "Assessment due": (much_later, 2)}
    plan.review_interval_days += 1
    edited(plan, curator, much_later)
    assert read()["Assessment due"] == (much_later, 3)


@pytest.mark.long
def test_it_takes_as_many_queries_for_many_commitments_as_for_one(
    client, address, office, plan, colleague, reviewer, django_assert_num_queries
):
    for number in range(4, 10):
        row = CommitmentFactory(
            plan=plan, number=f"1.{number}", position=number, lead_office=office
        )
        MilestoneFactory(commitment=row)
        published(row, colleague, reviewer, status="active")
        if number in (4, 9):
            with django_assert_num_queries(14):
                client.get(address)


def test_a_program_reads_it_without_signing_in_and_keeps_no_copy(client, address):
    answer = client.get(address)
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert "ETag" not in answer.headers
    assert not answer.cookies


def test_it_says_nothing_that_is_for_staff_only(client, address, office, office_duty):
    meeting = MeetingFactory(asks=en_zh("Ask for a seat."))
    meeting.offices.add(office)
    content = client.get(address).content.decode()
    assert "seat" not in content
    assert "Seventh session" in content


def test_it_is_in_the_language_of_ones_messages(events, address, office, colleague):
    MailPreference.objects.create(user=colleague, language="zh-hans")
    meeting = MeetingFactory()
    meeting.offices.add(office)
    assert f"{meeting.forum.code}：第七届会议" in events(address)


@pytest.mark.parametrize("lost", ["account", "role", "office"])
def test_it_ends_with_the_account_and_follows_what_one_may_see(
    client, events, address, office, colleague, lost
):
    MeetingFactory().offices.add(office)
    match lost:
        case "account":
            User.objects.filter(pk=colleague.pk).update(is_active=False)
        case "role":
            colleague.groups.clear()
        case "office":
            office.members.clear()
    if lost == "office":
        assert events(address) == {}
    else:
        assert client.get(address).status_code == 404


def test_a_new_address_ends_the_old_one(client, signed_in, colleague, address):
    signed_in(colleague).post(PAGE, {"renew": "1"})
    client.logout()
    assert client.get(address).status_code == 404
    renewed = signed_in(colleague).get(PAGE).context["address"]
    client.logout()
    assert client.get(renewed).status_code == 200
    signed_in(colleague).post(PAGE, {"end": "1"})
    client.logout()
    assert client.get(renewed).status_code == 404
    assert not CalendarAddress.objects.exists()


def test_nobody_guesses_the_address_of_another_person(client, address, reviewer):
    token = address.removeprefix(PAGE).removesuffix(".ics")
    person, _, signed = token.partition("-")
    key, _, signature = signed.partition(":")
    for guess in (
        f"{reviewer.pk}-{signed}",
        f"{person}-{'a' * len(key)}:{signature}",
        f"{person}-{key}",
        "x",
        f"x-{signed}",
    ):
        path = reverse("admin:calendar", args=[guess])
        assert client.get(path).status_code == 404, guess


def test_the_database_alone_does_not_give_the_address(client, address, settings):
    settings.SECRET_KEY = "another"
    assert client.get(address).status_code == 404


def test_it_is_read_so_often_and_no_more(client, address, monkeypatch):
    monkeypatch.setattr(rate_limits, "MAX_CALENDAR_READINGS", 2)
    answers = [client.get(address) for _number in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1].headers["Retry-After"] == "3600"


@pytest.mark.long
def test_the_desk_leads_to_it_and_a_person_without_a_role_has_none(
    read, signed_in, reporter, visitor
):
    assert f'href="{PAGE}"' in read(reporter, "/admin/")
    assert "Your calendar has no address yet." in read(reporter, PAGE)
    answer = signed_in(visitor).post(PAGE, {"renew": "1"})
    assert not CalendarAddress.objects.exists()
    assert "/login/" in answer.get("Location", "/login/")


def test_it_takes_as_many_queries_for_ten_meetings_as_for_one(
    client, address, office, office_duty, django_assert_max_num_queries
):
    for _number in range(10):
        MeetingFactory(papers_due_on=NOW.date()).offices.add(office)
        MilestoneFactory(commitment=office_duty)
    with django_assert_max_num_queries(14):
        client.get(address)
