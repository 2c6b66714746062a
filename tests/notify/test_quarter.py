"""A quarter of a secretariat, as three persons live it through their mails and files: a curator
calls for reports, an officer answers late, a meeting is prepared and reported, and the quarter's
report is opened again and compared with the record."""

import io
import re
from datetime import UTC, date, datetime, timedelta

import docx
import openpyxl
import pytest
from django.utils import translation
from icalendar import Calendar

from commitments.choices import (
    EventType,
    EvidenceKind,
    Movement,
    Source,
    State,
    Status,
)
from commitments.models import CalendarAddress, Evidence, MailPreference, NothingNew, ProgressUpdate
from tests.factories import CommitmentFactory, MeetingFactory, MilestoneFactory
from tests.steps import INTERNAL, REPORT, RESOLUTION, STATEMENT, draft, published, submitted
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

SITE = "https://tracker.example.org"
LANGUAGES = {"en": "en", "zh-hans": "zh"}
DEADLINE = date(2026, 7, 15)
# The meeting, and the quarter.
FIRST, LAST = date(2026, 8, 20), date(2026, 8, 21)
QUARTER = "?from=2026-07-01&to=2026-09-30"
DAY = timedelta(days=1)


def at(day, hour=8):
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


@pytest.fixture
def quarter(plan, duty, office, office_duty, forum, colleague, reviewer, curator, with_addresses):
    """An office with two commitments, of which one names a forum; nobody wants digests."""
    with_addresses(colleague, reviewer, curator)
    for person, language in ((colleague, "en"), (reviewer, "zh-hans"), (curator, "en")):
        MailPreference.objects.create(user=person, language=language, digest="never")
    office_duty.partnerships.create(forum=forum, quote=en_zh("the forum", "该论坛"))
    CommitmentFactory(plan=plan, number="1.4", position=4, lead_office=office)
    MilestoneFactory(commitment=office_duty, title=en_zh("A paper"), due_on=date(2026, 12, 1))


@pytest.fixture
def day(time_machine, sent):
    """`day(date)` moves the clock to a morning, and returns the mails of its run, each as its
    reader and its subject."""

    def go(on):
        time_machine.move_to(at(on), tick=False)
        mails = sent(at(on))
        return [(mail.to[0].partition("@")[0], mail.subject) for mail in mails]

    return go


@pytest.mark.long
def test_a_quarter(
    quarter, day, client, plan, office_duty, office, forum, colleague, reviewer, curator, mailoutbox
):
    calls(client, day, curator, mailoutbox)
    late = answers(client, day, colleague, reviewer, office_duty)
    meeting = meets(client, day, curator, colleague, forum, office)
    calendars(client, meeting, colleague)
    session(client, meeting, colleague, office_duty, late)
    follows_up(client, day, colleague, reviewer, office_duty, forum, meeting)
    day(date(2026, 10, 7))
    for language, tag in LANGUAGES.items():
        check_workbook(client, language, tag)
        check_document(client, language, tag)
    check_document_in_all_languages(client)


def calls(client, day, curator, mailoutbox):
    """The curator calls; whoever does not answer is reminded twice, and never more."""
    assert day(date(2026, 7, 1)) == []
    client.force_login(curator)
    form = {"due_on": f"{DEADLINE}", "note": "For the report of the council."}
    assert client.post("/admin/planning/PLAN/call/", form).status_code == 302
    assert day(date(2026, 7, 1)) == [("colleague", "Call for reports by 15 July 2026: PLAN A plan")]
    [mail] = mailoutbox
    assert "For the report of the council." in mail.body
    # What has no office, 1.1, is asked of everybody.
    for number in ("1.1", "1.3", "1.4"):
        assert f"/admin/log/PLAN-{number}/" in mail.body
    days = [date(2026, 7, 2) + number * DAY for number in range(16)]
    reminders = {on: found for on in days if (found := day(on))}
    assert reminders == {
        DEADLINE - 3 * DAY: [("colleague", "Reports due on 15 July 2026: PLAN A plan")],
        DEADLINE + DAY: [("colleague", "Reports overdue since 15 July 2026: PLAN A plan")],
    }


def answers(client, day, colleague, reviewer, office_duty):
    """The officer answers on one commitment late, and has nothing new to say of the other."""
    on = date(2026, 7, 18)
    assert day(on) == []
    update = published(
        office_duty,
        colleague,
        reviewer,
        at(on, 9),
        effective_on=date(2026, 7, 10),
        event_type="contribution",
        status="active",
        summary=en_zh("Experts were sent.", "派出专家。"),
        evidence=[RESOLUTION, REPORT, INTERNAL],
    )
    client.force_login(colleague)
    answer = client.post("/admin/log/PLAN-1.4/nothing-new/", follow=True)
    assert "PLAN-1.4: checked, nothing new." in answer.text
    assert NothingNew.objects.get().by == colleague
    [(reader, subject)] = day(on + DAY)
    assert (reader, subject.partition(":")[0]) == ("colleague", "Published")
    assert "PLAN-1.3 Take part in the forum" in subject
    return update


def meets(client, day, curator, colleague, forum, office):
    """The curator enters a public meeting; those who go are asked to prepare it, once."""
    assert day(date(2026, 7, 20)) == []
    client.force_login(curator)
    meeting = MeetingFactory(
        forum=forum,
        title=en_zh("Seventh session", "第七届会议"),
        starts_on=FIRST,
        ends_on=LAST,
        papers_due_on=date(2026, 8, 10),
        place=en_zh("Geneva", "日内瓦"),
        public=True,
        asks=en_zh("A seat in the bureau.", "争取主席团席位。"),
    )
    meeting.offices.add(office)
    expected = [("colleague", "Prepare: FORUM Seventh session, 20 – 21 August 2026")]
    assert day(FIRST - 30 * DAY) == expected
    assert day(FIRST - 29 * DAY) == []
    return meeting


def calendars(client, meeting, colleague):
    """The own calendar has meeting, deadline and milestone, the public one the meeting alone."""
    client.force_login(colleague)
    client.post("/admin/calendar/", {"renew": "1"})
    assert CalendarAddress.objects.get().user == colleague
    own = client.get("/admin/calendar/").context["address"].removeprefix("http://testserver")
    client.logout()
    found = {
        path: {str(row["summary"]): row for row in Calendar.from_ical(read(client, path)).events}
        for path in (own, "/en/PLAN/meetings.ics")
    }
    title = "FORUM: Seventh session"
    assert {name: row.decoded("dtstart") for name, row in found[own].items()} == {
        title: FIRST,
        f"Papers due: {title}": date(2026, 8, 10),
        "Milestone: PLAN-1.3 A paper": date(2026, 12, 1),
        "Reports due: PLAN A plan": date(2026, 7, 15),
        "Assessment due: PLAN-1.3 Take part in the forum": date(2026, 7, 10) + 366 * DAY,
    }
    assert set(found["/en/PLAN/meetings.ics"]) == {title}
    for events in found.values():
        event = events[title]
        assert str(event["uid"]) == str(meeting.uid)
        assert event.decoded("dtend") == LAST + DAY
        assert (event["location"], event["status"]) == ("Geneva", "CONFIRMED")
        assert "10 August 2026" in event["description"]
        assert "bureau" not in event.to_ical().decode()


def session(client, meeting, colleague, office_duty, late):
    """The papers of the meeting have what is public above what is not."""
    draft(office_duty, colleague, at(FIRST - 20 * DAY), summary=en_zh("In preparation."))
    client.force_login(colleague)
    content = read(client, f"/admin/meetings/{meeting.pk}/file/")
    words = [row.text for row in docx.Document(io.BytesIO(content)).paragraphs if row.text]
    place = words.index("Internal: not for distribution")
    public, internal = "\n".join(words[:place]), "\n".join(words[place:])
    for fact in (
        "Seventh session",
        "20 – 21 August 2026",
        "Geneva",
        "10 August 2026",
        f"{office_duty.code} {office_duty.title}",
        "“The country will take part in the forum.”",
        "Active · 10 July 2026",
    ):
        assert fact in public, fact
    for fact in ("A seat in the bureau.", "A paper · 1 December 2026", "In preparation."):
        assert fact in internal, fact
        assert fact not in public, fact
    ProgressUpdate.objects.filter(state=State.DRAFT).update(state=State.DISCARDED)


def follows_up(client, day, colleague, reviewer, office_duty, forum, meeting):
    """Nothing is recorded for 45 days; then it is, and nobody is reminded any more."""
    assert day(LAST + 44 * DAY) == []
    [(reader, subject)] = day(LAST + 45 * DAY)
    assert (reader, subject) == (
        "colleague",
        "Nothing recorded yet: FORUM Seventh session, 20 – 21 August 2026",
    )
    client.force_login(colleague)
    page = client.get(f"/admin/log/PLAN-1.3/?meeting={meeting.pk}")
    assert page.status_code == 200
    submitted(
        office_duty,
        colleague,
        at(LAST + 46 * DAY),
        effective_on=LAST,
        forums=[forum],
        summary=en_zh("Not yet reviewed."),
    )
    published(
        office_duty,
        colleague,
        reviewer,
        at(LAST + 46 * DAY),
        effective_on=LAST,
        event_type="participation",
        forums=[forum],
        summary=en_zh("The session was attended.", "出席会议。"),
        evidence=[STATEMENT],
    )
    [(reader, subject)] = day(LAST + 46 * DAY)
    assert (reader, subject.partition(":")[0]) == ("colleague", "Published")
    assert day(LAST + 47 * DAY) == []


# The report


def read(client, path):
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content


def events_on_record():
    rows = ProgressUpdate.objects.filter(state=State.PUBLISHED, event_type__isnull=False)
    return list(rows.order_by("commitment__position", "-effective_on"))


def sources_on_record():
    """Return the public sources of these events in the order in which a report names them: the
    assessment that is news first, then the events by commitment, the newest first."""
    newest, oldest = events_on_record()
    public = Evidence.objects.filter(public=True).order_by("pk")
    return [*public.filter(update=oldest), *public.filter(update=newest)]


def check_workbook(client, language, tag):
    """Every cell of events, sources and changes is what the record has."""
    content = read(client, f"/{language}/PLAN/report.xlsx{QUARTER}")
    _summary, changes, events, _quoted, sources, *_others = openpyxl.load_workbook(
        io.BytesIO(content)
    )
    numbers = {row.pk: number for number, row in enumerate(sources_on_record(), 1)}
    with translation.override(language):
        expected = [
            (
                row.commitment.code,
                row.commitment.title[tag],
                row.pk,
                datetime.combine(row.effective_on, datetime.min.time()),
                str(EventType(row.event_type).label),
                row.summary[tag],
                "; ".join(str(numbers[piece.pk]) for piece in row.evidence.filter(public=True)),
            )
            for row in events_on_record()
        ]
        assert [row[:-1] for row in list(events.values)[1:]] == expected
        assert [row[:8] for row in list(sources.values)[1:]] == [
            (
                number,
                str(row.title),
                str(row.publisher.name),
                None,
                str(EvidenceKind(row.kind).label),
                str(Source(row.source).label),
                row.citation or None,
                row.url or None,
            )
            for number, row in enumerate(sources_on_record(), 1)
        ]
        changed = {row[0]: row for row in list(changes.values)[1:]}["PLAN-1.3"]
        assert [changed[2], changed[3], changed[5]] == [
            str(Movement.FIRST_ASSESSED.label),
            str(Status.UNASSESSED.label),
            str(Status.ACTIVE.label),
        ]
        assert changed[6] == datetime(2026, 7, 10)
    links = [row[-1] for sheet in (changes, events) for row in list(sheet.values)[1:]]
    assert all(re.match("http://testserver/at/", link) for link in links)


def check_document(client, language, tag):
    """The document has each event and each source of the record, and nothing that is not public."""
    content = read(client, f"/{language}/PLAN/report.docx{QUARTER}")
    body = docx.Document(io.BytesIO(content)).element.body
    words = "\n".join(
        "".join(part.text or "" for part in row.iter(docx.oxml.ns.qn("w:t")))
        for row in body.iter(docx.oxml.ns.qn("w:p"))
    )
    with translation.override(language):
        for row in events_on_record():
            assert str(EventType(row.event_type).label) in words
            assert row.summary[tag] in words
            assert row.commitment.title[tag] in words
        for row in sources_on_record():
            assert str(row.title) in words
        assert str(Status.ACTIVE.label) in words
    days = {"en": ("10 July 2026", "21 August 2026"), "zh": ("2026年7月10日", "2026年8月21日")}
    assert all(on in words for on in days[tag])
    for secret in ("Internal minutes", "Not yet reviewed.", "In preparation.", "bureau"):
        assert secret not in words


def check_document_in_all_languages(client):
    """What the record has in both languages stands side by side, in the rows of tables."""
    content = read(client, f"/en/PLAN/report.docx{QUARTER}&languages=all")
    file = docx.Document(io.BytesIO(content))
    rows = [[cell.text for cell in row.cells] for table in file.tables for row in table.rows]
    for update in events_on_record():
        words = set(update.summary.values())
        assert any(all(any(each in cell for cell in row) for each in words) for row in rows), words
