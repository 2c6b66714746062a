"""Compare a plan file with the plans, forums and offices in the tracker."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable
from typing import Any

from django.utils.translation import gettext as _

from commitments.exceptions import Problem, ProblemPath
from commitments.importing import plan_dump
from commitments.ledger import documents
from commitments.ledger.documents import Document
from commitments.models import Forum, Office, Plan


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
        found_rows = matches(new, stored or [])
        for index, (row, found) in enumerate(zip(new, found_rows, strict=True)):
            if found is not None:
                yield from _differences(row, found, (*path, index))
            else:
                yield Problem(
                    (*path, index), _("%(key)s is not in the tracker") % {"key": _key(row)}
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
        found_rows = matches(new, stored or [])
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


def matches(new: Iterable[Document], stored: Iterable[Document]) -> list[Document | None]:
    """Return for each new row of a list the stored row with the same key, None for one that the
    list does not have yet."""
    by_key = {_key(row): row for row in stored}
    return [by_key.get(_key(row)) for row in new]


def _key(row: Document) -> Hashable:
    """Return the number, code or key of a row."""
    key: Hashable = row.get("number", row.get("code", row.get("key")))
    return key


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
