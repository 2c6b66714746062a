"""What an author has changed of an update since a reviewer returned it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.admin.utils import label_for_field
from django.utils.translation import gettext as _

from commitments import ledger
from commitments.choices import Codes, EventType, EvidenceKind, FindingResult, Source, Status
from commitments.models import ProgressUpdate, ReturnedContent
from commitments.templatetags.tracker import on_day
from commitments.texts.diff import DiffSpan, compare_texts
from commitments.texts.fields import MultilingualField
from commitments.texts.lists import ITEMS, join_list
from commitments.texts.text import Text

Recorded = Mapping[str, Any]


@dataclass(frozen=True)
class ChangeSince:
    """A field before and after in words, None if there are none; of texts, how they differ by
    language instead."""

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
class Returned:
    """When an update was returned, and what its author has changed since."""

    at: datetime
    changes: list[ChangeSince]


def since_return(update: ProgressUpdate) -> Returned | None:
    """Return what has changed since the update was last returned, None if it never was."""
    kept = ReturnedContent.objects.filter(update=update).first()
    if kept is None:
        return None
    now = ledger.full_content(update)
    return Returned(kept.at, [*_changed_fields(kept.content, now), *_changed_evidence(kept, now)])


def _changed_fields(before: Recorded, after: Recorded) -> Iterator[ChangeSince]:
    for name in (name for name in after if name not in SHOWN_OTHERWISE):
        # A field that came after the update was returned is not in what was kept.
        if name in COMPARED_TEXTS:
            texts = Text(before.get(name, {})), Text(after[name])
            if texts[0] != texts[1]:
                yield ChangeSince(_label(name), None, None, compare_texts(*texts))
            continue
        was, now = (_words(name, content) if name in content else "" for content in (before, after))
        if was != now:
            yield ChangeSince(_label(name), was or None, now or None, {})


def _words(name: str, content: Recorded) -> str:
    in_words = IN_WORDS.get(name)
    return in_words(content) if in_words else content[name] or ""


def _changed_evidence(kept: ReturnedContent, after: Recorded) -> Iterator[ChangeSince]:
    was, now = (
        {item["id"]: _evidence(item) for item in content["evidence"]}
        for content in (kept.content, after)
    )
    for pk in sorted({*was, *now}):
        if was.get(pk) != now.get(pk):
            yield ChangeSince(_("Evidence"), was.get(pk), now.get(pk), {})


def _label(name: str) -> str:
    if name == "rests_on":
        return _("Also rests on")
    return str(label_for_field(name, ProgressUpdate))


def _code(codes: type[Codes], name: str) -> Callable[[Recorded], str]:
    return lambda content: str(codes(content[name]).label) if content[name] else ""


def _day(content: Recorded) -> str:
    return on_day(date.fromisoformat(content["effective_on"]), content["date_precision"])


def _first_day(content: Recorded) -> str:
    day = content["covers_from"]
    return on_day(date.fromisoformat(day)) if day else ""


def _list(name: str) -> Callable[[Recorded], str]:
    return lambda content: join_list(content[name], ITEMS)


def _updates(ids: Iterable[int]) -> str:
    return join_list((f"#{pk}" for pk in ids), ITEMS)


def _findings(content: Recorded) -> str:
    found = []
    for key, finding in sorted(content["findings"].items()):
        events = _updates(finding["events"])
        result = str(FindingResult(finding["result"]).label)
        found.append(f"{key}: {result}" + (f" ({events})" if events else ""))
    return " · ".join(found)


def _evidence(item: Recorded) -> str:
    """Return a piece of evidence in a line."""
    file = item.get("file") or {}
    codes = [
        str(codes(item[name]).label)
        for name, codes in (("kind", EvidenceKind), ("source", Source))
        if item.get(name)
    ]
    parts = [
        Text(item["title"]).inline(),
        item.get("publisher") or "",
        *codes,
        *(item.get(name) or "" for name in ("dated_on", "url", "citation")),
        file.get("name", ""),
        "" if item["public"] else _("internal"),
    ]
    return " · ".join(part for part in parts if part)


COMPARED_TEXTS = {
    field.name for field in ProgressUpdate._meta.fields if isinstance(field, MultilingualField)
}
# The precision is part of the day, sources have lines of their own; what an update corrects stays.
SHOWN_OTHERWISE = {"date_precision", "evidence", "corrects"}
# Fields that are kept in another form than the one that people read.
IN_WORDS: Mapping[str, Callable[[Recorded], str]] = {
    "event_type": _code(EventType, "event_type"),
    "status": _code(Status, "status"),
    "effective_on": _day,
    "covers_from": _first_day,
    "findings": _findings,
    "rests_on": lambda content: _updates(content["rests_on"]),
    "forums": _list("forums"),
    "criteria": _list("criteria"),
    "meets": _list("meets"),
}
