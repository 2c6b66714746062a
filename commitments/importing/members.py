"""Members of offices named in a plan file. They are people, so no ledger, dump or page has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from commitments.exceptions import Problem
from commitments.importing.references import meant, readable_items
from commitments.ledger.documents import Document
from commitments.models import Office
from commitments.texts.lists import ITEMS, join_list

# User names by the code of the office.
Members = Mapping[str, Sequence[str]]


def taken_out(file: Document) -> tuple[Document, Members]:
    """Return a plan file without the members of its offices, and the members."""
    if "offices" not in file:
        return file, {}
    members = {item["code"]: item["members"] for item in file["offices"] if "members" in item}
    offices = [{key: item[key] for key in item if key != "members"} for item in file["offices"]]
    return file | {"offices": offices}, members


def member_problems(document: Document) -> list[Problem]:
    """Return an error for each member that has no account."""
    named = [
        (("offices", index, "members", position), name)
        for index, item in readable_items(document, "offices")
        for position, name in enumerate(item.get("members") or ())
        if name is not None
    ]
    if not named:
        return []
    known = set(User.objects.values_list("username", flat=True))
    message = _("no user “%(name)s”")
    return [
        Problem(path, message % {"name": name} + meant(name, known))
        for path, name in named
        if name not in known
    ]


def missing_members(members: Members) -> dict[str, list[str]]:
    """Return those who are not members yet, by office; all of those named for an office that does
    not exist yet."""
    rows = Office.objects.filter(code__in=members).values_list("code", "members__username")
    present = set(rows)
    missing = {
        code: [name for name in names if (code, name) not in present]
        for code, names in members.items()
    }
    return {code: names for code, names in missing.items() if names}


def add_members(missing: Members) -> None:
    """Make these people members. Nobody is removed: that is done in the admin."""
    offices = {row.code: row for row in Office.objects.filter(code__in=missing)}
    users = {row.username: row for row in User.objects.filter(username__in=_names(missing))}
    for code, names in missing.items():
        offices[code].members.add(*(users[name] for name in names))


def member_lines(missing: Members) -> list[str]:
    """Return a line for each office that gets members."""
    message = _("Office %(code)s, new members: %(names)s")
    return [
        message % {"code": code, "names": join_list(names, ITEMS)}
        for code, names in missing.items()
    ]


def _names(members: Members) -> set[str]:
    return {name for names in members.values() for name in names}
