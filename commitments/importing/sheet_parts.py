"""The areas, goals and offices that the rows of a table name, and those that they add to a plan."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping

from django.utils.translation import gettext as _

from commitments.exceptions import Problem
from commitments.ledger.documents import Document
from commitments.models import Office
from commitments.texts.lists import ITEMS, join_list

MAX_CODE_LENGTH = 60
# A text of a plan file: words by language.
NameWords = Mapping[str, str]


class SheetParts:
    """The parts of a plan besides its commitments, which `base` gets row by row. A row adds what
    the plan does not have; it does not rename what is there. `problems` are those of the rows."""

    def __init__(self, base: Document) -> None:
        self.base = base
        self.problems: list[Problem] = []
        self.offices: dict[str, NameWords] = {row.code: row.name for row in Office.objects.all()}
        for office in base.get("offices") or ():
            self.offices[office["code"]] = office["name"]
        self.codes: dict[str, set[str]] = defaultdict(set)
        for code, name in self.offices.items():
            self._know(code, name)

    def refuse(self, column: str, message: str) -> None:
        """Record a problem of the row that becomes the next commitment."""
        path = ("commitments", len(self.base["commitments"]), column)
        self.problems.append(Problem(path, message))

    def add_numbered(self, part: str, number: object, title: NameWords, column: str) -> None:
        """Add the area or goal with this number, unless it is there, with the same title."""
        items = self.base.setdefault(part, [])
        known = next((item for item in items if item["number"] == number), None)
        if title and number is None:
            message = _("a title without its number: fill in the column “%(column)s” too")
            self.refuse(column, message % {"column": part.removesuffix("s")})
        elif title and known is None:
            items.append({"number": number, "title": dict(title)})
            items.sort(key=lambda item: str(item["number"]).zfill(9))
        elif known is not None:
            self._refuse_other_name(known["title"], title, column)

    def area_of(self, theme: str, language: str, column: str) -> int | None:
        """Return the number of the area with this title; add it as the last one if there is
        none."""
        areas = self.base.setdefault("areas", [])
        found = [area["number"] for area in areas if theme in area["title"].values()]
        if len(found) > 1:
            message = _("several areas have the title “%(title)s”: add the column “area”")
            self.refuse(column, message % {"title": theme})
        if not found:
            last = max((int(area["number"]) for area in areas), default=0)
            found.append(last + 1)
            areas.append({"number": last + 1, "title": {language: theme}})
        return int(found[0])

    def check_theme(self, theme: str, number: object, column: str) -> None:
        """Record a problem if the area with this number has another title."""
        areas = self.base.get("areas") or ()
        known = next((area["title"] for area in areas if area["number"] == number), None)
        if known is not None and theme not in known.values():
            self._refuse_other_name(known, {"": theme}, column)

    def office(self, name: NameWords, column: str, code: str = "") -> str:
        """Return the code of the office with this code or name; add it if there is none. Return ""
        if it is not clear which office is meant."""
        if not code:
            code = self._code_of(name, column)
        elif code in self.offices:
            self._refuse_other_name(self.offices[code], name, column)
        if code and code not in self.offices:
            self.base.setdefault("offices", []).append({"code": code, "name": dict(name)})
            self.offices[code] = name
            self._know(code, name)
        return code

    def _code_of(self, name: NameWords, column: str) -> str:
        known = {code for words in name.values() for code in self.codes.get(words, ())}
        if len(known) == 1:
            return known.pop()
        shown = next(iter(name.values()))
        column_of_codes = column.replace("_names", "s").replace("_name", "")
        values = {
            "name": shown,
            "column": column_of_codes,
            "codes": join_list(sorted(known), ITEMS),
        }
        if known:
            message = _(
                "several offices are named “%(name)s” (%(codes)s): add the column “%(column)s”"
            )
            self.refuse(column, message % values)
            return ""
        code = re.sub(r"[^A-Z0-9]+", "-", shown.upper()).strip("-")[:MAX_CODE_LENGTH].strip("-")
        if not code:
            message = _("no code can be made from the name “%(name)s”: add the column “%(column)s”")
            self.refuse(column, message % values)
        elif code in self.offices:
            message = _(
                "“%(name)s” would have the same code as “%(other)s”: write both alike, or add the "
                "column “%(column)s”"
            )
            other = next(iter(self.offices[code].values()), code)
            self.refuse(column, message % {**values, "other": other})
            return ""
        return code

    def _know(self, code: str, name: NameWords) -> None:
        for words in name.values():
            self.codes[words].add(code)

    def _refuse_other_name(self, known: NameWords, given: NameWords, column: str) -> None:
        """Record a problem if a row gives another name than the known one."""
        if any(known.get(tag) != words for tag, words in given.items()):
            message = _(
                "“%(given)s” differs from “%(known)s” in the plan; a table names only what it adds"
            )
            shown = {
                "given": join_list(given.values(), ITEMS),
                "known": join_list(known.values(), ITEMS),
            }
            self.refuse(column, message % shown)
