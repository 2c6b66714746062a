"""Meetings of forums: who sees which ahead of them, how one is prepared, and what is asked after
it."""

from datetime import date, timedelta

import pytest
from django.utils import translation

from commitments.choices import Role
from commitments.clocks import Clock
from commitments.meetings.sessions import session_of
from commitments.models import Meeting, Partnership
from commitments.templatetags.tracker import until
from commitments.workflow import work_queue
from tests.factories import (
    CommitmentFactory,
    ForumFactory,
    MeetingFactory,
    MilestoneFactory,
    OfficeFactory,
    UserFactory,
)
from tests.steps import NOW, TODAY, draft, published
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]

CALENDAR = "/admin/meetings/"


def ahead(person):
    return [str(row) for row in work_queue.meetings_around(person, TODAY).ahead(TODAY)]


# Entering


def test_a_curator_enters_a_meeting(read, signed_in, curator, council):
    client = signed_in(curator)
    sent = {
        "forum": council.pk,
        "title_en": "Seventh session",
        "starts_on": "2026-08-03",
        "ends_on": "2026-08-05",
        "papers_due_on": "2026-07-15",
        "url": "https://example.org/seventh",
    }
    answer = client.post("/admin/commitments/meeting/add/", sent)
    assert answer.status_code == 302, answer.text
    shown = read(curator, CALENDAR)
    assert "COUNCIL Seventh session</a>" in shown
    assert "3 – 5 August 2026 · papers due on 15 July 2026" in shown
    assert "2026年8月3日至5日" in read(curator, CALENDAR, "zh")


def test_the_form_of_a_meeting_asks_in_the_languages_of_the_plans_and_offers_open_offices(
    read, curator, council
):
    OfficeFactory(code="OPEN")
    OfficeFactory(code="CLOSED", closed_on=TODAY)
    went = OfficeFactory(code="WENT", closed_on=TODAY)
    meeting = MeetingFactory(forum=council)
    meeting.offices.add(went)
    form = read(curator, "/admin/commitments/meeting/add/")
    assert 'name="title_zh"' in form
    assert 'name="place_en"' in form
    assert ("OPEN An" in form, "CLOSED An" in form, "WENT An" in form) == (True, False, False)
    assert "WENT An" in read(curator, f"/admin/commitments/meeting/{meeting.pk}/change/")


@pytest.mark.parametrize(
    ("first", "last", "english", "chinese"),
    [
        (date(2026, 8, 3), date(2026, 8, 3), "3 August 2026", "2026年8月3日"),
        (date(2026, 8, 3), date(2026, 8, 5), "3 – 5 August 2026", "2026年8月3日至5日"),
        (
            date(2026, 8, 30),
            date(2026, 9, 2),
            "30 August – 2 September 2026",
            "2026年8月30日至9月2日",
        ),
        (
            date(2026, 12, 30),
            date(2027, 1, 2),
            "30 December 2026 – 2 January 2027",
            "2026年12月30日至2027年1月2日",
        ),
    ],
)
def test_days_are_written_without_saying_month_and_year_twice(first, last, english, chinese):
    with translation.override("en"):
        assert until(first, last) == english
    with translation.override("zh-hans"):
        assert until(first, last) == chinese


@pytest.mark.parametrize(
    ("days", "sentence"),
    [
        ({"ends_on": "2026-08-02"}, "The last day is before the first."),
        ({"papers_due_on": "2026-08-09"}, "Papers would be due after the last day."),
        ({"starts_on": "soon"}, "Enter a date such as 2026-06-30."),
    ],
)
def test_days_that_cannot_be_are_refused(signed_in, curator, council, days, sentence):
    sent = {"forum": council.pk, "starts_on": "2026-08-03", "ends_on": "2026-08-05"} | days
    answer = signed_in(curator).post("/admin/commitments/meeting/add/", sent)
    assert sentence in answer.text
    assert not Meeting.objects.exists()


@pytest.mark.parametrize("persona", ["reporter", "reviewer"])
def test_only_curators_enter_meetings(read, request, signed_in, persona, council):
    client = signed_in(request.getfixturevalue(persona))
    assert "Add a meeting" not in read(request.getfixturevalue(persona), CALENDAR)
    assert client.get("/admin/commitments/meeting/add/").status_code == 403


def test_a_forum_with_a_meeting_is_not_deleted(signed_in, curator):
    forum = MeetingFactory().forum
    answer = signed_in(curator).post(
        f"/admin/commitments/forum/{forum.pk}/delete/", {"post": "yes", "reason": "None."}
    )
    assert answer.status_code < 500
    assert Meeting.objects.filter(forum=forum).exists()


# Who is told


def test_the_desk_shows_meetings_of_the_forums_of_ones_commitments(reporter, curator, council):
    MeetingFactory(forum=council)
    MeetingFactory(title=en_zh("Of others"))
    MeetingFactory(forum=council, title=en_zh("Far off"), starts_on=TODAY + timedelta(days=91))
    MeetingFactory(forum=council, title=en_zh("Over"), starts_on=TODAY - timedelta(days=1))
    assert ahead(reporter) == ahead(curator) == ["COUNCIL Seventh session"]


def test_a_meeting_is_ahead_until_its_last_day(reporter, council):
    first = TODAY - timedelta(days=2)
    meeting = MeetingFactory(forum=council, starts_on=first, ends_on=TODAY)
    assert list(work_queue.meetings_around(reporter, TODAY).ahead(TODAY)) == [meeting]
    tomorrow = TODAY + timedelta(days=1)
    assert list(work_queue.meetings_around(reporter, tomorrow).ahead(tomorrow)) == []


def test_a_body_above_and_a_successor_meet_for_the_forum_too(reporter, council):
    above, after = ForumFactory(code="ABOVE"), ForumFactory(code="AFTER", successor_of=council)
    council.parent = above
    council.save()
    MeetingFactory(forum=above)
    MeetingFactory(forum=after, starts_on=date(2026, 8, 4))
    MeetingFactory(forum=ForumFactory(parent=council), starts_on=date(2026, 8, 5))
    assert ahead(reporter) == ["ABOVE Seventh session", "AFTER Seventh session"]


def test_an_office_that_goes_is_told_whatever_its_commitments(council):
    office = OfficeFactory()
    officer = UserFactory(username="officer", roles=[Role.REPORTER])
    office.members.add(officer)
    MeetingFactory().offices.add(office)
    MeetingFactory(forum=council)
    assert len(ahead(officer)) == 1


def test_who_is_no_reporter_and_in_no_office_is_told_nothing(reviewer, council):
    MeetingFactory(forum=council)
    assert ahead(reviewer) == []


# The page of a meeting


def test_a_meeting_shows_where_its_commitments_stand_and_what_is_under_way(
    read, reporter, duty, council
):
    MilestoneFactory(commitment=duty, title=en_zh("Adopt the rules"))
    update = draft(duty, reporter, summary=en_zh("A paper was written."))
    meeting = MeetingFactory(forum=council, place=en_zh("Geneva", "日内瓦"))
    shown = read(reporter, f"{CALENDAR}{meeting.pk}/")
    for words in ("Adopt the rules", "the council", "A paper was written.", f"#{update.pk}"):
        assert words in shown, words
    assert "/forums/COUNCIL/brief/" in shown
    other = UserFactory(username="other", roles=[Role.REVIEWER])
    assert "A paper was written." not in read(other, f"{CALENDAR}{meeting.pk}/")


def test_a_meeting_takes_as_many_queries_for_ten_commitments_as_for_one(
    signed_in, reporter, plan, duty, council, django_assert_max_num_queries
):
    meeting = MeetingFactory(forum=council)
    client = signed_in(reporter)
    client.get(f"{CALENDAR}{meeting.pk}/")
    for number in range(10):
        row = CommitmentFactory(plan=plan, number=f"8.{number}")
        Partnership.objects.create(commitment=row, forum=council)
    with django_assert_max_num_queries(25):
        client.get(f"{CALENDAR}{meeting.pk}/")


@pytest.mark.long
def test_a_meeting_has_our_asks_the_last_action_there_and_what_was_recorded_of_it(
    read, reporter, reviewer, duty, council
):
    held = TODAY - timedelta(days=10)
    meeting = MeetingFactory(forum=council, starts_on=held, asks=en_zh("Ask for a seat."))
    before = published(
        duty, reporter, reviewer, forums=[council], effective_on=held - timedelta(days=1)
    )
    shown = read(reporter, f"{CALENDAR}{meeting.pk}/")
    assert "Ask for a seat." in shown
    assert "for staff only" in shown
    assert "Last action there" in shown
    assert f'<a href="/admin/updates/{before.pk}/">#{before.pk}</a>' in shown
    assert "Nothing is recorded from this meeting yet." in shown
    published(duty, reporter, reviewer, forums=[council], effective_on=held)
    shown = read(reporter, f"{CALENDAR}{meeting.pk}/")
    assert "Recorded from this meeting" in shown
    assert "Nothing is recorded from" not in shown


def test_a_session_is_one_structure_that_documents_can_be_made_from(reporter, duty, council):
    MilestoneFactory(commitment=duty)
    update = draft(duty, reporter, forums=[council])
    meeting = MeetingFactory(forum=council, asks=en_zh("Ask for a seat."))
    session = session_of(meeting, reporter, Clock(now=NOW), TODAY)
    [topic] = session.topics
    assert (topic.commitment, topic.under_way) == (duty, [update])
    assert [str(quote) for quote in topic.quotes] == ["the council"]
    assert len(topic.milestones) == 1
    assert (session.is_over, session.recorded, session.answer) == (False, [], None)
