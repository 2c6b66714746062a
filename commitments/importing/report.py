"""What an amendment changes, one line for each difference."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

from commitments.choices import SubjectType
from commitments.curation.history import FieldChange, field_changes
from commitments.importing.merge import LIST_KEYS
from commitments.ledger.documents import Document
from commitments.texts.diff import MAX_WORDING_LENGTH, excerpts
from commitments.texts.text import Text

# The parts of a plan file, and what an item of each is.
PARTS = {
    "goals": SubjectType.GOAL,
    "areas": SubjectType.AREA,
    "forums": SubjectType.FORUM,
    "offices": SubjectType.OFFICE,
    "commitments": SubjectType.COMMITMENT,
}


def change_lines(before: Document, after: Document) -> list[str]:
    """Return the differences between two plan files in the words of the edit history of each goal,
    commitment and so on."""
    languages = after["plan"]["languages"]
    lines = list(_changed(str(SubjectType.PLAN.label), before["plan"], after["plan"], languages))
    for part, subject_type in PARTS.items():
        key = LIST_KEYS[part]
        old, new = (
            {item[key]: item for item in document.get(part, ())} for document in (before, after)
        )
        for name in {**new, **old}:
            if old.get(name) != new.get(name):
                about = f"{subject_type.label} {name}"
                lines += _item_lines(about, old.get(name), new.get(name), languages)
    if _numbers(before, after) != _numbers(after, before):
        lines.append(_("Commitments in another order"))
    return lines


def _numbers(document: Document, other: Document) -> list[str]:
    """Return the numbers of the commitments of one document that the other has too."""
    numbers = {item["number"] for item in other["commitments"]}
    return [item["number"] for item in document["commitments"] if item["number"] in numbers]


def _item_lines(
    about: str, old: Document | None, new: Document | None, languages: Sequence[str]
) -> Iterable[str]:
    if old and new:
        return _changed(about, old, new, languages)
    item: Any = new or old
    name = Text(item.get("title") or item.get("name")).ordered(languages)
    sentence = _("%(about)s added: %(name)s") if new else _("%(about)s removed: %(name)s")
    return [sentence % {"about": about, "name": name}]


def _changed(about: str, old: Document, new: Document, languages: Sequence[str]) -> Iterator[str]:
    for change in field_changes(old, new, languages):
        for label, before, after in _values(change):
            yield f"{about}, {label}: {before} → {after}"


def _values(change: FieldChange) -> Iterator[tuple[str, str, str]]:
    """Yield the name of a field with its two values; for a text, once for each language that
    differs."""
    if change.comparison is None:
        yield change.label, change.before_text, change.after_text
        return
    before, after = (Text() if end is None else end for end in (change.before, change.after))
    for tag in change.comparison:
        wordings: Any = (before, after)
        old, new = excerpts(*(text.get(tag, "") for text in wordings))
        yield f"{change.label} ({tag})", _quoted(old), _quoted(new)


def _quoted(words: str) -> str:
    line = " ".join(words.split())
    if len(line) > MAX_WORDING_LENGTH:
        line = f"{line[:MAX_WORDING_LENGTH]}…"
    return f"“{line}”" if line else "–"
