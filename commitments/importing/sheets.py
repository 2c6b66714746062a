"""Read a table of commitments, CSV or the first visible sheet of a workbook, as a plan file.

Its columns are those of our own CSV export or of the Open Government Partnership. Values for which
a table has no column come from a plan file given with it or, if the plan is loaded, from the
tracker.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path as FilePath
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from commitments.choices import Kind
from commitments.exceptions import PlanFileError, Problem
from commitments.importing import plan_dump
from commitments.importing.places import FileProblem, in_order, item_name
from commitments.importing.sheet_parts import SheetParts
from commitments.importing.table_file import CSV_SUFFIXES, SheetRow, read_rows
from commitments.ledger.documents import Document
from commitments.models import Plan
from commitments.texts.languages import best_match, canonical_tag
from commitments.texts.lists import ITEMS, join_list
from commitments.texts.spreadsheets import NAME_SEPARATOR

SHEET_SUFFIXES = (*CSV_SUFFIXES, ".xlsx")
# Columns with the same name and value as a key of plan files.
WORD_COLUMNS = ("number", "kind", "start_on", "due_on", "ends_on", "lead_office")
NUMBER_COLUMNS = ("area", "goal")
LIST_COLUMNS = ("supporting_goals", "supporting_offices", "forums", "milestones")
# Columns for each language, with its tag after the name.
TEXT_COLUMNS = ("title", "text")
NAME_COLUMNS = (
    "area_title",
    "goal_title",
    "lead_office_name",
    "supporting_office_names",
    "milestone_titles",
)
# Columns of the Partnership, and our columns with the same meaning; texts are in the language in
# which the export writes them, if the plan has it, else in the first of the plan. Columns that we
# add to these begin with `x_`.
PARTNERSHIP = {
    "Commitment Number": "number",
    "Theme": "theme",
    "Commitment Title": "title",
    "Full Text": "text",
    "Start Date": "start_on",
    "End Date": "end",
    "Lead Institution": "lead_office_name",
    "Supporting Institution(s)": "supporting_office_names",
}
MILESTONE_CELL = re.compile(r"(?P<key>[a-z][a-z0-9]*) (?P<due_on>\d{4}-\d\d-\d\d)( met .*)?\Z")


@dataclass(frozen=True)
class SheetFile:
    """A table as the content of a plan file, its name, the number of the row of each commitment,
    the key that each column became, and the columns that say nothing about the plan."""

    value: Any
    name: str
    rows: Sequence[int]
    mapping: Sequence[tuple[str, str]]
    unread: Sequence[str]
    problems: tuple[Problem, ...] = ()

    def located(self, problems: Iterable[Problem]) -> list[Problem]:
        """Return errors with their rows in the table, in the order of the rows; errors of the plan
        as a whole come first."""
        return in_order(
            problem if isinstance(problem, FileProblem) else self._located(problem)
            for problem in problems
        )

    def _located(self, problem: Problem) -> FileProblem:
        row, item = 0, item_name(problem.path, self.value)
        match problem.path:
            case ("commitments", int(index), *inner):
                row, commitment = self.rows[index], self.value["commitments"][index]
                # Only the row says which commitment it is if it has no number.
                item = item if commitment.get("number") else item_name(tuple(inner), commitment)
        return FileProblem(problem.path, problem.message, file=self.name, line=row, item=item)


def read_sheet(path: str, base: Document | None, kind: str | None) -> SheetFile:
    """Return a table as the content of a plan file, unchecked.

    `base` is a plan without commitments, which has what the table lacks; without it the plan must
    be loaded. `kind` is that of commitments whose row does not give one. Raise PlanFileError if the
    file cannot be read, has no column of numbers, or does not show which plan it belongs to.
    """
    lines = _read(path)
    if not lines or not ({"number", "Commitment Number"} & {*lines[0]}):
        message = _("%(path)s has no column “number” or “Commitment Number”.")
        raise PlanFileError(message % {"path": path})
    base = _base(path, lines, base)
    languages = base["plan"]["languages"]
    names = {column: _known_as(column, languages) for column in lines[0]}
    reader = _Reader(base, languages, kind)
    problems: dict[int, str] = {}
    rows = []
    for number, line in enumerate(lines, start=2):
        if any(line.values()):
            row, contradiction = _known_cells(line, names)
            problems |= {number: contradiction} if contradiction else {}
            rows.append((row, number))
    problems = _repeated_rows(rows) | problems
    rows = [(row, number) for row, number in rows if number not in problems]
    base["commitments"] = []
    for row, _number in rows:
        base["commitments"].append(reader.commitment(row))
    file = SheetFile(
        base,
        FilePath(path).name,
        [number for _row, number in rows],
        [(column, name) for column, name in names.items() if name],
        [column for column, name in names.items() if not name],
    )
    of_rows = [
        FileProblem((), message, file=file.name, line=number)
        for number, message in sorted(problems.items())
    ]
    return replace(file, problems=(*of_rows, *reader.parts.problems))


def _known_cells(line: SheetRow, names: Mapping[str, str]) -> tuple[dict[str, str], str]:
    """Return a row by our names of its columns, and what is wrong if two of them mean the same and
    differ."""
    row: dict[str, str] = {}
    source: dict[str, str] = {}
    for column, value in line.items():
        name = names[column]
        if name and row.setdefault(name, value) != value:
            message = _("The columns “%(one)s” and “%(other)s” mean the same and differ.")
            return row, message % {"one": source[name], "other": column}
        source.setdefault(name, column)
    return row, ""


def _read(path: str) -> list[dict[str, str]]:
    try:
        with open(path, "rb") as file:
            return read_rows(path, file)
    except OSError as error:
        raise PlanFileError(f"{path}: {error.strerror}") from error


def _repeated_rows(rows: Iterable[tuple[SheetRow, int]]) -> dict[int, str]:
    """Return an error for each row with the number of a commitment that an earlier row has, by the
    number of the row."""
    first: dict[str, int] = {}
    message = _("Commitment %(number)s is in row %(row)s already.")
    return {
        number: message % {"number": row["number"], "row": first[row["number"]]}
        for row, number in rows
        if row["number"] and first.setdefault(row["number"], number) != number
    }


def _base(path: str, lines: Sequence[SheetRow], given: Document | None) -> Document:
    """Return the content of the plan without its commitments: `given`, or that of the loaded plan
    that the rows name."""
    codes = {line.get("plan") or line.get("x_plan") or "" for line in lines} - {""}
    if len(codes) > 1:
        message = _("%(path)s has rows of several plans: %(codes)s")
        raise PlanFileError(message % {"path": path, "codes": join_list(sorted(codes), ITEMS)})
    if given is not None:
        return deepcopy(given)
    plan = Plan.objects.filter(code__in=codes).first()
    if plan is None:
        message = _(
            "%(path)s is not of one loaded plan; give a plan file without commitments: --with FILE"
        )
        raise PlanFileError(message % {"path": path})
    return deepcopy(plan_dump.plan_document(plan))


def _known_as(column: str, languages: Sequence[str]) -> str:
    """Return our name of a column, with the language after it if it has one; "" for a column that
    says nothing about the plan."""
    own = PARTNERSHIP.get(column, column.removeprefix("x_"))
    if column in PARTNERSHIP and own in (*TEXT_COLUMNS, *NAME_COLUMNS) and languages:
        return f"{own}_{_language_of_partnership(languages)}"
    if own in (*WORD_COLUMNS, *NUMBER_COLUMNS, *LIST_COLUMNS) or column in PARTNERSHIP:
        return own
    stem, _bar, tag = own.rpartition("_")
    return own if stem in (*TEXT_COLUMNS, *NAME_COLUMNS) and canonical_tag(tag) == tag else ""


def _language_of_partnership(languages: Sequence[str]) -> str:
    return best_match(settings.LANGUAGE_CODE, languages) or languages[0]


class _Reader:
    """Turns rows into commitments, and adds the areas, goals and offices that these name."""

    def __init__(self, base: Document, languages: Sequence[str], kind: str | None) -> None:
        self.base, self.languages, self.kind = base, languages, kind
        self.present = {item["number"]: item for item in base.get("commitments") or ()}
        self.parts = SheetParts(base)

    def commitment(self, row: SheetRow) -> Document:
        item: Document = deepcopy(self.present.get(row["number"], {}))
        for name in WORD_COLUMNS:
            _set(item, name, row, row.get(name))
        for name in NUMBER_COLUMNS:
            _set(item, name, row, _integer(row.get(name, "")))
            title = self._text(row, f"{name}_title")
            self.parts.add_numbered(f"{name}s", item.get(name), title, f"{name}_title")
        for name in TEXT_COLUMNS:
            text = self._text(row, name)
            item |= {name: {**item.get(name, {}), **text}} if text else {}
        if "theme" in row:
            self._set_theme(item, row)
        if self.kind and not item.get("kind"):
            item["kind"] = self.kind
        if "end" in row:
            self._set_end(item, row)
        self._set_offices(item, row)
        self._set_lists(item, row)
        return item

    def _text(self, row: SheetRow, name: str) -> dict[str, str]:
        columns = ((tag, row.get(f"{name}_{tag}", "")) for tag in self.languages)
        return {tag: words for tag, words in columns if words}

    def _set_theme(self, item: Document, row: SheetRow) -> None:
        """Set the area by its title, unless the row has its number."""
        theme, language = row["theme"], _language_of_partnership(self.languages)
        if "area" not in row:
            number = self.parts.area_of(theme, language, "theme") if theme else None
            _set(item, "area", {"area": ""}, number)
        elif theme:
            self.parts.check_theme(theme, item.get("area"), "theme")

    def _set_end(self, item: Document, row: SheetRow) -> None:
        """Set the day on which a duty ends or a deliverable is due, unless the row has it in a
        column of its own."""
        key = "ends_on" if item.get("kind") == Kind.STANDING else "due_on"
        if key not in row:
            _set(item, key, {key: ""}, row["end"])
        elif row["end"] != row[key]:
            message = _("The columns “%(one)s” and “%(other)s” mean the same and differ.")
            self.parts.refuse(key, message % {"one": key, "other": "End Date"})

    def _set_offices(self, item: Document, row: SheetRow) -> None:
        one, several = "lead_office_name", "supporting_office_names"
        lead, supporting = self._text(row, one), self._text(row, several)
        if "lead_office" not in row and lead:
            _set(item, "lead_office", {"lead_office": ""}, self.parts.office(lead, one))
        elif lead and item.get("lead_office"):
            self.parts.office(lead, one, item["lead_office"])
        by_language = {tag: _words(words) for tag, words in supporting.items()}
        named = [
            {tag: name for tag, name in zip(by_language, names, strict=True) if name}
            for names in zip_longest(*by_language.values())
        ]
        codes = _parts(row.get("supporting_offices", ""))
        if "supporting_offices" not in row and named:
            found = [self.parts.office(name, several) for name in named if name]
            item["supporting_offices"] = [code for code in found if code]
        elif len(codes) == len(named):
            for code, name in zip(codes, named, strict=True):
                if name:
                    self.parts.office(name, several, code)

    def _set_lists(self, item: Document, row: SheetRow) -> None:
        if "supporting_goals" in row:
            goals = [_integer(part) for part in _parts(row["supporting_goals"])]
            _set(item, "supporting_goals", row, goals)
        if "supporting_offices" in row:
            _set(item, "supporting_offices", row, _parts(row["supporting_offices"]))
        if "forums" in row:
            # The cell lists forums in the order of their codes, not in that of the text.
            codes = _parts(row["forums"])
            links = [link for link in item.get("forums", ()) if link["code"] in codes]
            present = {link["code"] for link in links}
            links += [{"code": code} for code in codes if code not in present]
            _set(item, "forums", row, links)
        if "milestones" in row:
            _set(item, "milestones", row, list(self._milestones(item, row)))

    def _milestones(self, item: Document, row: SheetRow) -> Iterator[Document]:
        present = {step["key"]: step for step in item.get("milestones", ())}
        parts = _parts(row["milestones"])
        matches = [MILESTONE_CELL.match(part) for part in parts]
        known = [present.get(match["key"], {}) if match else {} for match in matches]
        titles = self._titles(row, [step.get("title", {}) for step in known])
        for part, match, step, title in zip(parts, matches, known, titles, strict=True):
            if match is None:
                yield {"key": part}
            else:
                yield step | {"key": match["key"], "title": title, "due_on": match["due_on"]}

    def _titles(self, row: SheetRow, known: Sequence[Document]) -> list[Document]:
        """Return the titles of milestones with those that the row gives; an empty one leaves the
        known title as it is. Record a problem if it is not clear which is whose."""
        titles = [dict(title) for title in known]
        for tag, cell in self._text(row, "milestone_titles").items():
            # A known title may contain the separator.
            if cell == NAME_SEPARATOR.join(title.get(tag, "") for title in known).strip():
                continue
            names = _words(cell)
            if len(names) == len(titles):
                for title, name in zip(titles, names, strict=True):
                    title.update({tag: name} if name else {})
            else:
                self._refuse_titles(tag, len(names), len(titles))
        return titles

    def _refuse_titles(self, tag: str, found: int, expected: int) -> None:
        message = _(
            "%(found)s titles for %(expected)s milestones; a title that contains “;” cannot be "
            "given in a table"
        )
        values = {"found": found, "expected": expected}
        self.parts.refuse(f"milestone_titles_{tag}", message % values)


def _set(item: Document, name: str, row: SheetRow, value: object) -> None:
    """Set a key of an item if the table has its column; an empty cell removes the key."""
    if name not in row:
        return
    if value in (None, "", []):
        item.pop(name, None)
    else:
        item[name] = value


def _parts(cell: str) -> list[str]:
    return [part for part in _words(cell) if part]


def _words(cell: str) -> list[str]:
    """Return the names in a cell, "" for one that lacks the language of the column."""
    return [part.strip() for part in cell.split(";")]


def _integer(cell: str) -> int | str | None:
    """Return a number as an integer, other text as it is, for the check to refuse; None for an
    empty cell."""
    if not cell:
        return None
    return int(cell) if re.fullmatch(r"[0-9]{1,9}(\.0)?", cell) and "." not in cell else cell
