"""Prompts before and after a meeting: who is asked to prepare and to report, until when, and how it
is answered."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import User
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commitments.choices import Action
from commitments.curation.meetings import (
    answer_nothing_to_report,
    mark_changed,
    take_back_nothing_to_report,
)
from commitments.exceptions import InvalidInput, NotPermitted
from commitments.models import Meeting, NothingToReport, Partnership
from commitments.workflow import work_queue
from tests.examples import examples
from tests.factories import CommitmentFactory, MeetingFactory
from tests.steps import NOW, TODAY, draft, perform, published

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]

CALENDAR = "/admin/meetings/"


def to_follow_up(person, day=TODAY):
    return list(work_queue.meetings_around(person, day).over(day).held().unreported())


# What is asked afterwards


def test_a_meeting_is_asked_about_until_something_is_reported_from_its_forum(
    reporter, reviewer, duty, council
):
    held = TODAY - timedelta(days=10)
    meeting = MeetingFactory(forum=council, starts_on=held)
    published(duty, reporter, reviewer, forums=[council], effective_on=held - timedelta(days=1))
    assert to_follow_up(reporter) == [meeting]
    dropped = draft(duty, reporter, forums=[council], effective_on=held)
    perform(dropped, Action.DISCARD, reporter)
    assert to_follow_up(reporter) == [meeting]
    begun = draft(duty, reporter, forums=[council], effective_on=held)
    assert to_follow_up(reporter) == [meeting]
    perform(begun, Action.SUBMIT, reporter)
    assert to_follow_up(reporter) == []


@pytest.mark.long
def test_whoever_has_begun_to_report_is_led_to_their_draft(
    client, duty, council, reporter, other_reporter
):
    meeting = MeetingFactory(forum=council, starts_on=TODAY - timedelta(days=10))
    mine = draft(duty, reporter, forums=[council], effective_on=meeting.starts_on)
    draft(duty, reporter, effective_on=meeting.starts_on)
    for person, address in (
        (reporter, f"/admin/updates/{mine.pk}/"),
        (other_reporter, f"/admin/log/?meeting={meeting.pk}"),
    ):
        client.force_login(person)
        page = client.get("/admin/").text
        lines = page.partition('id="desk-follow_up"')[2].partition("</section>")[0]
        assert f'<a href="{address}">' in lines
        assert lines.count("<a href") == 2


@pytest.mark.long
def test_the_desk_leads_to_the_form_only_who_reports(client, duty, council, reporter, curator):
    meeting = MeetingFactory(forum=council, starts_on=TODAY - timedelta(days=10))
    form = f'href="/admin/log/?meeting={meeting.pk}"'
    shown = {}
    for person in (reporter, curator):
        client.force_login(person)
        page = client.get("/admin/").text
        assert f'href="/admin/meetings/{meeting.pk}/"' in page
        shown[person] = form in page
    assert shown == {reporter: True, curator: False}


def test_nobody_is_asked_any_more_after_a_year(reporter, council):
    last = TODAY - work_queue.MAX_FOLLOW_UP
    meeting = MeetingFactory(forum=council, starts_on=last)
    assert to_follow_up(reporter) == [meeting]
    assert to_follow_up(reporter, TODAY + timedelta(days=1)) == []


@pytest.mark.long
def test_a_report_from_a_meeting_begins_with_its_day_and_forum(
    read, signed_in, reporter, duty, council
):
    meeting = MeetingFactory(forum=council, starts_on=TODAY - timedelta(days=10))
    client = signed_in(reporter)
    desk = read(reporter, "/admin/")
    assert f'<a href="{CALENDAR}{meeting.pk}/">COUNCIL' in desk
    address = f"/admin/log/{duty.code}/?meeting={meeting.pk}"
    assert f'href="{address}"> Log what came of it</a>' in read(
        reporter, f"{CALENDAR}{meeting.pk}/"
    )
    form = client.get(address).context["forms"].update
    assert 'value="2026-06-21"' in str(form["when"])
    assert form["forums"].value() == [council.pk]
    assert form["event_type"].value() == "participation"
    assert client.get(f"/admin/log/{duty.code}/?meeting=999999").status_code == 404


# Answering that there is nothing to report


def answer_from_desk(client, meeting):
    return client.post(f"{CALENDAR}{meeting.pk}/nothing-to-report/")


@pytest.mark.long
def test_one_click_on_the_desk_says_that_there_is_nothing_to_report(
    read, signed_in, reporter, council
):
    meeting = MeetingFactory(forum=council, starts_on=TODAY - timedelta(days=10))
    assert "Past meetings without a report" in read(reporter, "/admin/")
    answer = answer_from_desk(signed_in(reporter), meeting)
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
    assert "Past meetings without a report" not in read(reporter, "/admin/")
    assert "Nothing to report, says" in read(reporter, f"{CALENDAR}{meeting.pk}/")
    answer_from_desk(signed_in(reporter), meeting)
    assert NothingToReport.objects.get().by == reporter


@pytest.mark.long
def test_the_page_of_a_meeting_takes_the_answer_back(read, signed_in, colleague, reporter, council):
    meeting = MeetingFactory(forum=council, starts_on=TODAY - timedelta(days=10))
    NothingToReport.objects.create(meeting=meeting, by=colleague, at=NOW)
    page = f"{CALENDAR}{meeting.pk}/"
    assert 'name="undo"' in read(reporter, page)
    answer = signed_in(reporter).post(f"{page}nothing-to-report/", {"undo": "1"})
    assert answer.status_code == 302
    assert to_follow_up(reporter) == [meeting]
    assert 'name="undo"' not in read(reporter, page)


def test_who_may_not_answer_takes_no_answer_back(reviewer, reporter, council):
    meeting = MeetingFactory(forum=council, starts_on=TODAY - timedelta(days=10))
    NothingToReport.objects.create(meeting=meeting, by=reporter, at=NOW)
    with pytest.raises(NotPermitted):
        take_back_nothing_to_report(meeting, by=reviewer)
    assert NothingToReport.objects.exists()


def test_before_a_meeting_is_over_nobody_says_that_nothing_came_of_it(
    signed_in, colleague, office, council
):
    meeting = MeetingFactory(starts_on=TODAY, ends_on=TODAY + timedelta(days=1))
    meeting.offices.add(office)
    with pytest.raises(InvalidInput, match="not over yet"):
        answer_nothing_to_report(meeting, by=colleague, at=NOW)
    answer_from_desk(signed_in(colleague), meeting)
    assert not NothingToReport.objects.exists()


@pytest.mark.parametrize("moved", [{"ends_on": TODAY - timedelta(days=5)}, {"place": {}}])
def test_an_answer_is_about_the_days_on_which_the_meeting_then_was(reporter, council, moved):
    meeting = MeetingFactory(forum=council, starts_on=TODAY - timedelta(days=10))
    answer_nothing_to_report(meeting, by=reporter, at=NOW)
    for name, value in moved.items():
        setattr(meeting, name, value)
    mark_changed(meeting, NOW, was_public=False)
    meeting.save()
    assert to_follow_up(reporter) == ([meeting] if "ends_on" in moved else [])


def test_who_goes_answers_whatever_their_commitments(colleague, office, council):
    meeting = MeetingFactory(starts_on=TODAY - timedelta(days=10))
    meeting.offices.add(office)
    assert answer_nothing_to_report(meeting, by=colleague, at=NOW).by == colleague


def test_a_curator_is_not_led_to_a_report_that_they_may_not_write(
    signed_in, curator, reporter, duty, council
):
    """They may say that there is nothing to report."""
    meeting = MeetingFactory(forum=council, starts_on=TODAY - timedelta(days=1))
    pages = {
        person.username: signed_in(person).get(f"/admin/meetings/{meeting.pk}/").text
        for person in (curator, reporter)
    }
    link = f'href="/admin/log/?meeting={meeting.pk}"'
    assert {name: link in page for name, page in pages.items()} == {
        "curator": False,
        "reporter": True,
    }
    assert all("nothing-to-report" in page for page in pages.values())


def test_who_neither_goes_nor_reports_there_answers_nothing(
    read, signed_in, colleague, reviewer, office, council
):
    elsewhere = MeetingFactory(starts_on=TODAY - timedelta(days=10))
    for person in (reviewer, colleague):
        with pytest.raises(NotPermitted):
            answer_nothing_to_report(elsewhere, by=person, at=NOW)
        assert answer_from_desk(signed_in(person), elsewhere).status_code == 302
    assert not NothingToReport.objects.exists()


def test_one_click_leads_to_the_form_with_forum_and_day(signed_in, reporter, plan, duty, council):
    meeting = MeetingFactory(forum=council, starts_on=TODAY - timedelta(days=10))
    client = signed_in(reporter)
    CommitmentFactory(plan=plan, number="8.1")
    answer = client.get(f"/admin/log/?meeting={meeting.pk}")
    assert answer["Location"] == f"/admin/log/{duty.code}/?meeting={meeting.pk}"
    second = CommitmentFactory(plan=plan, number="8.2")
    Partnership.objects.create(commitment=second, forum=council)
    page = client.get(f"/admin/log/?meeting={meeting.pk}").text
    for row in (duty, second):
        assert f'href="/admin/log/{row.code}/?meeting={meeting.pk}"' in page
    assert "PLAN-8.1" not in page
    report = f"/admin/log/PLAN-8.1/?meeting={meeting.pk}"
    assert f'href="{report}"' in client.get(f"/admin/log/?meeting={meeting.pk}&q=PLAN").text
    assert client.get(f"/admin/log/?meeting={meeting.pk}&q=8.1")["Location"] == report
    assert client.get("/admin/log/?meeting=999999").status_code == 404


# Preparing


def test_who_goes_prepares_from_30_days_before(office, colleague, council):
    meeting = MeetingFactory()
    meeting.offices.add(office)
    first = meeting.starts_on - work_queue.PREPARE_DAYS
    for day, is_near in (
        (first - timedelta(days=1), False),
        (first, True),
        (meeting.starts_on, True),
        (meeting.starts_on + timedelta(days=1), False),
    ):
        assert work_queue.meetings_to_prepare(colleague, day).exists() == is_near
    Meeting.objects.update(cancelled=True)
    assert not work_queue.meetings_to_prepare(colleague, first).exists()


# Days from the first day of a meeting on: about each turn, and any other.
TURNS = [-31, -30, 0, 1]
OFFSETS = st.one_of(st.sampled_from(TURNS), st.integers(-40, 400))


@pytest.mark.long
@given(
    start=st.dates(date(2020, 1, 1), date(2030, 12, 31)), length=st.integers(0, 20), data=st.data()
)
@settings(
    max_examples=examples(100),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_each_day_asks_to_prepare_or_to_report_or_neither_and_never_both(
    office, colleague, start, length, data
):
    Meeting.objects.all().delete()
    meeting = MeetingFactory(starts_on=start, ends_on=start + timedelta(days=length))
    meeting.offices.add(office)
    person = User.objects.get(pk=colleague.pk)
    after = st.sampled_from([length, length + 1, length + 366, length + 367])
    offset = data.draw(OFFSETS | after)
    day = start + timedelta(days=offset)
    assert work_queue.meetings_to_prepare(person, day).exists() == (-30 <= offset <= 0)
    assert (to_follow_up(person, day) == [meeting]) == (length < offset <= length + 366)
