"""The page of a meeting as a document to take along."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import resolve, reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from commitments.admin.workbench.meetings import MeetingPage
from commitments.choices import EventType, Freshness, State, Status
from commitments.exports.documents.blocks import (
    Block,
    Emphasis,
    Entry,
    EntryList,
    Line,
    Paragraph,
    SectionHeading,
    TextDocument,
    TextRun,
    line_of,
    text_words,
)
from commitments.exports.documents.docx_file import DOCX_TYPE, write_docx
from commitments.meetings.sessions import Topic
from commitments.models import Meeting, Plan
from commitments.templatetags.pages import site
from commitments.templatetags.tracker import on_day, person, until
from commitments.texts.languages import reader_tag
from commitments.texts.lists import COMMAS, join_list


class MeetingFile(MeetingPage):
    """The page of a meeting as DOCX. What is not public is in a part of its own, marked as
    internal."""

    def render_to_response(self, context: Any, **kwargs: object) -> HttpResponse:
        meeting: Meeting = context["meeting"]
        document = TextDocument(
            language=reader_tag(),
            title=_title(meeting),
            author=site().name,
            at=timezone.now(),
            blocks=list(_blocks(self.request, context)),
            footer=f"{meeting.forum.code} · {_('Internal')}",
        )
        file = BytesIO()
        write_docx([document], file)
        response = HttpResponse(file.getvalue(), content_type=DOCX_TYPE)
        name = f"{meeting.forum.code}-{meeting.starts_on}-{get_language()}.docx"
        response["Content-Disposition"] = content_disposition_header(True, name)
        return response


def _title(meeting: Meeting) -> str:
    name: str = meeting.forum.name.inline()
    days = [until(meeting.starts_on, meeting.ends_on)] if meeting.public else []
    return join_list([name, *days], COMMAS)


def _blocks(request: HttpRequest, context: Any) -> Iterator[Block]:
    meeting: Meeting = context["meeting"]
    topics: Sequence[Topic] = context["topics"]
    yield SectionHeading([text_words(meeting.forum.name)], 0)
    if meeting.public:
        yield from _session(meeting)
    plans = [plan for plan in context["plans"] if not plan.is_draft]
    yield from _briefs(request, meeting, plans)
    if not plans:
        yield Paragraph(line_of(_("No commitment names this forum.")))
    yield from _internal(meeting, topics, context["other_work"], context["other_count"])


def _session(meeting: Meeting) -> Iterator[Block]:
    """Yield what readers see of a meeting that is public."""
    is_internal = not meeting.public
    if meeting.title:
        words = [text_words(meeting.title, Emphasis.STRONG)]
        yield Paragraph(words, is_lead=True, is_internal=is_internal)
    yield EntryList([Entry([line]) for line in _facts(meeting)], is_internal=is_internal)


def _facts(meeting: Meeting) -> Iterator[Line]:
    days = until(meeting.starts_on, meeting.ends_on)
    cancelled = f" · {_('cancelled')}" if meeting.cancelled else ""
    yield _fact(_("Days"), TextRun(f"{days}{cancelled}"))
    if meeting.place:
        yield _fact(_("Place"), text_words(meeting.place))
    if meeting.papers_due_on:
        yield _fact(_("Papers due on"), TextRun(on_day(meeting.papers_due_on)))
    if meeting.url:
        yield _fact(_("Link"), TextRun(meeting.url, link=meeting.url))


def _briefs(request: HttpRequest, meeting: Meeting, plans: Iterable[Plan]) -> Iterator[Block]:
    """Yield the brief of each of these plans, which are public, with actions since the last public
    session. The view of the public brief writes it. That view is resolved by its address, because
    the staff side and the public pages do not import each other."""
    held = Meeting.objects.held().filter(public=True).at_forum(meeting.forum)
    last = held.over(meeting.starts_on).latest_first().first()
    number = 1
    for plan in plans:
        path = reverse("pages:brief", args=[plan.code, meeting.forum.code])
        match: Any = resolve(path)
        page = match.func.view_class(since=last and last.starts_on, first_source=number)
        page.setup(request, **match.kwargs)
        address = request.build_absolute_uri(path)
        brief = _fact(f"{plan.code} · {_('Brief for print')}", TextRun(address, link=address))
        yield EntryList([Entry([brief])])
        yield from page.blocks()
        number = page.first_source


def _fact(label: str, words: TextRun) -> Line:
    return line_of(TextRun(f"{label}{_(': ')}", mark=Emphasis.STRONG), words)


def _topic(topic: Topic) -> Iterator[Block]:
    """Yield a commitment of a plan in preparation: the words that name the forum, its status, and
    the last action there."""
    yield SectionHeading(_titled(topic.commitment), 2)
    for quote in topic.quotes:
        if quote:
            yield Paragraph(line_of("“", quote, "”"), is_internal=True)
    yield Paragraph(_status(topic.commitment), is_internal=True)
    action = topic.last_action
    if action is not None:
        day = on_day(action.effective_on, action.date_precision)
        label = EventType(str(action.event_type)).label
        head = f"{topic.last_action_label}{_(': ')}{day} · {label} · "
        yield Paragraph(line_of(head, action.summary), is_internal=True)


def _titled(commitment: Any) -> Line:
    return line_of(TextRun(f"{commitment.code} "), commitment.title)


def _status(commitment: Any) -> Line:
    words = [TextRun(str(Status(commitment.assessment_status).label), mark=Emphasis.STRONG)]
    if commitment.assessment_id:
        day = on_day(commitment.assessment_effective_on, commitment.assessment_precision)
        freshness = Freshness(commitment.freshness).label
        words.append(TextRun(f" · {day} · {freshness}"))
    return words


def _internal(
    meeting: Meeting, topics: Sequence[Topic], other_work: Sequence[Any], other_count: int
) -> Iterator[Block]:
    """Yield what only staff may see: a meeting that is not public, who goes, the asks, plans in
    preparation, milestones and work under way."""
    yield SectionHeading([TextRun(_("Internal: not for distribution"), mark=Emphasis.INTERNAL)])
    if not meeting.public:
        yield from _session(meeting)
    offices = [line_of(f"{row.code} ", row.name) for row in meeting.offices.all()]
    if offices:
        yield Paragraph(line_of(_("Attending offices")), is_internal=True)
        yield EntryList([Entry([line]) for line in offices], is_internal=True)
    if meeting.asks:
        yield Paragraph(line_of(_("Asks")), is_internal=True)
        yield Paragraph([text_words(meeting.asks)], is_internal=True)
    for topic in topics:
        work = [Entry([line]) for line in _work(topic)]
        if topic.commitment.plan.is_draft:
            yield from _topic(topic)
        elif work:
            yield SectionHeading(_titled(topic.commitment), 2)
        if work:
            yield EntryList(work, is_internal=True)
    if other_work:
        yield from _other_work(other_work, other_count)
    elif topics and not any(row.milestones or row.under_way for row in topics):
        sentence = ngettext(
            "Nothing is under way on this commitment.",
            "Nothing is under way on these commitments.",
            len(topics),
        )
        yield Paragraph(line_of(sentence), is_internal=True)


def _other_work(updates: Sequence[Any], count: int) -> Iterator[Block]:
    """Yield the first of the updates under way on commitments that do not name the forum."""
    yield SectionHeading(line_of(_("In progress on other commitments")), 2)
    entries = [Entry([_titled(row.commitment), _under_way(row)]) for row in updates]
    yield EntryList(entries, is_internal=True)
    if count > len(updates):
        cut = _("The first %(n)s of %(of)s.") % {"n": len(updates), "of": count}
        yield Paragraph(line_of(cut), is_internal=True)


def _work(topic: Topic) -> Iterator[Line]:
    for milestone in topic.milestones:
        day = on_day(milestone.due_on)
        yield line_of(f"{_('Milestone')}{_(': ')}", milestone.title, f" · {day}")
    yield from map(_under_way, topic.under_way)


def _under_way(update: Any) -> Line:
    head = f"#{update.pk} {State(update.state).label} · {person(update.author)}"
    # A reviewer who has to rate an assessment first must not read its findings.
    return line_of(head) if update.is_withheld else line_of(f"{head} · ", update.summary)
