"""The page of a meeting as DOCX, opened again."""

import io
import re
from datetime import date

import docx
import pytest
from django.utils.html import strip_tags

from commitments.models import Partnership
from tests.factories import ForumFactory, MeetingFactory, MilestoneFactory, OfficeFactory
from tests.steps import RESOLUTION, draft, published, submitted
from tests.words import en_zh
from tests.workflow.rating import rate_blind

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]

INTERNAL = "Internal: not for distribution"


@pytest.fixture
def meeting(duty):
    forum = ForumFactory(code="COUNCIL", name=en_zh("The council", "理事会"))
    text = en_zh("We will work with the council. Nothing else.")
    type(duty).objects.filter(pk=duty.pk).update(text=text)
    Partnership.objects.create(commitment=duty, forum=forum, quote=en_zh("the council"))
    meeting = MeetingFactory(
        forum=forum,
        title=en_zh("Seventh session"),
        starts_on=date(2026, 8, 3),
        ends_on=date(2026, 8, 5),
        papers_due_on=date(2026, 7, 15),
        public=True,
        asks=en_zh("A seat in the bureau."),
    )
    meeting.offices.add(OfficeFactory(code="LEGAL"))
    return meeting


@pytest.fixture
def open_file(signed_in):
    def open_file(meeting, user):
        answer = signed_in(user).get(f"/admin/meetings/{meeting.pk}/file/")
        assert answer.status_code == 200
        assert answer["Content-Disposition"] == 'attachment; filename="COUNCIL-2026-08-03-en.docx"'
        return docx.Document(io.BytesIO(answer.content))

    return open_file


def test_what_is_not_public_is_below_a_heading_that_says_so(
    open_file, meeting, duty, reporter, reviewer
):
    published(duty, reporter, reviewer, status="active", forums=[meeting.forum])
    draft(duty, reporter, summary=en_zh("Not yet public."))
    MilestoneFactory(commitment=duty, title=en_zh("A paper"), due_on=date(2026, 9, 1))
    file = open_file(meeting, reporter)
    words = [row.text for row in file.paragraphs]
    assert words[:4] == ["The council", "Seventh session", "Days: 3 – 5 August 2026", words[3]]
    public, internal = words[: words.index(INTERNAL)], words[words.index(INTERNAL) :]
    assert f"{duty.code} {duty.title}" in public
    assert "“We will work with the council.”" in public
    assert "Active · 1 July 2026 · Current" in public
    assert "Last action there: 1 July 2026 · Took part" in public
    assert "Papers due on: 15 July 2026" in public
    inside = ("Not yet public.", "A paper · 1 September 2026", "LEGAL", "A seat in the bureau.")
    for text in inside:
        assert not [row for row in public if text in row]
        assert [row for row in internal if text in row], text
    [footer] = file.sections[0].footer.paragraphs
    assert footer.text.startswith("COUNCIL · Internal · ")


def test_of_a_meeting_that_is_not_public_only_the_forum_is_above_that_heading(
    open_file, meeting, duty, reporter
):
    meeting.public, meeting.place = False, en_zh("Geneva")
    meeting.url = "https://example.org/session"
    meeting.save()
    file = open_file(meeting, reporter)
    words = [row.text for row in file.paragraphs]
    public, internal = words[: words.index(INTERNAL)], words[words.index(INTERNAL) :]
    assert public[0] == "The council"
    assert f"{duty.code} {duty.title}" in public
    own = ("Seventh session", "3 – 5 August 2026", "Geneva", meeting.url, "15 July 2026")
    for text in own:
        assert not [row for row in public if text in row], text
        assert [row for row in internal if text in row], text
    assert file.core_properties.title == "The council"


@pytest.mark.long
def test_the_brief_of_the_forum_is_above_that_heading(
    open_file, meeting, duty, deliverable, reporter, reviewer
):
    """The promise as quoted, where it stands, what was done there since the last session, what
    others said, what is open, and the sources by their numbers."""
    forum, evidence = meeting.forum, [RESOLUTION]
    deliverable.partnerships.create(forum=forum, quote=en_zh("the council"))
    MeetingFactory(forum=forum, starts_on=date(2026, 6, 10), public=True)
    MeetingFactory(forum=forum, starts_on=date(2026, 6, 20), public=False)
    facts = {"forums": [forum], "effective_on": date(2026, 6, 15)}
    published(duty, reporter, reviewer, status="active", **facts)
    old = facts | {"effective_on": date(2026, 6, 1), "summary": en_zh("Before the last session.")}
    published(duty, reporter, reviewer, **old)
    context = {"event_type": "context", "summary": en_zh("An institute said so.")}
    published(duty, reporter, reviewer, evidence=evidence, **facts, **context)
    file = open_file(meeting, reporter)
    words = [row.text for row in file.paragraphs]
    public = words[: words.index(INTERNAL)]
    parts = {row.text for row in file.paragraphs if row.style.name == "Heading 1"}
    expected = [
        "Commitments at this forum",
        f"{duty.code} {duty.title}",
        "“We will work with the council.”",
        "Active · 15 June 2026 · Current",
        "Last action there: 15 June 2026 · Took part",
        f"{deliverable.code} {deliverable.title}",
        "Not yet assessed",
        "Actions there since 10 June 2026",
        "1.1 · 15 June 2026 · Took part",
        "A meeting was held.",
        "Criticism and context",
        "1.1 · 15 June 2026 · Context",
        "An institute said so.",
        "Open questions",
        "1.2 Take part in the forum · Not yet assessed",
        "Sources",
        "Report of an institute",
        "Resolution 1",
    ]
    places = [next((n for n, row in enumerate(public) if part in row), None) for part in expected]
    assert places == sorted(places), list(zip(expected, places, strict=True))
    assert {"Actions there since 10 June 2026", "Sources"} < parts
    assert not [row for row in public if "Before the last session." in row]
    numbers = [re.findall(r"\[(\d)\]", row) for row in public if "held." in row or "said" in row]
    sources = {
        title: re.match(r"(\d)\. ", row)[1]
        for row in public
        for title in ("Report of an institute", "Resolution 1")
        if title in row
    }
    assert numbers == [[sources["Report of an institute"]], [sources["Resolution 1"]]]


def test_a_plan_in_preparation_is_below_that_heading(open_file, meeting, duty, plan, reporter):
    plan.visibility = "draft"
    plan.save()
    words = [row.text for row in open_file(meeting, reporter).paragraphs]
    title = f"{duty.code} {duty.title}"
    assert title not in words[: words.index(INTERNAL)]
    assert title in words[words.index(INTERNAL) :]


@pytest.mark.long
def test_in_chinese_a_title_has_chinese_punctuation(meeting, duty, reporter, signed_in):
    MilestoneFactory(commitment=duty, title=en_zh("A paper", "一份文件"))
    client, chinese = signed_in(reporter), {"Accept-Language": "zh"}
    page = client.get(f"/admin/meetings/{meeting.pk}/", headers=chinese).text
    assert strip_tags(re.search(r"<h1>.*?</h1>", page)[0]).startswith("理事会：")
    assert "里程碑：一份文件" in page
    answer = client.get(f"/admin/meetings/{meeting.pk}/file/", headers=chinese)
    file = docx.Document(io.BytesIO(answer.content))
    assert file.core_properties.title == "理事会，2026年8月3日至5日"


def test_a_cancelled_meeting_says_so(open_file, meeting, reporter):
    meeting.cancelled = True
    meeting.save()
    words = [row.text for row in open_file(meeting, reporter).paragraphs]
    assert "Days: 3 – 5 August 2026 · cancelled" in words


@pytest.mark.long
def test_each_reads_of_the_work_under_way_only_what_the_page_shows_them(
    open_file, meeting, duty, reporter, other_reporter
):
    draft(duty, reporter, summary=en_zh("Mine alone."))
    assert "Mine alone." in "".join(row.text for row in open_file(meeting, reporter).paragraphs)
    others = [row.text for row in open_file(meeting, other_reporter).paragraphs]
    assert "Mine alone." not in "".join(others)
    assert "Nothing is under way on this commitment." in others


@pytest.mark.long
def test_work_on_a_commitment_that_does_not_name_the_forum_is_in_it_too(
    open_file, read, meeting, office_duty, plan, colleague, reviewer
):
    """A draft that names the forum is what was written for the meeting."""
    page = f"/admin/meetings/{meeting.pk}/"
    draft(office_duty, colleague, summary=en_zh("Of another forum."))
    before = [row.text for row in open_file(meeting, colleague).paragraphs]
    assert "Nothing is under way on this commitment." in before
    update = draft(office_duty, colleague, summary=en_zh("A paper."), forums=[meeting.forum])
    words = "\n".join(row.text for row in open_file(meeting, colleague).paragraphs)
    for shown in (words, read(colleague, page)):
        assert "In progress on other commitments" in shown
        assert f"#{update.pk}" in shown
        assert "A paper." in shown
        assert "Of another forum." not in shown
    assert words.index(INTERNAL) < words.index("A paper.")
    assert "Nothing is under way" not in words
    assert "A paper." not in read(reviewer, page)
    rate_blind(plan)
    assessed = submitted(office_duty, colleague, status="active", forums=[meeting.forum])
    assert f"#{assessed.pk}" not in read(reviewer, page)
    assert f"#{assessed.pk}" in read(colleague, page)


def test_it_is_for_staff_and_its_page_leads_to_it(client, read, meeting, reporter, visitor):
    address = f"/admin/meetings/{meeting.pk}/file/"
    assert client.get(address).status_code == 302
    client.force_login(visitor)
    assert client.get(address).status_code == 302
    assert f'href="{address}"' in read(reporter, f"/admin/meetings/{meeting.pk}/")


@pytest.mark.long
def test_what_is_to_be_rated_first_is_withheld_from_whoever_rates(
    open_file, meeting, plan, duty, reporter, reviewer
):
    rate_blind(plan)
    submitted(duty, reporter, status="active", summary=en_zh("All is well."))
    words = "".join(row.text for row in open_file(meeting, reviewer).paragraphs)
    assert "In review" in words
    assert "All is well." not in words
    own = "".join(row.text for row in open_file(meeting, reporter).paragraphs)
    assert "All is well." in own
