"""The results of a search as pages show them, with the matches marked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import ngettext

from commitments.addresses import path_to
from commitments.choices import EventType, EvidenceKind, ForumKind, HitKind, Status
from commitments.models import Commitment, Evidence, ProgressUpdate
from commitments.pages.rows import status_warnings
from commitments.pages.updates import evidence_item, page_update
from commitments.search import RecordSearch
from commitments.templatetags.tracker import on_day
from commitments.texts.languages import reader_tag
from commitments.texts.search_terms import FoundSpan, SearchTerm, excerpt, found_spans
from commitments.texts.text import Text


@dataclass(frozen=True)
class FoundText:
    """A text in one language, with its matches."""

    language: str
    spans: list[FoundSpan]

    @property
    def has_found(self) -> bool:
        return any(span.is_found for span in self.spans)


def found_texts(
    text: Text,
    terms: Sequence[SearchTerm],
    spans_of: Callable[[str, Sequence[SearchTerm]], list[FoundSpan]] = found_spans,
) -> list[FoundText]:
    """Return the text in each of its languages, the reader's first."""
    return [FoundText(tag, spans_of(words, terms)) for tag, words in text.in_reading_order()]


def titled(title: Text, terms: Sequence[SearchTerm]) -> tuple[FoundText, FoundText | None]:
    """Return a title in the reader's language and, if that has no match, in another language that
    does, else None."""
    first, *others = found_texts(title, terms) or [plain_text("")]
    others = [] if first.has_found else [row for row in others if row.has_found]
    return first, next(iter(others), None)


def with_matches(text: Text, terms: Sequence[SearchTerm]) -> list[FoundText]:
    """Return a text as `titled` does, without what is missing."""
    return [row for row in titled(text, terms) if row is not None]


def best_excerpt(texts: Iterable[Text], terms: Sequence[SearchTerm]) -> FoundText | None:
    """Return an excerpt of one of these texts around a match, in the reader's language if that has
    one; None if there is no match."""
    rows = (row for text in texts for row in found_texts(text, terms, excerpt))
    return next((row for row in rows if row.has_found), None)


def plain_text(words: str) -> FoundText:
    """Return words in the reader's language as a text without matches."""
    return FoundText(reader_tag(), [FoundSpan(words)])


def _has(words: str, term: SearchTerm) -> bool:
    return any(span.is_found for span in found_spans(words, [term]))


@dataclass(frozen=True)
class Hit:
    """A search result: its address, its title, and facts about it.

    `label` is a number or code. `status` is the status of a commitment, with its `warnings`.
    `commitments` are those that cite a source, `publisher` is the name of its publisher, and
    `language` is that of the source, "" if it is not stated. `place` is the citation or link of a
    source, if only that has some of what was searched for.
    """

    address: str
    title: FoundText
    label: str = ""
    text: FoundText | None = None
    publisher: Sequence[FoundText] = ()
    place: Sequence[FoundSpan] = ()
    facts: Sequence[object] = ()
    status: str = ""
    warnings: Sequence[str] = ()
    commitments: Sequence[Commitment] = ()
    is_external: bool = False
    language: str = ""


class HitPresenter:
    """Turns the rows that a search finds into hits. Links within the site keep the reader's
    clocks."""

    def __init__(self, search: RecordSearch, clocks: Mapping[str, str]) -> None:
        self.search, self.terms, self.clocks = search, search.terms, clocks

    def hits(self, kind: HitKind, rows: Iterable[Any]) -> list[Hit]:
        """Return the hits for these rows of `RecordSearch.hits`."""
        if kind is HitKind.SOURCE:
            return self._sources(list(rows))
        present: Mapping[HitKind, Callable[[Any], Hit]] = {
            HitKind.FORUM: self._forum,
            HitKind.COMMITMENT: self._commitment,
            HitKind.ASSESSMENT: self._update,
            HitKind.EVENT: self._update,
            HitKind.PUBLISHER: self._publisher,
        }
        return [present[kind](row) for row in rows]

    def _forum(self, forum: Any) -> Hit:
        name, other = titled(forum.name, self.terms)
        return Hit(
            self._page("forum", forum.plan_code, forum.code),
            name,
            label=forum.code,
            text=other,
            facts=[ForumKind(forum.kind).label],
        )

    def _commitment(self, row: Any) -> Hit:
        title, other = titled(row.title, self.terms)
        return Hit(
            self._page("commitment", row.plan.code, row.number),
            title,
            label=self._number(row),
            text=best_excerpt([row.text], self.terms) or other,
            status=row.assessment_status,
            warnings=status_warnings(row),
        )

    def _update(self, row: ProgressUpdate) -> Hit:
        update, commitment = page_update(row), row.commitment
        day = on_day(update.effective_on, update.date_precision)
        what = Status(update.status) if update.status else EventType(str(update.event_type))
        page = self._page("commitment", commitment.plan.code, commitment.number)
        title, _other = titled(commitment.title, ())
        return Hit(
            f"{page}#update-{update.id}",
            title,
            label=self._number(commitment),
            text=best_excerpt([update.summary, update.search_note], self.terms),
            facts=[day, what.label],
        )

    def _publisher(self, publisher: Any) -> Hit:
        n = publisher.source_count
        sources = ngettext("%(n)s source", "%(n)s sources", n) % {"n": n}
        query = {"q": str(publisher.name), "type": HitKind.SOURCE.value, **self.clocks}
        name, other = titled(publisher.name, self.terms)
        return Hit(f"?{urlencode(query)}", name, text=other, facts=[sources])

    def _sources(self, rows: Sequence[dict[str, Any]]) -> list[Hit]:
        evidence = Evidence.objects.in_bulk([row["first"] for row in rows])
        commitments = self.search.citing_commitments([row["place"] for row in rows])
        return [
            self._source(evidence[row["first"]], commitments.get(row["place"], ())) for row in rows
        ]

    def _source(self, evidence: Evidence, commitments: Sequence[Commitment]) -> Hit:
        item = evidence_item(evidence)
        title: FoundText = plain_text(str(item.title))
        other: FoundText | None = None
        if isinstance(item.title, Text):
            title, other = titled(item.title, self.terms)
        publisher = with_matches(evidence.publisher.name, self.terms) if evidence.publisher else []
        names = [title, *([other] if other else []), *publisher]
        day = [on_day(evidence.dated_on)] if evidence.dated_on else []
        return Hit(
            item.address,
            title,
            text=other,
            publisher=publisher,
            place=self._place(evidence, names),
            facts=[*day, EvidenceKind(evidence.kind).label],
            commitments=commitments,
            is_external=bool(evidence.url),
            language=evidence.language,
        )

    def _place(self, evidence: Evidence, names: Iterable[FoundText]) -> list[FoundSpan]:
        """Return an excerpt of the citation or link around a match, if these names of the source do
        not have all of what was searched for; else an empty list."""
        words = ["".join(span.text for span in name.spans) for name in names]
        others = [term for term in self.terms if not any(_has(row, term) for row in words)]
        place = evidence.citation or evidence.url
        return excerpt(place, self.terms) if any(_has(place, term) for term in others) else []

    def _number(self, commitment: Commitment) -> str:
        return commitment.number if len(self.search.plans) == 1 else commitment.code

    def _page(self, route: str, *names: str) -> str:
        address = path_to(f"pages:{route}", *names)
        return f"{address}?{urlencode(self.clocks)}" if self.clocks else address
