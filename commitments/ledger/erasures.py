"""What `erase` decisions dropped for good.

The `meta` of an erasure, which is public, holds

`erased`         what was dropped: `summary`, `note`, `evidence/31/file`, or fields of a content
`former_sha256`  the digest of what it was part of: the content of an update, or the salted digest
                 of a note; for an update, `content_sha256` of the entry is that of what is left
`links`          the sequence numbers of the earlier links that lost something
`notes`          those of them that lost their note
`entries`        those of them of whose entry only the digest is left
`contents`       for each content that a link recorded, its digests before and after; null if
                 nothing is left
`asked_commit`   the salted digest of who asked for it, with the salt of `actor_commit`
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from commitments.choices import EDITABLE_STATES, Action, ErasablePart
from commitments.ledger.documents import Document
from commitments.models import Decision, Evidence, ProgressUpdate
from commitments.models.base import rows_in

# The key under which a content lists the texts that were erased from it.
ERASED = "erased"


class Part(NamedTuple):
    """Something that can be erased: an `ErasablePart`, or a field of a recorded content. `evidence`
    is the id of the piece that it is part of. Its text form is `summary` or `evidence/31/file`,
    say."""

    name: str
    evidence: int | None = None

    def __str__(self) -> str:
        return self.name if self.evidence is None else f"evidence/{self.evidence}/{self.name}"

    @classmethod
    def from_text(cls, text: str) -> Part:
        """Parse the text form of a part. Raise ValueError for any other text."""
        path, _slash, name = text.rpartition("/")
        if not path:
            return cls(name)
        return cls(name, int(path.removeprefix("evidence/")))


def erased_parts(update: ProgressUpdate) -> list[Part]:
    """Return the parts of an update that its decisions say were erased, sorted. Nothing is ever
    erased from an update that can still be edited."""
    if update.state in EDITABLE_STATES:
        return []
    return parts_erased_by(rows_in(update, "decisions"))


def parts_erased_by(decisions: Iterable[Decision]) -> list[Part]:
    """Return the parts of an update that the erasures among these decisions on it dropped,
    sorted."""
    erasures = (row for row in decisions if row.action == Action.ERASE)
    return sorted_parts(text for row in erasures for text in row.meta[ERASED])


def sorted_parts(texts: Iterable[str]) -> list[Part]:
    """Return the parts with these text forms, each once, sorted, those of the evidence last."""
    parts = {Part.from_text(text) for text in texts}
    return sorted(parts, key=lambda part: (part.evidence or 0, part.name))


def left_of_part(row: ProgressUpdate | Evidence, name: str) -> object:
    """Return what the database still has of a part; a false value if it was erased."""
    if isinstance(row, Evidence) and name == ErasablePart.FILE:
        return row.file.name or row.file_name
    if isinstance(row, Evidence) and name == ErasablePart.URL:
        return row.url or row.archived_url
    return getattr(row, name)


def without_texts(content: Document, names: Sequence[str]) -> Document:
    """Return a recorded content without these texts; it lists their names instead."""
    remaining = {name: value for name, value in content.items() if name not in names}
    return {**remaining, ERASED: sorted({*content.get(ERASED, []), *names})}


@dataclass
class ErasedLinks:
    """What erasures dropped from the links of the chain: the sequence numbers of those without
    their note, and of those without their entry; and, by link, type and key of the subject, the
    digest of what is left of a content, None if nothing is left. The key of an erased publisher is
    empty."""

    notes: set[int] = field(default_factory=set)
    entries: set[int] = field(default_factory=set)
    contents: dict[tuple[int, str, str], str | None] = field(default_factory=dict)

    @classmethod
    def read(cls) -> ErasedLinks:
        """Return what all erasures dropped; one query."""
        found = cls()
        for decision in Decision.objects.filter(action=Action.ERASE).in_order():
            meta = decision.meta
            found.notes.update(meta.get("notes", ()))
            found.entries.update(meta.get("entries", ()))
            for row in meta.get("contents", ()):
                subject = decision.subject_type or row["type"], decision.subject_key
                found.contents[(row["seq"], *subject)] = row["content_sha256"]
        return found
