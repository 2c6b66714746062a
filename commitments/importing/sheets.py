"""Read a table of commitments, CSV or the first sheet of a workbook, as a plan file.

Its columns are those of our own CSV export or of the Open Government Partnership. Values for which
a table has no column come from a plan file given with it or, if the plan is loaded, from the
tracker.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path as FilePath
from typing import Any

from django.utils.translation import gettext as _

from commitments.choices import Kind
from commitments.exceptions import PlanFileError, Problem
from commitments.importing import plan_dump
from commitments.importing.places import FileProblem, in_order, item_name
from commitments.importing.table_file import SheetRow, read_rows
from commitments.importing.yaml_file import read_yaml
from commitments.ledger.documents import Document
from commitments.models import Office, Plan
from commitments.texts.languages import canonical_tag
from commitments.texts.spreadsheets import NAME_SEPARATOR

SHEET_SUFFIXES = (".csv", ".xlsx")
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
# Columns of the Partnership, and our columns with the same meaning; texts are in the first language
# of the plan. Columns that we add to these begin with `x_`.
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


def read_sheet(path: str, plan_file: str | None, kind: str | None) -> SheetFile:
    """Return a table as the content of a plan file, unchecked.

    `plan_file` has what the table lacks; without it the plan must be loaded. `kind` is that of
    commitments whose row does not give one. Raise PlanFileError if the file cannot be read, has no
    column of numbers, or does not show which plan it belongs to.
    """
    lines = _read(path)
    if not lines or not ({"number", "Commitment Number"} & {*lines[0]}):
        message = _("%(path)s has no column “number” or “Commitment Number”.")
        raise PlanFileError(message % {"path": path})
    base = _base(path, lines, plan_file)
    languages = (base.get("plan") or {}).get("languages") or []
    names = {column: _known_as(column, languages) for column in lines[0]}
    reader = _Reader(base, languages, kind)
    rows = [
        ({names[column]: value for column, value in line.items() if names[column]}, number)
        for number, line in enumerate(lines, start=2)
        if any(line.values())
    ]
    repeated = _repeated_rows(rows)
    rows = [(row, number) for row, number in rows if number not in repeated]
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
    twice = [
        FileProblem((), message, file=file.name, line=number)
        for number, message in repeated.items()
    ]
    return replace(file, problems=(*twice, *reader.problems))


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


def _base(path: str, lines: Sequence[SheetRow], plan_file: str | None) -> Document:
    """Return the content of the plan without its commitments."""
    if plan_file is not None:
        given = read_yaml(plan_file, PlanFileError).value
        if not isinstance(given, dict):
            return {}
        if given.get("commitments"):
            message = _("%(path)s has commitments; give a plan file without: the table has them")
            raise PlanFileError(message % {"path": plan_file})
        return {**given, "commitments": []}
    codes = {line.get("plan") or line.get("x_plan") or "" for line in lines} - {""}
    plan = Plan.objects.filter(code__in=codes).first() if len(codes) == 1 else None
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
        return f"{own}_{languages[0]}"
    if own in (*WORD_COLUMNS, *NUMBER_COLUMNS, *LIST_COLUMNS) or column in PARTNERSHIP:
        return own
    stem, _bar, tag = own.rpartition("_")
    return own if stem in (*TEXT_COLUMNS, *NAME_COLUMNS) and canonical_tag(tag) == tag else ""


class _Reader:
    """Turns rows into commitments, and adds the areas, goals and offices that these name."""

    def __init__(self, base: Document, languages: Sequence[str], kind: str | None) -> None:
        self.base, self.languages, self.kind = base, languages, kind
        self.problems: list[Problem] = []
        self.present = {item.get("number"): item for item in base.get("commitments") or ()}
        self.offices = {
            words: office.code for office in Office.objects.all() for words in office.name.values()
        }
        for office in base.get("offices") or ():
            self.offices |= dict.fromkeys(office.get("name", {}).values(), office["code"])

    def commitment(self, row: SheetRow) -> Document:
        item: Document = deepcopy(self.present.get(row["number"], {}))
        for name in WORD_COLUMNS:
            _set(item, name, row, row.get(name))
        for name in NUMBER_COLUMNS:
            _set(item, name, row, _integer(row.get(name, "")))
            self._add_numbered(f"{name}s", item.get(name), self._text(row, f"{name}_title"))
        for name in TEXT_COLUMNS:
            text = self._text(row, name)
            item |= {name: {**item.get(name, {}), **text}} if text else {}
        if "theme" in row:
            _set(item, "area", {"area": ""}, self._area_of(row["theme"]))
        if self.kind and not item.get("kind"):
            item["kind"] = self.kind
        if "end" in row:
            key = "ends_on" if item.get("kind") == Kind.STANDING else "due_on"
            _set(item, key, {key: ""}, row["end"])
        self._set_offices(item, row)
        self._set_lists(item, row)
        return item

    def _text(self, row: SheetRow, name: str) -> dict[str, str]:
        columns = ((tag, row.get(f"{name}_{tag}", "")) for tag in self.languages)
        return {tag: words for tag, words in columns if words}

    def _add_numbered(self, part: str, number: object, title: Document) -> None:
        items = self.base.setdefault(part, [])
        if title and number not in {item["number"] for item in items}:
            items.append({"number": number, "title": title})
            items.sort(key=lambda item: str(item["number"]).zfill(9))

    def _area_of(self, theme: str) -> int | None:
        """Return the number of the area with this title; add it as the last one if there is
        none."""
        if not theme:
            return None
        areas = self.base.setdefault("areas", [])
        for area in areas:
            if theme in area["title"].values():
                return int(area["number"])
        areas.append({"number": len(areas) + 1, "title": {self.languages[0]: theme}})
        return len(areas)

    def _set_offices(self, item: Document, row: SheetRow) -> None:
        lead, supporting = (
            self._text(row, name) for name in ("lead_office_name", "supporting_office_names")
        )
        if "lead_office" not in row and lead:
            item["lead_office"] = self._office(lead)
        elif lead and item.get("lead_office"):
            self._office(lead, item["lead_office"])
        by_language = {tag: _words(words) for tag, words in supporting.items()}
        named = [
            {tag: name for tag, name in zip(by_language, names, strict=True) if name}
            for names in zip_longest(*by_language.values())
        ]
        codes = _parts(row.get("supporting_offices", ""))
        if "supporting_offices" not in row and named:
            item["supporting_offices"] = [self._office(name) for name in named if name]
        elif len(codes) == len(named):
            for code, name in zip(codes, named, strict=True):
                if name:
                    self._office(name, code)

    def _office(self, name: Document, code: str = "") -> str:
        """Return the code of the office with this name; add it if there is none."""
        found = code or next(
            (self.offices[words] for words in name.values() if words in self.offices), ""
        )
        if not found:
            found = re.sub(r"[^A-Z0-9]+", "-", next(iter(name.values())).upper()).strip("-")[:60]
        offices = self.base.setdefault("offices", [])
        if found not in {office["code"] for office in offices}:
            if not Office.objects.filter(code=found).exists():
                offices.append({"code": found, "name": name})
            self.offices |= dict.fromkeys(name.values(), found)
        return found

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
        path = ("commitments", len(self.base["commitments"]), f"milestone_titles_{tag}")
        values = {"found": found, "expected": expected}
        self.problems.append(Problem(path, message % values))


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
