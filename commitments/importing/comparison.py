"""Compare a plan file with the plans, forums and offices in the tracker."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Hashable, Iterable
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from commitments.exceptions import Problem, ProblemPath
from commitments.importing import plan_dump
from commitments.ledger import documents
from commitments.ledger.documents import Document
from commitments.models import Forum, Office, Plan
from commitments.texts.text import Text

Found = TypeVar("Found")


def plan_differences(document: Document, plan: Plan) -> list[Problem]:
    """Return an error for each value of the document that differs from the loaded plan."""
    return list(_differences(document, _stored_document(plan), ()))


def amended_document(document: Document, plan: Plan) -> Document:
    """Return the content of the plan after its amendment by the document."""
    merged: Document = _merged(document, _stored_document(plan))
    return merged


def shared_problems(document: Document) -> list[Problem]:
    """Return an error for each difference of the document's forums and offices from the stored."""
    problems: list[Problem] = []
    stored = {
        part: {item["code"]: item for item in items} for part, items in _shared_documents().items()
    }
    for part, rows in stored.items():
        for index, item in enumerate(document.get(part, [])):
            if item["code"] in rows:
                # A forum without a parent in the file must have none in the tracker either.
                complete = {"parent": None, **item} if part == "forums" else item
                problems += _differences(complete, rows[item["code"]], (part, index))
    return problems


def _differences(new: Any, stored: Any, path: ProblemPath) -> Iterable[Problem]:
    if isinstance(new, dict) and isinstance(stored, dict):
        for key, value in new.items():
            yield from _differences(value, stored.get(key), (*path, key))
    elif _is_keyed(new) or _is_keyed(stored):
        found_rows = matches(new, ((row, row) for row in stored or []))
        for index, (row, found) in enumerate(zip(new, found_rows, strict=True)):
            if found is not None:
                yield from _differences(row, found, (*path, index))
            else:
                yield Problem(
                    (*path, index), _("%(key)s is not in the tracker") % {"key": _label(row)}
                )
        if path[-1:] == ("criteria",):
            yield from _criteria_differences(new, stored or [], path)
    elif _comparable(new, path) != _comparable(stored, path):
        yield Problem(
            path,
            _("%(new)s in the file, %(stored)s in the tracker")
            % {"new": _format(new), "stored": _format(stored)},
        )


def _criteria_differences(
    new: list[Document], stored: list[Document], path: ProblemPath
) -> Iterable[Problem]:
    """Yield an error for each criterion that the file lacks, or else if the order differs."""
    keys, stored_keys = [row["key"] for row in new], [row["key"] for row in stored]
    for key in stored_keys:
        if key not in keys:
            yield Problem(path, _("%(key)s is not in the file") % {"key": key})
    if keys != stored_keys and sorted(keys) == sorted(stored_keys):
        message = _("%(new)s in the file, %(stored)s in the tracker")
        values = {"new": ", ".join(keys), "stored": ", ".join(stored_keys)}
        yield Problem(path, message % values)


def _is_keyed(value: object) -> bool:
    """Return whether this is a non-empty list of objects, whose items are matched by key."""
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _merged(new: Any, stored: Any) -> Any:
    """Return the stored value with the new one over it; lists of objects are merged by key."""
    if isinstance(new, dict) and isinstance(stored, dict):
        # The criteria of a file are all that are in use afterwards.
        return stored | {
            key: value if key == "criteria" else _merged(value, stored.get(key))
            for key, value in new.items()
        }
    if _is_keyed(new) or _is_keyed(stored):
        found_rows = matches(new, ((row, row) for row in stored or []))
        # The document's rows come first, so that errors have their place in the file.
        return [
            *(_merged(row, found) for row, found in zip(new, found_rows, strict=True)),
            *(row for row in stored or [] if not any(row is found for found in found_rows)),
        ]
    return new


def _comparable(value: Any, path: ProblemPath) -> Any:
    """Return the value with a list in sorted order, except that of the languages, and None for
    anything empty."""
    if isinstance(value, list) and path[-1:] != ("languages",):
        return sorted(value) or None
    return value or None


def matches(
    new: Iterable[Document], stored: Iterable[tuple[Document, Found]]
) -> list[Found | None]:
    """Return for each new row of a list what belongs to the stored row that it is, None for one
    that the list does not have yet.

    A key that occurs twice among the new or among the stored rows tells no row.
    """
    rows = list(new)
    telling = _by_unique_key((row, row) for row in rows)
    found = {key: value for key, value in _by_unique_key(stored).items() if key in telling}
    return [next((found[key] for key in _keys(row) if key in found), None) for row in rows]


def _by_unique_key(rows: Iterable[tuple[Document, Found]]) -> dict[Hashable, Found]:
    found = [(key, value) for row, value in rows for key in _keys(row)]
    counts = Counter(key for key, _value in found)
    return {key: value for key, value in found if counts[key] == 1}


def _keys(row: Document) -> list[Hashable]:
    """Return what identifies a row in its list, the surest first: a number or a code; for a
    milestone its whole title, then its title in one language, since others may be added."""
    key = _key(row)
    if key is not None:
        return [key]
    words = row["title"].items()
    return [frozenset(words), *words]


def _key(row: Document) -> Hashable:
    """Return the number, code or key of a row; None for a milestone, which has none."""
    key: Hashable = row.get("number", row.get("code", row.get("key")))
    return key


def _label(row: Document) -> str:
    """Return the key of a row as an error message shows it."""
    key = _key(row)
    return str(Text(row["title"])) if key is None else str(key)


def _format(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) if value is not None else _("nothing")


def _stored_document(plan: Plan) -> Document:
    """Return a loaded plan with all forums and offices in the form of a plan file."""
    return plan_dump.plan_document(plan) | _shared_documents()


def _shared_documents() -> dict[str, list[Document]]:
    """Return all forums and offices in the form of a plan file."""
    forums = Forum.objects.select_related("parent", "successor_of")
    return {
        "forums": [documents.forum_document(row) for row in forums],
        "offices": [documents.office_document(row) for row in Office.objects.all()],
    }
