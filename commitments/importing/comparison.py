"""Compare what a file says of forums and offices, which plans share, with the tracker."""

from __future__ import annotations

import json
from collections.abc import Iterable

from django.utils.translation import gettext as _

from commitments.exceptions import Problem, ProblemPath
from commitments.importing.merge import SHARED_PARTS, Difference
from commitments.ledger import documents
from commitments.ledger.documents import Document
from commitments.models import Forum, Office
from commitments.texts.diff import MAX_WORDING_LENGTH, excerpts
from commitments.texts.lists import ITEMS, join_list


def stored_items(document: Document) -> dict[str, dict[str, Document]]:
    """Return, in their stored form, those forums and offices of a file that the tracker has, by
    part of the file and code; two queries."""
    codes = {part: [item["code"] for item in document.get(part, ())] for part in SHARED_PARTS}
    forums = Forum.objects.select_related("parent", "successor_of")
    return {
        "forums": {
            row.code: documents.forum_document(row)
            for row in forums.filter(code__in=codes["forums"])
        },
        "offices": {
            row.code: documents.office_document(row)
            for row in Office.objects.filter(code__in=codes["offices"])
        },
    }


def shared_problems(document: Document) -> list[Problem]:
    """Return an error for each difference between the document's forums and offices and the stored
    ones. What the document does not mention is no difference, except that a forum is part of
    another."""
    problems: list[Problem] = []
    for part, stored in stored_items(document).items():
        for index, item in enumerate(document.get(part, ())):
            if item["code"] in stored:
                complete = {"parent": None, **item} if part == "forums" else item
                problems += _differences(complete, stored[item["code"]], (part, index))
    return problems


def _differences(new: object, stored: object, path: ProblemPath) -> Iterable[Problem]:
    if isinstance(new, dict):
        for key, value in new.items():
            present = stored.get(key) if isinstance(stored, dict) else None
            yield from _differences(value, present, (*path, key))
    elif (new or None) != stored:
        yield Problem(path, sides_text(new, stored))


def sides_text(file: object, tracker: object) -> str:
    """Return the values of the file and the tracker as text; for long texts only what differs."""
    new, stored = _formatted(file, tracker)
    message = _("%(new)s in the file, %(stored)s in the tracker")
    return message % {"new": new, "stored": stored}


def conflict_text(difference: Difference) -> str:
    """Return why a difference is a conflict: the value of each side, and what was there before or
    which plans share it."""
    sides = (difference.file, difference.tracker, difference.base)
    new, stored, base = _formatted(*sides)
    if difference.shared_with:
        message = _(
            "%(new)s in the file, %(stored)s in the tracker; as %(plans)s uses it too, a curator "
            "changes it in the tracker"
        )
    else:
        message = _(
            "%(new)s in the file, %(stored)s in the tracker, %(base)s in the file loaded last"
        )
    plans = join_list(difference.shared_with, ITEMS)
    return message % {"new": new, "stored": stored, "base": base, "plans": plans}


def _formatted(*values: object) -> list[str]:
    words = iter(excerpts(*(value for value in values if isinstance(value, str))))
    return [_format(next(words) if isinstance(value, str) else value) for value in values]


# The fields by which an item of a list is recognised.
_NAMING = ("number", "code", "key", "title", "name", "due_on")


def _format(value: object) -> str:
    """Return a value as JSON, shortened; of an item of a list only what it is recognised by."""
    if value is None:
        return _("nothing")
    if isinstance(value, dict):
        known = {name: value[name] for name in _NAMING if name in value}
        value = known or value
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MAX_WORDING_LENGTH else f"{text[:MAX_WORDING_LENGTH]}…"
