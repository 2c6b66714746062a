"""Verification of what updates refer to: the ledger names criteria and milestones by their keys, so
that it alone does not show to which commitment they belong."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import F, Model
from django.utils.translation import gettext as _

from commitments.exceptions import Problem
from commitments.models import Basis, Finding, ProgressUpdate

# By field of an update: the table of the references, and the paths from it to the update and to
# what it refers to.
REFERENCES: tuple[tuple[str, type[Model], str, str], ...] = (
    ("criteria", ProgressUpdate.criteria.through, "progressupdate", "criterion"),
    ("meets", ProgressUpdate.meets.through, "progressupdate", "milestone"),
    ("findings", Finding, "update", "criterion"),
    ("findings", Finding.events.through, "finding__update", "progressupdate"),
    ("rests_on", Basis, "update", "event"),
)


def foreign_references() -> Iterator[Problem]:
    """Yield an error for each criterion, milestone and event of another commitment to which an
    update refers."""
    for name, table, update, target in REFERENCES:
        rows = table._default_manager.exclude(
            **{f"{target}__commitment": F(f"{update}__commitment")}
        )
        for pk in rows.order_by(update).values_list(update, flat=True).distinct():
            message = _("refers to what belongs to another commitment")
            yield Problem((f"update {pk}", name), message)
