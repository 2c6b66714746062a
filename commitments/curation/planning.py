"""Editing offices, dates and milestones of many commitments at once, as cells of a table: find what
differs from the tracker, report what is wrong with it, and save all of it or nothing."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from commitments.choices import DatePrecision, Kind
from commitments.clocks import parse_partial_date
from commitments.curation.edits import check_assignment, mismatch_problems
from commitments.curation.history import FIELD_LABELS
from commitments.curation.keyed_rows import problems_with_milestones
from commitments.curation.office_names import nearest_offices
from commitments.curation.planned_milestones import (
    milestone_cell,
    moved_milestones,
    tidy_milestones,
)
from commitments.curation.recording import ChangeReason, record_edits
from commitments.db import storable
from commitments.exceptions import InvalidInput, Problem, ProblemPath
from commitments.models import Commitment, Milestone, Office, Plan
from commitments.texts.lists import ITEMS, join_list
from commitments.texts.scripts import folded
from commitments.workflow.locks import locked_plans

# The columns, in the order of tables; cells are text.
PLANNED_FIELDS = ("lead_office", "supporting_offices", "due_on", "ends_on", "milestones")
DATE_FIELDS = {"due_on", "ends_on"}
PLANNED_RELATIONS = ("supporting_offices", "milestones")
LIST_SEPARATOR = re.compile(r"\s*[,;，；、]\s*")


def planned_cells(commitment: Commitment) -> dict[str, str]:
    """Return the cells of a commitment. Offices are codes, days are written as 2026-12-31,
    milestones as in `milestone_cell`. Prefetch `PLANNED_RELATIONS`."""
    supporting = sorted(office.code for office in commitment.supporting_offices.all())
    return {
        "lead_office": commitment.lead_office.code if commitment.lead_office else "",
        "supporting_offices": ", ".join(supporting),
        "due_on": commitment.due_on.isoformat() if commitment.due_on else "",
        "ends_on": commitment.ends_on.isoformat() if commitment.ends_on else "",
        "milestones": milestone_cell(commitment),
    }


@dataclass(frozen=True)
class PlannedChange:
    """A cell whose value differs from the tracker's."""

    commitment: Commitment
    field: str
    before: str
    after: str

    @property
    def label(self) -> object:
        """The name of the field for people."""
        return FIELD_LABELS[self.field]

    @property
    def path(self) -> ProblemPath:
        return self.commitment.code, self.field


def planned_changes(
    plan: Plan, cells: Mapping[str, Mapping[str, str]]
) -> tuple[list[PlannedChange], list[Problem]]:
    """Return the cells that differ from the tracker, and a problem for each number that the plan
    lacks.

    `cells` are by the number of the commitment and the name of the field. Fields without a cell
    stay as they are; an empty cell empties the field. Offices are given by code or by name.
    """
    rows = plan.commitments.filter(number__in=storable(cells)).in_order()
    rows = rows.select_related("lead_office").prefetch_related(*PLANNED_RELATIONS)
    found = {row.number: row for row in rows}
    message = _("Plan %(plan)s has no commitment %(number)s.")
    problems = [
        Problem((number, "number"), message % {"plan": plan.code, "number": number})
        for number in cells
        if number not in found
    ]
    codes = _codes_by_words()
    changes = [
        PlannedChange(row, field, before, after)
        for number, row in found.items()
        for field, before in planned_cells(row).items()
        if field in cells[number] and (after := _tidy(field, cells[number][field], codes)) != before
    ]
    return changes, problems


def _codes_by_words() -> dict[str, str]:
    """Return the codes of offices, by folded name and by folded code. Names that several offices
    share are left out; a name that is also a code stands for the office with the code."""
    codes: dict[str, set[str]] = defaultdict(set)
    offices = list(Office.objects.all())
    for office in offices:
        for name in office.name.values():
            codes[folded(name)].add(office.code)
    named = {name: min(found) for name, found in codes.items() if len(found) == 1}
    return named | {folded(office.code): office.code for office in offices}


def _tidy(field: str, cell: str, codes: Mapping[str, str]) -> str:
    """Return a cell as `planned_cells` would write it, unchanged if it cannot be read. `codes` are
    the codes of offices, by name and by code."""
    text = cell.strip()
    if field == "lead_office":
        return codes.get(folded(text), text)
    if field == "supporting_offices":
        named = [name for name in LIST_SEPARATOR.split(text) if name]
        return ", ".join(sorted({codes.get(folded(name), name) for name in named}))
    if field == "milestones":
        return tidy_milestones(text)
    day = parse_partial_date(text)
    return str(day) if day else text


def save_planned(
    changes: Sequence[PlannedChange],
    *,
    by: User,
    at: datetime,
    reason: str,
    dry_run: bool = False,
) -> int:
    """Save these cells, all or none, as edits with a public reason; return the number of
    commitments. A dry run checks everything and changes nothing.

    Raise NotPermitted, or InvalidInput with a problem for each cell that cannot be saved, or that
    somebody else has changed since it was read. The path of a problem is the commitment's code and
    the field.
    """
    check_assignment(by, reason)
    with transaction.atomic():
        locked_plans()
        by_row: dict[int, list[PlannedChange]] = defaultdict(list)
        for change in changes:
            by_row[change.commitment.pk].append(change)
        rows = list(
            Commitment.objects.select_for_update(of=("self",))
            .filter(pk__in=list(by_row))
            .select_related("plan")
            .prefetch_related("lead_office", *PLANNED_RELATIONS)
            .order_by("pk")
        )
        reader = _Reader()
        problems = [problem for row in rows for problem in _set_cells(row, by_row[row.pk], reader)]
        if problems:
            raise InvalidInput(_("Nothing was saved."), problems)
        record_edits(rows, ChangeReason(by, at, reason))
        transaction.set_rollback(dry_run)
    return len(rows)


class _Reader:
    """Reads the values of cells; the offices that are not closed are read once."""

    def __init__(self) -> None:
        self.offices = {office.code: office for office in Office.objects.open()}
        # A sheet may have the same wrong name in each row.
        self._unknown = cache(self._name_unknown)

    def office(self, code: str) -> Office:
        if code not in self.offices:
            raise ValidationError(self._unknown(code))
        return self.offices[code]

    def _name_unknown(self, words: str) -> str:
        """Return the message that no open office has this name or code, with the offices that may
        be meant, or where offices are listed."""
        pair = _("%(code)s (%(name)s)")
        nearest = [
            pair % {"code": office.code, "name": office.name}
            for office in nearest_offices(words, self.offices.values())
        ]
        if nearest:
            message = _("There is no open office “%(code)s”. Was one of these meant? %(offices)s")
            return message % {"code": words, "offices": join_list(nearest, ITEMS)}
        message = _("There is no open office “%(code)s”. “Offices” under “All records” lists all.")
        return message % {"code": words}

    def lead_office(self, cell: str) -> Office | None:
        return self.office(cell) if cell else None

    def supporting_offices(self, cell: str) -> list[Office]:
        codes = [code for code in LIST_SEPARATOR.split(cell) if code]
        unknown = [self._unknown(code) for code in codes if code not in self.offices]
        if unknown:
            raise ValidationError(unknown)
        return [self.office(code) for code in codes]

    def day(self, cell: str) -> date | None:
        parsed = parse_partial_date(cell)
        if cell and (parsed is None or parsed.precision is not DatePrecision.DAY):
            message = _("“%(text)s” is not a date such as 2026-06-30.")
            raise ValidationError(message, params={"text": cell})
        return parsed.day if parsed else None

    def value(self, row: Commitment, field: str, cell: str) -> Any:
        """Return the value of a cell of a row. Raise ValidationError if it cannot be read."""
        if field == "milestones":
            return moved_milestones(row, cell)
        read = {"lead_office": self.lead_office, "supporting_offices": self.supporting_offices}
        return read.get(field, self.day)(cell)


def _read_cells(
    row: Commitment, changes: Iterable[PlannedChange], reader: _Reader
) -> tuple[dict[str, Any], list[Problem]]:
    """Return the values of the cells of a row, by field, and the problems of those that cannot be
    read."""
    present, values = planned_cells(row), dict[str, Any]()
    problems: list[Problem] = []
    changed = _("This has been changed meanwhile: it is now “%(value)s”.")
    for change in changes:
        if present[change.field] != change.before:
            message = changed % {"value": present[change.field] or "–"}
            problems.append(Problem(change.path, message))
            continue
        try:
            values[change.field] = reader.value(row, change.field, change.after)
        except ValidationError as error:
            problems += [Problem(change.path, message) for message in error.messages]
    return values, problems


def _set_cells(row: Commitment, changes: Iterable[PlannedChange], reader: _Reader) -> list[Problem]:
    """Set the cells of a locked row and save it; return the problems that forbid it."""
    values, problems = _read_cells(row, changes, reader)
    # Report the errors of other cells too, unless they depend on cells that could not be read.
    unread = {problem.path[1] for problem in problems}
    supporting: list[Office] | None = values.pop("supporting_offices", None)
    moved: list[Milestone] = values.pop("milestones", [])
    for field, value in values.items():
        setattr(row, field, value)
    present = list(row.supporting_offices.all())
    offices = {
        "lead_office": row.lead_office,
        "supporting_offices": present if supporting is None else supporting,
    }
    if unread.isdisjoint(offices):
        problems += [
            Problem((row.code, *problem.path), problem.message)
            for problem in mismatch_problems(offices)
        ]
    if DATE_FIELDS & values.keys() and unread.isdisjoint(DATE_FIELDS):
        problems += _problems_with_dates(row)
    if (DATE_FIELDS & values.keys() or moved) and unread.isdisjoint({*DATE_FIELDS, "milestones"}):
        problems += [
            Problem((row.code, "milestones"), message) for message in problems_with_milestones(row)
        ]
    if not problems:
        row.save(update_fields=list(values))
        if supporting is not None:
            row.supporting_offices.set(supporting)
        for step in moved:
            step.save(update_fields=["due_on"])
    return problems


def _problems_with_dates(row: Commitment) -> list[Problem]:
    problems = []
    try:
        # The columns of all other constraints are unchanged.
        row.validate_constraints()
    except ValidationError as error:
        for name, messages in error.message_dict.items():
            # The constraints determine which dates each kind of commitment may have.
            dates = "ends_on" if row.ends_on and row.kind == Kind.DELIVERABLE else "due_on"
            field = dates if name == NON_FIELD_ERRORS else name
            problems += [Problem((row.code, field), message) for message in messages]
    return problems
