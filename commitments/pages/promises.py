"""What commitments promise at a forum, in the words of the plan, and what happened there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from commitments.choices import ACTIONS, EventType
from commitments.models import Forum, Partnership
from commitments.models.querysets import ProgressUpdateQuerySet
from commitments.pages.rows import ListedCommitment, event_text
from commitments.texts.highlight import highlight_spans, sentence_with
from commitments.texts.languages import language_name_for_reader
from commitments.texts.search_terms import FoundSpan
from commitments.texts.text import Text


@dataclass(frozen=True)
class ForumEvent:
    """An event at a forum."""

    id: int
    commitment: int
    on: date
    precision: str
    event_type: EventType

    @property
    def is_action(self) -> bool:
        """Return whether the plan's owner acted. All other events are criticism and context."""
        return self.event_type in ACTIONS

    @property
    def text(self) -> str:
        return event_text(self.on, self.precision, self.event_type)


@dataclass(frozen=True)
class Quotation:
    """A sentence of a commitment in which the words that name a forum are marked. `unnamed_in` is
    the reader's language if the text in that language does not name the forum, else ""."""

    language: str
    spans: list[FoundSpan]
    unnamed_in: str = ""

    @property
    def remark(self) -> str:
        """A remark that the text in the reader's language has no such words; "" if it has."""
        if not self.unnamed_in:
            return ""
        language = language_name_for_reader(self.unnamed_in)
        return _("The text in %(language)s has no such words.") % {"language": language}


@dataclass(frozen=True)
class Promise:
    """A commitment at a forum: the sentences that name the forum, and the last action there."""

    commitment: ListedCommitment
    quotations: list[Quotation]
    last_action: ForumEvent | None


def forum_events(updates: ProgressUpdateQuerySet) -> list[ForumEvent]:
    """Return events at a forum from these updates, which must be events, in the same order; one
    query."""
    columns = ("pk", "commitment", "effective_on", "date_precision", "event_type")
    return [
        ForumEvent(pk, commitment, on, precision, EventType(str(event_type)))
        for pk, commitment, on, precision, event_type in updates.values_list(*columns)
    ]


def promises_of(
    commitments: Iterable[Any], forum: Forum, events: Sequence[ForumEvent]
) -> list[Promise]:
    """Return the promises at a forum of commitments that were read with their partnerships of the
    forums whose commitments count as the forum's own. `events` are those at the forum, newest
    first."""
    last: dict[int, ForumEvent] = {}
    for event in events:
        if event.is_action:
            last.setdefault(event.commitment, event)
    return [
        Promise(
            ListedCommitment(row, forum),
            _quotations(row.text, row.partnerships.all()),
            last.get(row.pk),
        )
        for row in commitments
    ]


def _quotations(text: Text, partnerships: Iterable[Partnership]) -> list[Quotation]:
    """Return each sentence that names one of the forums, once."""
    found: dict[str, Quotation] = {}
    readers = next((tag for tag, _words in text.in_reading_order()), "")
    for row in partnerships:
        for tag, words in row.quote.in_reading_order():
            sentence = sentence_with(words, text.get(tag, ""))
            if sentence:
                spans = highlight_spans(sentence, {"forum": words})
                marked = [FoundSpan(piece, bool(code)) for piece, code in spans]
                found.setdefault(
                    sentence, Quotation(tag, marked, "" if tag == readers else readers)
                )
                break
    return list(found.values())
