"""Restoring form data that a browser has kept, for a draft that may have changed since."""

from __future__ import annotations

import re
from collections.abc import Container
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from commitments.admin.workbench.new_sources import PREFIX, TOTAL
from commitments.models import ProgressUpdate

_ROW_FIELD = re.compile(rf"{PREFIX}-([0-9]{{1,4}})-(.+)")


def restored_form(request: HttpRequest, data: QueryDict, update: ProgressUpdate) -> QueryDict:
    """Return the kept data of a form, adjusted so that it can be saved. Add a message if the draft
    has changed since the revision `kept_revision`."""
    if str(data.get("kept_revision", update.revision)) != str(update.revision):
        sentence = _(
            "This update was changed after you typed this. What was restored replaces the current "
            "version once you save it: compare them in another window first."
        )
        messages.warning(request, sentence)
    present = {str(pk) for pk in update.evidence.values_list("pk", flat=True)}
    restored = _with_present_rows(data, present)
    restored["expected_revision"] = str(update.revision)
    return restored


def _with_present_rows(data: QueryDict, present: Container[str]) -> QueryDict:
    """Return the data with its rows in the order that Django expects: first those of the pieces
    that are `present`, by their ids, then the others as new ones."""
    rows: dict[str, dict[str, list[Any]]] = {}
    sent = data.copy()
    for name in data:
        if match := _ROW_FIELD.fullmatch(name):
            rows.setdefault(match[1], {})[match[2]] = sent.pop(name)
    stored: dict[str, dict[str, list[Any]]] = {}
    new = []
    for row in rows.values():
        pk = row.get("id", [""])[-1]
        if pk in present and pk not in stored:
            stored[pk] = row
        else:
            row.pop("id", None)
            new.append(row)
    for index, row in enumerate([*stored.values(), *new]):
        for field, values in row.items():
            sent.setlist(f"{PREFIX}-{index}-{field}", values)
    sent[f"{PREFIX}-INITIAL_FORMS"], sent[TOTAL] = str(len(stored)), str(len(rows))
    return sent
