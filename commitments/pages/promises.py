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
from commitments.texts.phrases import last_action_label
from commitments.texts.search_terms import FoundSpan
from commitments.texts.text import Text


@dataclass(frozen=True)
class ForumEvent:
    """An event at a forum: `is_there` is whether it names the forum itself or a part of it, and
    not only a successor."""

    id: int
    commitment: int
    on: date
    precision: str
    event_type: EventType
    is_there: bool

    @property
    def is_action(self) -> bool:
        """Return whether the plan's owner acted. All other events are criticism and context."""
        return self.event_type in ACTIONS

    @property
    def text(self) -> str:
        return event_text(self.on, self.precision, self.event_type)

    @property
    def label_as_last(self) -> str:
        """The words before the event where it is given as the last action."""
        return last_action_label(is_there=self.is_there)


@dataclass(frozen=True)
class Quotation:
    """A sentence of a commitment in which the `words` that name a forum are marked. `unnamed_in` is
    the reader's language if the text in that language does not name the forum in such words, else
    ""."""

    language: str
    spans: list[FoundSpan]
    words: str
    unnamed_in: str = ""

    @property
    def remark(self) -> str:
        """A remark that the text in the reader's language does not use the marked words; "" if it
        does."""
        if not self.unnamed_in:
            return ""
        language = language_name_for_reader(self.unnamed_in)
        message = _("The text in %(language)s does not use the term “%(words)s”.")
        return message % {"language": language, "words": self.words}


@dataclass(frozen=True)
class Promise:
    """A commitment at a forum: the sentences that name the forum, the last action there, and the
    last one at a successor, if that is newer."""

    commitment: ListedCommitment
    quotations: list[Quotation]
    last_action: ForumEvent | None
    at_successor: ForumEvent | None

    @property
    def last_actions(self) -> list[ForumEvent]:
        """Both of these actions, as far as there are any."""
        return [event for event in (self.last_action, self.at_successor) if event]


def forum_events(updates: ProgressUpdateQuerySet) -> list[ForumEvent]:
    """Return events at a forum from these updates, which must be events read `with_is_there`, in
    the same order; one query."""
    columns = ("pk", "commitment", "effective_on", "date_precision", "event_type", "is_there")
    return [
        ForumEvent(pk, commitment, on, precision, EventType(str(event_type)), is_there)
        for pk, commitment, on, precision, event_type, is_there in updates.values_list(*columns)
    ]


def promises_of(
    commitments: Iterable[Any], forum: Forum, events: Sequence[ForumEvent]
) -> list[Promise]:
    """Return the promises at a forum of commitments that were read with their partnerships of the
    forums whose commitments count as the forum's own. `events` are those at the forum, newest
    first."""
    newest: dict[int, ForumEvent] = {}
    there: dict[int, ForumEvent] = {}
    for event in events:
        if event.is_action:
            newest.setdefault(event.commitment, event)
            if event.is_there:
                there.setdefault(event.commitment, event)

    def promise(row: Any) -> Promise:
        last, last_there = newest.get(row.pk), there.get(row.pk)
        return Promise(
            ListedCommitment(row, forum),
            _quotations(row.text, row.partnerships.all()),
            last_action=last_there,
            at_successor=last if last != last_there else None,
        )

    return [promise(row) for row in commitments]


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
                    sentence, Quotation(tag, marked, words, "" if tag == readers else readers)
                )
                break
    return list(found.values())
