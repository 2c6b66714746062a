"""The page of a meeting as a document, to take there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
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


class MeetingFile(MeetingPage):
    """The page of a meeting as DOCX. What is not public is in a part of its own, marked as
    internal."""

    def render_to_response(self, context: Any, **kwargs: object) -> HttpResponse:
        meeting: Meeting = context["meeting"]
        days = until(meeting.starts_on, meeting.ends_on)
        document = TextDocument(
            language=reader_tag(),
            title=f"{meeting.forum.name.inline()}, {days}",
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


def _blocks(request: HttpRequest, context: Any) -> Iterator[Block]:
    meeting: Meeting = context["meeting"]
    topics: Sequence[Topic] = context["topics"]
    yield SectionHeading([text_words(meeting.forum.name)], 0)
    if meeting.title:
        yield Paragraph([text_words(meeting.title, Emphasis.STRONG)], is_lead=True)
    yield EntryList([Entry([line]) for line in _facts(request, meeting, context["plans"])])
    yield SectionHeading(line_of(_("Commitments of this forum")))
    if not topics:
        yield Paragraph(line_of(_("No commitment names this forum.")))
    for topic in topics:
        yield from _topic(topic)
    if context["count"] > len(topics):
        message = _("The first %(n)s of %(of)s.")
        values = {"n": len(topics), "of": context["count"]}
        yield Paragraph(line_of(message % values))
    yield from _internal(meeting, topics)


def _facts(request: HttpRequest, meeting: Meeting, plans: Iterable[Plan]) -> Iterator[Line]:
    yield _fact(_("Days"), TextRun(until(meeting.starts_on, meeting.ends_on)))
    if meeting.place:
        yield _fact(_("Place"), text_words(meeting.place))
    if meeting.url:
        yield _fact(_("Link"), TextRun(meeting.url, link=meeting.url))
    for plan in plans:
        if not plan.is_draft:
            path = reverse("pages:brief", args=[plan.code, meeting.forum.code])
            address = request.build_absolute_uri(path)
            yield _fact(f"{plan.code}, {_('Brief for print')}", TextRun(address, link=address))


def _fact(label: str, words: TextRun) -> Line:
    return line_of(TextRun(f"{label}: ", mark=Emphasis.STRONG), words)


def _topic(topic: Topic) -> Iterator[Block]:
    """Yield what is public of a commitment: the words that name the forum, its status, and the last
    action there."""
    yield SectionHeading(_titled(topic.commitment), 2)
    for quote in topic.quotes:
        if quote:
            yield Paragraph(line_of("“", quote, "”"))
    yield Paragraph(_status(topic.commitment))
    action = topic.last_action
    if action is not None:
        day = on_day(action.effective_on, action.date_precision)
        label = EventType(str(action.event_type)).label
        head = f"{_('Last action there')}{_(': ')}{day} · {label} · "
        yield Paragraph(line_of(head, action.summary))


def _titled(commitment: Any) -> Line:
    return line_of(TextRun(f"{commitment.code} "), commitment.title)


def _status(commitment: Any) -> Line:
    words = [TextRun(str(Status(commitment.assessment_status).label), mark=Emphasis.STRONG)]
    if commitment.assessment_id:
        day = on_day(commitment.assessment_effective_on, commitment.assessment_precision)
        freshness = Freshness(commitment.freshness).label
        words.append(TextRun(f" · {day} · {freshness}"))
    return words


def _internal(meeting: Meeting, topics: Sequence[Topic]) -> Iterator[Block]:
    """Yield what only staff may see: who goes, the asks, the day for papers, milestones and work
    under way."""
    yield SectionHeading([TextRun(_("Internal: not for distribution"), mark=Emphasis.INTERNAL)])
    offices = [line_of(f"{row.code} ", row.name) for row in meeting.offices.all()]
    if meeting.papers_due_on:
        day = TextRun(on_day(meeting.papers_due_on))
        yield Paragraph(_fact(_("Papers due on"), day), is_internal=True)
    if offices:
        yield Paragraph(line_of(_("Attending offices")), is_internal=True)
        yield EntryList([Entry([line]) for line in offices], is_internal=True)
    if meeting.asks:
        yield Paragraph(line_of(_("Asks")), is_internal=True)
        yield Paragraph([text_words(meeting.asks)], is_internal=True)
    with_work = [row for row in topics if row.milestones or row.under_way]
    for topic in with_work:
        yield SectionHeading(_titled(topic.commitment), 2)
        yield EntryList([Entry([line]) for line in _work(topic)], is_internal=True)
    if not with_work:
        sentence = ngettext(
            "Nothing is under way on this commitment.",
            "Nothing is under way on these commitments.",
            len(topics),
        )
        yield Paragraph(line_of(sentence), is_internal=True)


def _work(topic: Topic) -> Iterator[Line]:
    for milestone in topic.milestones:
        day = on_day(milestone.due_on)
        yield line_of(f"{_('Milestone')}: ", milestone.title, f" · {day}")
    under_way: list[Any] = topic.under_way
    for update in under_way:
        head = f"#{update.pk} {State(update.state).label} · {person(update.author)}"
        # Whoever is to rate an assessment first does not read what it finds.
        yield line_of(head) if update.is_withheld else line_of(f"{head} · ", update.summary)
