"""What can be erased of an update, a ledger entry and a recorded content."""

from __future__ import annotations

from commitments import ledger
from commitments.choices import EDITABLE_STATES, ErasablePart, State
from commitments.ledger import Part
from commitments.ledger.documents import Document
from commitments.models import Decision, ProgressUpdate, RecordedContent

Target = ProgressUpdate | Decision | RecordedContent

TEXTS_OF_UPDATE = (ErasablePart.SUMMARY, ErasablePart.SEARCH_NOTE)
PARTS_OF_EVIDENCE = (
    ErasablePart.TITLE,
    ErasablePart.PUBLISHER,
    ErasablePart.URL,
    ErasablePart.CITATION,
    ErasablePart.FILE,
)


def erasable_parts(target: Target) -> list[Part]:
    """Return what can be erased of a row, in the order of forms.

    What can still be edited is edited instead, so nothing can be erased of a draft, of an update in
    review, or of the last content that was recorded of something.
    """
    match target:
        case ProgressUpdate():
            return _parts_of_update(target)
        case Decision():
            return [Part(ErasablePart.NOTE.value)] if target.note else []
        case RecordedContent():
            return [Part(name) for name in _former_texts(target)]


def _parts_of_update(update: ProgressUpdate) -> list[Part]:
    if update.state in (*EDITABLE_STATES, State.SUBMITTED):
        return []
    texts = [Part(name.value) for name in TEXTS_OF_UPDATE if ledger.left_of_part(update, name)]
    return texts + [
        Part(name.value, item.pk)
        for item in sorted(update.evidence.all(), key=lambda item: item.pk)
        for name in PARTS_OF_EVIDENCE
        if ledger.left_of_part(item, name)
    ]


def same_texts(content: RecordedContent, names: list[str]) -> list[RecordedContent]:
    """Return the contents recorded of the same subject that have the same words in one of these
    fields, in order, this one among them. One query."""
    words = content.content or {}
    return [
        row
        for row in RecordedContent.objects.of(content.subject_type, content.subject_key)
        if row.content and any(row.content.get(name) == words.get(name) for name in names)
    ]


def _former_texts(content: RecordedContent) -> list[str]:
    """Return the fields of a recorded content that are texts and that the last content of its
    subject does not have in the same words."""
    if content.content is None:
        return []
    last = RecordedContent.objects.of(content.subject_type, content.subject_key).last()
    current: Document = (last and last.content) or {}
    return [
        name
        for name, value in content.content.items()
        if _is_text(value) and current.get(name) != value
    ]


def _is_text(value: object) -> bool:
    """Return whether a value is words by language. A plan's own words are objects in an object."""
    return isinstance(value, dict) and all(isinstance(words, str) for words in value.values())
