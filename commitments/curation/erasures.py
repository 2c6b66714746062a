"""Labels for what an erasure dropped."""

from __future__ import annotations

from django.utils.translation import gettext as _

from commitments import ledger
from commitments.choices import ErasablePart
from commitments.curation.history import FIELD_LABELS
from commitments.ledger import Part
from commitments.models import Decision


def part_label(text: str) -> str:
    """Return the label of a part of an update or of a ledger entry, such as “Link of source 31”."""
    part = Part.from_text(text)
    label = str(ErasablePart(part.name).label)
    if part.evidence is None:
        return label
    return _("%(part)s of source %(id)s") % {"part": label, "id": part.evidence}


def field_label(name: str) -> str:
    """Return the label of a field of a former content, such as “former wording: title”."""
    return _("former wording: %(field)s") % {"field": FIELD_LABELS[name]}


def erased_labels(decision: Decision) -> list[str]:
    """Return the labels of what an erasure dropped; an empty list for other decisions."""
    parts = decision.meta.get(ledger.ERASED, ())
    if decision.subject_type:
        return [field_label(name) for name in parts]
    notes = decision.meta.get("notes", ())
    if notes:
        return [_("Note of ledger entry %(seq)s") % {"seq": seq} for seq in notes]
    return [part_label(text) for text in parts]
