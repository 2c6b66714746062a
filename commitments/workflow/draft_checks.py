"""What drafts are checked for before they are saved, one or several at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils.translation import gettext as _

from commitments.clocks import local_day
from commitments.exceptions import InvalidInput
from commitments.models import Evidence, ProgressUpdate
from commitments.models.progress import UPDATE_FIELDS
from commitments.workflow import requirements
from commitments.workflow.evidence import EvidenceChanges, apply_changes, publisher_names
from commitments.workflow.findings import NAMING_FIELDS, NamedRows, named_rows, visible_events
from commitments.workflow.publishers import RecordedPublishers

if TYPE_CHECKING:
    from commitments.roles import Person

# Fields that are rows of other tables.
RELATED_FIELDS = ("forums", *NAMING_FIELDS)


class KnownRows:
    """The rows that the fields of some drafts name, read at once: as many queries for one as for
    two hundred. Read them under the locks of the drafts' commitments."""

    def __init__(
        self, drafts: Sequence[tuple[Mapping[str, Any], EvidenceChanges]], by: Person
    ) -> None:
        given = [fields for fields, _evidence in drafts]
        names = [name for _fields, evidence in drafts for name in publisher_names(evidence)]
        self.publishers = RecordedPublishers(names)
        self.events = visible_events(given, by)
        self.references = requirements.ExternalReferences(
            fields.get("external_ref") for fields in given
        )
        corrected = {fields["corrects"].pk for fields in given if fields.get("corrects")}
        # They are read again under the lock: the caller's objects may be outdated.
        self.corrected = ProgressUpdate.objects.in_bulk(corrected) if corrected else {}


class CheckedRows(NamedTuple):
    """The rows that are saved with a draft."""

    pieces: list[Evidence]
    named: NamedRows


def checked_draft(
    update: ProgressUpdate,
    at: datetime,
    evidence: EvidenceChanges,
    fields: Mapping[str, Any],
    known: KnownRows,
) -> CheckedRows:
    """Set the fields of a locked or new update, and return its evidence and what else it names,
    none of it saved. Raise InvalidInput, DuplicateReference or FileTooLarge."""
    unknown = set(fields) - set(UPDATE_FIELDS)
    if unknown:
        raise TypeError(f"not a field that an author sets: {', '.join(sorted(unknown))}")
    is_new, plan = update._state.adding, update.commitment.plan
    stored_precision = update.date_precision
    for name, value in fields.items():
        if name not in RELATED_FIELDS:
            setattr(update, name, value)
    if update.corrects_id is not None and update.corrects_id in known.corrected:
        update.corrects = known.corrected[update.corrects_id]
    update.changed_at = at
    requirements.normalise_texts(update, plan)
    pieces, problems = apply_changes(update, plan, evidence, known.publishers, at)
    named, unknown_rows = named_rows(update, fields, known.events)
    problems += unknown_rows
    if not is_new:
        problems += requirements.precision_raised_without_date(update, fields, stored_precision)
    problems += requirements.normalise_effective_on(update, local_day(at, plan.time_zone))
    problems += requirements.draft_problems(update, plan)
    if problems:
        raise InvalidInput(_("The update cannot be saved as it is."), problems)
    known.references.claim(update)
    return CheckedRows(pieces, named)
