"""Read people and the offices to which they belong from a sheet."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from commitments.accounts.sheet import PersonRow
from commitments.exceptions import ImportFileError
from commitments.importing.table_file import SheetRow
from commitments.texts.languages import canonical_tag
from commitments.texts.text import Text

PEOPLE_COLUMNS = ("username", "last_name", "first_name", "email", "roles", "offices", "language")
OFFICE_NAME = "office_name_"
# Each account is checked as by a form, which takes time. No secretariat has so many people.
MAX_PEOPLE = 5_000
SEPARATOR = re.compile(r"\s*[,;，；、]\s*")


@dataclass(frozen=True)
class PeopleSheet:
    """The rows of a sheet, and its columns that are not read."""

    rows: Sequence[PersonRow]
    unread: Sequence[str]


def read_people(lines: Sequence[SheetRow]) -> PeopleSheet:
    """Return the people of a sheet; a row without a user name is about its office. Raise
    ImportFileError if the sheet is empty or too long, or has no column of user names or offices."""
    if not lines:
        raise ImportFileError(_("The sheet has no rows."))
    if len(lines) > MAX_PEOPLE:
        message = _("The sheet has more than %(n)s rows; load it in parts.")
        raise ImportFileError(message % {"n": MAX_PEOPLE})
    columns = [column for column in lines[0] if column]
    if not {"username", "offices"} & {*columns}:
        raise ImportFileError(_("The sheet has none of these columns: username, offices."))
    names = {column: _language_of(column) for column in columns}
    rows = [
        PersonRow(
            number,
            username=line.get("username", ""),
            last_name=line.get("last_name", ""),
            first_name=line.get("first_name", ""),
            email=line.get("email", ""),
            roles=_parts(line.get("roles", "")),
            offices=_parts(line.get("offices", "")),
            language=line.get("language", "").strip(),
            office_name=Text({tag: line[column] for column, tag in names.items() if tag}),
        )
        for number, line in enumerate(lines, start=2)
        if any(line.values())
    ]
    read = (*PEOPLE_COLUMNS, *(column for column, tag in names.items() if tag))
    return PeopleSheet(rows, [column for column in columns if column not in read])


def _language_of(column: str) -> str:
    """Return the language of a column with names of offices, "" for any other column."""
    tag = column.removeprefix(OFFICE_NAME)
    return tag if column.startswith(OFFICE_NAME) and canonical_tag(tag) == tag else ""


def _parts(cell: str) -> tuple[str, ...]:
    return tuple(part for part in SEPARATOR.split(cell.strip()) if part)
