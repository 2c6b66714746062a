"""Read offices, dates and milestones of commitments from a sheet, for the planning of a plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from commitments.curation.planning import PLANNED_FIELDS
from commitments.exceptions import ImportFileError, Problem
from commitments.texts.lists import ITEMS, join_list
from commitments.texts.scripts import folded

NUMBER = "number"
# For readers of the sheet only: a title is changed by an amendment.
TITLE = "title"
# An empty cell leaves the field as it is; this empties it.
EMPTIES = "-"


@dataclass(frozen=True)
class PlanningSheet:
    """The cells of a sheet by the number of the commitment and the name of the field, the row of
    each number, the columns that are not read, and what is wrong with the sheet itself."""

    cells: Mapping[str, Mapping[str, str]]
    rows: Mapping[str, int]
    unread: Sequence[str]
    problems: Sequence[Problem]

    def located(self, problems: Iterable[Problem]) -> list[tuple[str, Problem]]:
        """Return problems with their places, such as “row 7, due_on”, in the order of the rows."""
        found = sorted(map(self._located, problems), key=lambda located: located[0])
        return [(place, problem) for _row, place, problem in found]

    def _located(self, problem: Problem) -> tuple[int, str, Problem]:
        code, *name = (str(step) for step in problem.path or ("",))
        row = self.rows.get(code) or self.rows.get(code.partition("-")[2])
        if row is None:
            row = int(code) if code.isdecimal() else 0
        values = {"row": row or code, "column": join_list(name, ITEMS)}
        return row, _("row %(row)s, %(column)s") % values if problem.path else "", problem


def read_planning(lines: Sequence[Mapping[str, str]], numbers: Collection[str]) -> PlanningSheet:
    """Return the cells of a sheet. Raise ImportFileError if it is empty or has no column of numbers
    or none of the `PLANNED_FIELDS`.

    `numbers` are those of the plan: the sheet may have them in full width, or with other capitals.
    """
    columns = [column for column in lines[0] if column] if lines else []
    if not lines:
        raise ImportFileError(_("The sheet has no rows."))
    if NUMBER not in columns:
        raise ImportFileError(_("The sheet has no column “number”."))
    if not {*PLANNED_FIELDS} & {*columns}:
        message = _("The sheet has none of these columns: %(columns)s.")
        raise ImportFileError(message % {"columns": join_list(PLANNED_FIELDS, ITEMS)})
    by_words = _numbers_by_words(numbers)
    cells: dict[str, dict[str, str]] = {}
    rows: dict[str, int] = {}
    problems = []
    twice = _("Commitment %(number)s is in row %(row)s already.")
    for row, line in enumerate(lines, start=2):
        number = line.get(NUMBER, "")
        number = number if number in numbers else by_words.get(folded(number), number)
        if not number:
            if any(line.values()):
                message = _("Enter the number of the commitment.")
                problems.append(Problem((f"{row}", NUMBER), message))
            continue
        if number in rows:
            message = twice % {"number": number, "row": rows[number]}
            problems.append(Problem((f"{row}", NUMBER), message))
            continue
        rows[number] = row
        given = {name: line.get(name, "") for name in PLANNED_FIELDS}
        cells[number] = {
            name: "" if value == EMPTIES else value for name, value in given.items() if value
        }
    unread = [column for column in columns if column not in (NUMBER, TITLE, *PLANNED_FIELDS)]
    return PlanningSheet(cells, rows, unread, problems)


def _numbers_by_words(numbers: Iterable[str]) -> dict[str, str]:
    """Return numbers by their folded text, without those that have it in common."""
    found: dict[str, list[str]] = defaultdict(list)
    for number in numbers:
        found[folded(number)].append(number)
    return {words: same[0] for words, same in found.items() if len(same) == 1}
