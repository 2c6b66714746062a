"""The public calendar: which meetings readers see and what of them, on pages and in calendar
programs."""

from datetime import UTC, date, datetime, timedelta

import pytest
from icalendar import Calendar

from commitments.curation.meetings import meeting_version
from commitments.models import Meeting
from tests.factories import (
    CommitmentFactory,
    ForumFactory,
    MeetingFactory,
    OfficeFactory,
    PlanFactory,
)
from tests.steps import TODAY, draft, published
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("a_day_later")]

PAGE = "/en/PLAN/meetings/"
PAPERS = date(2026, 7, 15)


@pytest.fixture
def meeting(council):
    """A public meeting to which an office goes, with everything that staff enter."""
    row = MeetingFactory(
        forum=council,
        ends_on=date(2026, 8, 5),
        place=en_zh("Geneva", "日内瓦"),
        url="https://example.org/seventh",
        papers_due_on=PAPERS,
        asks=en_zh("Ask for a seat in the bureau."),
        public=True,
    )
    row.offices.add(OfficeFactory(code="DELEGATION", name=en_zh("The delegation")))
    return row


@pytest.fixture
def events(client):
    """`events(path)` returns the events of a calendar file, by their ids."""

    def read(path):
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
        rows = Calendar.from_ical(answer.content).walk("VEVENT")
        return {str(row["uid"]): row for row in rows}

    return read


FILES = ["/en/PLAN/meetings.ics", "/en/PLAN/forums/COUNCIL/meetings.ics", "{page}"]


def files_of(row):
    return [path.format(page=f"/en/PLAN/meetings/{row.pk}.ics") for path in FILES]


def pages_of(row):
    return [PAGE, f"{PAGE}{row.pk}/", "/en/PLAN/forums/COUNCIL/"]


# What readers see


def test_a_public_meeting_is_in_the_calendar_on_its_page_and_on_that_of_its_forum(flat, meeting):
    calendar, page, forum = (flat(path) for path in pages_of(meeting))
    assert "<h2>August 2026</h2>" in calendar
    for shown in (calendar, page, forum):
        assert "3 – 5 August 2026" in shown
        assert "Geneva" in shown
        assert "15 July 2026" in shown
    assert "https://example.org/seventh" in page
    assert "Calendar of meetings" in flat("/en/PLAN/forums/")


def test_a_meeting_is_told_in_the_language_of_the_address(flat, events, meeting):
    assert "日内瓦" in flat("/zh-hans/PLAN/meetings/")
    [event] = events("/zh-hans/PLAN/meetings.ics").values()
    assert event["summary"] == "COUNCIL：第七届会议"


@pytest.mark.long
def test_nothing_from_the_inside_is_public(client, meeting, duty, reporter):
    draft(duty, reporter, forums=[meeting.forum], summary=en_zh("A paper was written."))
    paths = [*pages_of(meeting), *files_of(meeting), "/api/v1/meetings/"]
    paths += [f"/api/v1/meetings/{meeting.pk}/", "/en/PLAN/forums/COUNCIL/brief/"]
    for path in paths:
        text = client.get(path).content.decode()
        for words in ("DELEGATION", "bureau", "A paper was written."):
            assert words not in text, path


@pytest.mark.parametrize("who", [None, "visitor", "reporter", "curator"])
def test_a_meeting_that_is_not_public_is_on_no_public_page_for_anybody(
    client, request, meeting, who
):
    if who:
        client.force_login(request.getfixturevalue(who))
    Meeting.objects.update(public=False)
    for path in (PAGE, f"{PAGE}{meeting.pk}/", f"{PAGE}{meeting.pk}.ics"):
        assert client.get(path).status_code == 404, path
    for path in ("/en/PLAN/forums/", "/en/PLAN/forums/COUNCIL/", *FILES[:2]):
        text = client.get(path).content.decode()
        assert "Seventh session" not in text, path
        assert "Calendar of meetings" not in text, path


def test_the_calendar_of_another_plan_has_none_of_it(client, meeting):
    other = CommitmentFactory(plan=PlanFactory(code="OTHER"))
    other.partnerships.create(forum=ForumFactory(code="ELSEWHERE"))
    for path in ("/en/OTHER/meetings/", f"/en/OTHER/meetings/{meeting.pk}/"):
        assert client.get(path).status_code == 404
    assert b"VEVENT" not in client.get("/en/OTHER/meetings.ics").content


def test_meetings_of_parts_and_successors_are_on_the_page_of_a_forum(flat, council):
    for code, link in (("PART", {"parent": council}), ("AFTER", {"successor_of": council})):
        MeetingFactory(forum=ForumFactory(code=code, **link), public=True)
    shown = flat("/en/PLAN/forums/COUNCIL/")
    assert "PART Seventh session" in shown
    assert "AFTER Seventh session" in shown


def test_a_draft_plan_has_no_calendar_for_programs(client, meeting, plan, curator):
    type(plan).objects.update(visibility="draft")
    assert [client.get(path).status_code for path in files_of(meeting)] == [404] * 3
    client.force_login(curator)
    page = client.get(PAGE)
    assert page.headers["Cache-Control"] == "private, no-store"
    assert ".ics" not in page.text


def test_a_cancelled_meeting_stays_and_says_so(flat, events, meeting):
    Meeting.objects.update(cancelled=True)
    assert "This meeting is cancelled." in flat(f"{PAGE}{meeting.pk}/")
    assert "cancelled" in flat(PAGE)
    for path in files_of(meeting):
        [event] = events(path).values()
        assert event["status"] == "CANCELLED"


# What was recorded


@pytest.mark.parametrize(
    ("on", "precision", "is_shown"),
    [
        (date(2026, 6, 9), "day", False),
        (date(2026, 6, 10), "day", True),
        (date(2026, 6, 12), "day", True),
        (date(2026, 6, 13), "day", False),
        (date(2026, 6, 30), "month", True),
        (date(2026, 5, 31), "month", False),
        (date(2026, 7, 1), "year", True),
    ],
)
def test_a_past_meeting_has_what_was_recorded_at_its_forum_on_its_days(
    flat, duty, council, reporter, reviewer, on, precision, is_shown
):
    first, last = date(2026, 6, 10), date(2026, 6, 12)
    row = MeetingFactory(forum=council, starts_on=first, ends_on=last, public=True)
    part = ForumFactory(code="PART", parent=council)
    facts = {"effective_on": on, "date_precision": precision, "summary": en_zh("We spoke there.")}
    published(duty, reporter, reviewer, forums=[part], **facts)
    published(duty, reporter, reviewer, effective_on=first, summary=en_zh("Elsewhere."))
    for path in (PAGE, f"{PAGE}{row.pk}/"):
        shown = flat(path)
        assert ("We spoke there." in shown) == is_shown
        assert ("Nothing is recorded for its days." in shown) != is_shown
        assert "Elsewhere." not in shown
    # The desk asks for what the page lacks.
    assert Meeting.objects.unreported().exists() != is_shown


def test_on_an_earlier_day_a_meeting_was_still_ahead(flat, council):
    MeetingFactory(forum=council, starts_on=date(2026, 6, 10), public=True)
    assert "Past meetings" in flat(PAGE)
    assert "Past meetings" not in flat(f"{PAGE}?as_of=2026-06-01")


def test_the_calendar_takes_as_many_queries_for_ten_meetings_as_for_one(
    client, duty, council, reporter, reviewer, django_assert_max_num_queries
):
    published(duty, reporter, reviewer, forums=[council], effective_on=TODAY)
    MeetingFactory(forum=council, starts_on=TODAY, public=True)
    for _number in range(10):
        MeetingFactory(forum=council, starts_on=TODAY, public=True)
        MeetingFactory(forum=council, public=True)
    with django_assert_max_num_queries(18):
        client.get(PAGE)


# Calendar programs


def test_the_files_agree_with_the_record(events, meeting):
    for path in files_of(meeting):
        event = events(path)[str(meeting.uid)]
        assert event.decoded("dtstart") == meeting.starts_on
        assert event.decoded("dtend") == meeting.ends_on + timedelta(days=1)
        assert event["summary"] == "COUNCIL: Seventh session"
        assert event["location"] == "Geneva"
        assert event["url"] == f"http://testserver{PAGE}{meeting.pk}/"
        words = "Papers due on 15 July 2026\nhttps://example.org/seventh"
        assert event["description"] == words


def test_the_calendar_of_a_forum_has_its_meetings_and_no_others(events, meeting, duty):
    other = ForumFactory(code="OTHER")
    duty.partnerships.create(forum=other)
    elsewhere = MeetingFactory(forum=other, public=True)
    assert set(events(FILES[0])) == {str(meeting.uid), str(elsewhere.uid)}
    assert set(events(FILES[1])) == {str(meeting.uid)}


def test_what_is_long_over_is_in_no_subscription(events, meeting):
    MeetingFactory(forum=meeting.forum, starts_on=TODAY - timedelta(days=400), public=True)
    assert set(events(FILES[0])) == {str(meeting.uid)}


def test_an_unchanged_calendar_is_not_sent_again(client, meeting, curator, cached_responses):
    first = client.get(FILES[0])
    assert first.headers["Last-Modified"] == "Wed, 01 Jul 2026 04:00:00 GMT"
    assert first.headers["Cache-Control"] == "public, no-cache"
    tag = first.headers["ETag"]
    assert client.get(FILES[0], headers={"If-None-Match": tag}).status_code == 304
    sent = {
        "forum": meeting.forum_id,
        "title_en": "Eighth session",
        "starts_on": "2026-08-04",
        "ends_on": "2026-08-05",
        "public": "on",
        "expected_version": meeting_version(meeting),
    }
    client.force_login(curator)
    address = f"/admin/commitments/meeting/{meeting.pk}/change/"
    assert client.post(address, sent).status_code == 302
    client.logout()
    again = client.get(FILES[0], headers={"If-None-Match": tag})
    assert again.status_code == 200
    [event] = Calendar.from_ical(again.content).walk("VEVENT")
    assert (event["uid"], event["sequence"]) == (str(meeting.uid), 1)
    assert event.decoded("last-modified") == datetime(2026, 7, 2, 4, 0, tzinfo=UTC)


def test_the_sitemap_has_the_calendar_and_each_public_meeting(client, meeting):
    MeetingFactory(forum=meeting.forum)
    found = client.get("/sitemaps/plans/PLAN.xml").text
    assert f"http://testserver{PAGE}{meeting.pk}/<" in found
    assert f"http://testserver{PAGE}<" in found
    assert found.count(f"<loc>http://testserver{PAGE}") == 2
