"""The differences between two contents of updates, field by field: the author's changes since an
update was returned, or those of a correction or of a new assessment."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.contrib.admin.utils import label_for_field
from django.utils.translation import gettext as _

from commitments import ledger, workflow
from commitments.access import policies
from commitments.choices import Codes, EventType, EvidenceKind, FindingResult, Source, Status
from commitments.models import Evidence, ProgressUpdate
from commitments.templatetags.tracker import on_day
from commitments.texts.diff import DiffSpan, compare_texts
from commitments.texts.fields import MultilingualField
from commitments.texts.languages import language_name_for_reader
from commitments.texts.lists import ITEMS, join_list
from commitments.texts.text import Text

if TYPE_CHECKING:
    from commitments.roles import Person

# The content of an update or of a piece of its evidence, as `ledger.full_content` returns it.
Recorded = Mapping[str, Any]
# Returns what identifies a piece of evidence, to match the pieces of two contents.
PieceKey = Callable[[Recorded], object]


@dataclass(frozen=True)
class FieldDifference:
    """A field before and after, in words, or None where it has no value; for texts, the differences
    by language instead."""

    label: str
    before: str | None
    after: str | None
    comparison: Mapping[str, list[DiffSpan]]

    @property
    def before_text(self) -> str:
        return self.before or ""

    @property
    def after_text(self) -> str:
        return self.after or ""


@dataclass(frozen=True)
class ComparedUpdate:
    """The update that another one is compared with, its evidence level, and the differences."""

    update: ProgressUpdate
    level: int
    differences: list[FieldDifference]


def compared_update(user: Person, update: ProgressUpdate) -> ComparedUpdate | None:
    """Return what a reviewer compares an update with: the update that it corrects or, for any other
    assessment, the current one, without its sources. None if there is nothing to compare, or if
    this person may not see it."""
    pk = update.corrects_id or (update.commitment.status_update_id if update.status else None)
    if pk is None or pk == update.pk:
        return None
    before = ProgressUpdate.objects.with_basis_level().with_content().get(pk=pk)
    if not policies.may_see_content(user, before):
        return None
    was, now = (_visible_content(user, row) for row in (before, update))
    if update.corrects_id is None:
        differences = [*field_differences(was, now, ASSESSMENT_FIELDS)]
    else:
        # A correction begins without an external reference, which belongs to one update only.
        names = [name for name in now if now[name] or name != "external_ref"]
        differences = [
            *field_differences(was, now, names),
            *evidence_differences(was, now, (by_source, by_title)),
        ]
    return ComparedUpdate(before, workflow.evidence_level(before), differences)


def _visible_content(user: Person, update: ProgressUpdate) -> Recorded:
    """Return the content of an update with the evidence that this person may see."""
    content: Recorded = ledger.full_content(update)
    visible = {item.pk for item in policies.visible_evidence(user, update)}
    evidence = [item for item in content["evidence"] if item["id"] in visible]
    return {**content, "evidence": evidence}


def field_differences(
    before: Recorded, after: Recorded, names: Collection[str]
) -> Iterator[FieldDifference]:
    """Yield the differences of the named fields of an update; for findings, one for each
    criterion."""
    for name in (name for name in after if name in names and name not in SHOWN_OTHERWISE):
        # The stored content lacks a field that was added to the model after the update was
        # returned.
        if name in COMPARED_TEXTS:
            texts = Text(before.get(name, {})), Text(after[name])
            if texts[0] != texts[1]:
                yield FieldDifference(_label(name), None, None, compare_texts(*texts))
        elif name == "findings":
            yield from _changed_findings(before.get(name, {}), after[name])
        else:
            in_words = [_words(name, row) if name in row else "" for row in (before, after)]
            yield from _difference(_label(name), *in_words)


def _difference(label: str, before: str, after: str) -> Iterator[FieldDifference]:
    if before != after:
        yield FieldDifference(label, before or None, after or None, {})


def _words(name: str, content: Recorded) -> str:
    in_words = IN_WORDS.get(name)
    return in_words(content) if in_words else content[name] or ""


def _changed_findings(before: Recorded, after: Recorded) -> Iterator[FieldDifference]:
    for key in sorted({*before, *after}):
        label = _("Criterion %(key)s") % {"key": key}
        yield from _difference(label, *(_finding(row.get(key)) for row in (before, after)))


def _finding(finding: Recorded | None) -> str:
    if finding is None:
        return ""
    events = _updates(finding["events"])
    result = str(FindingResult(finding["result"]).label)
    if not events:
        return result
    return _("%(result)s (%(events)s)") % {"result": result, "events": events}


def by_id(item: Recorded) -> object:
    """Match pieces of the same update, by their ids."""
    return item["id"]


def by_source(item: Recorded) -> object:
    """Match copies: pieces with the same link, file or citation."""
    return item.get("url"), item.get("citation"), (item.get("file") or {}).get("sha256")


def by_title(item: Recorded) -> object:
    """Match copies whose link, file or citation was corrected."""
    return item["title"]


def evidence_differences(
    before: Recorded, after: Recorded, keys: Iterable[PieceKey]
) -> Iterator[FieldDifference]:
    """Yield the differences of the sources, which are matched by each of these keys in turn."""
    was, now = list(before["evidence"]), list(after["evidence"])
    for key in keys:
        for item in list(was):
            same = next((other for other in now if key(other) == key(item)), None)
            if same is not None:
                was.remove(item)
                now.remove(same)
                yield from _changed_piece(item, same)
    for item in was:
        yield from _difference(_("Source removed"), _piece(item), "")
    for item in now:
        yield from _difference(_("Source added"), "", _piece(item))


def _changed_piece(before: Recorded, after: Recorded) -> Iterator[FieldDifference]:
    """Yield the differences of one source. Stored content lacks fields that were added to the model
    later."""
    for name, in_words in PIECE_IN_WORDS.items():
        values = {"title": Text(after["title"]).inline(), "field": _label_of_piece(name)}
        label = _("Source “%(title)s”, %(field)s") % values
        if name in before:
            yield from _difference(label, *(in_words(item) for item in (before, after)))


def _piece(item: Recorded) -> str:
    """Return a piece of evidence in one line."""
    parts = [in_words(item) for name, in_words in PIECE_IN_WORDS.items() if name in item]
    return " · ".join(part for part in parts if part)


def _label_of_piece(name: str) -> str:
    return str(label_for_field(name, Evidence))


def _label(name: str) -> str:
    if name == "rests_on":
        return _("Also rests on")
    return str(label_for_field(name, ProgressUpdate))


def _code(codes: type[Codes], name: str) -> Callable[[Recorded], str]:
    return lambda content: str(codes(content[name]).label) if content[name] else ""


def _date(name: str) -> Callable[[Recorded], str]:
    return lambda content: on_day(date.fromisoformat(content[name])) if content[name] else ""


def _effective_on(content: Recorded) -> str:
    return on_day(date.fromisoformat(content["effective_on"]), content["date_precision"])


def _list(name: str) -> Callable[[Recorded], str]:
    return lambda content: join_list(content[name], ITEMS)


def _string(name: str) -> Callable[[Recorded], str]:
    return lambda content: content[name] or ""


def _updates(ids: Iterable[int]) -> str:
    return join_list((f"#{pk}" for pk in ids), ITEMS)


def _other_events(content: Recorded) -> str:
    """Return the events that no finding names, in words; the others are listed with the
    findings."""
    named = {pk for finding in content["findings"].values() for pk in finding["events"]}
    return _updates(pk for pk in content["rests_on"] if pk not in named)


def _language(item: Recorded) -> str:
    return language_name_for_reader(item["language"]) if item["language"] else ""


# The fields of an update that make up its assessment.
ASSESSMENT_FIELDS: Sequence[str] = (
    "effective_on",
    "covers_from",
    "status",
    "summary",
    "findings",
    "rests_on",
    "search_note",
)
COMPARED_TEXTS = {
    field.name for field in ProgressUpdate._meta.fields if isinstance(field, MultilingualField)
}
# Not compared as fields: the precision is shown with the date, sources have lines of their own, and
# which update is corrected cannot change.
SHOWN_OTHERWISE = {"date_precision", "evidence", "corrects"}
# How fields are worded that are stored in a form that people do not read.
IN_WORDS: Mapping[str, Callable[[Recorded], str]] = {
    "event_type": _code(EventType, "event_type"),
    "status": _code(Status, "status"),
    "effective_on": _effective_on,
    "covers_from": _date("covers_from"),
    "rests_on": _other_events,
    "forums": _list("forums"),
    "criteria": _list("criteria"),
    "meets": _list("meets"),
}
# The same for a piece of evidence, in the order in which its line shows them.
PIECE_IN_WORDS: Mapping[str, Callable[[Recorded], str]] = {
    "title": lambda item: Text(item["title"]).inline(),
    "publisher": _string("publisher"),
    "kind": _code(EvidenceKind, "kind"),
    "source": _code(Source, "source"),
    "dated_on": _date("dated_on"),
    "language": _language,
    "url": _string("url"),
    "citation": _string("citation"),
    "file": lambda item: (item["file"] or {}).get("name", ""),
    "public": lambda item: "" if item["public"] else _("internal"),
}
