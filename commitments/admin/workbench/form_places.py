"""Where on the form of a draft something is wrong or missing, in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.utils.translation import gettext as _

from commitments.admin.workbench.update_form import FIELD_OF, UpdateForm
from commitments.exceptions import Problem, ProblemPath
from commitments.texts.lists import ITEMS, join_list


class FormPlace(NamedTuple):
    """A place on the form: a source, "" outside the sources; and the label of a field, "" if the
    place is not a field."""

    source: str
    label: str


def place_of(path: ProblemPath) -> FormPlace:
    """Return the place on the form of the field that a problem of the workflow names. Not for
    single sources."""
    match path:
        case ("findings", str(key), *_rest):
            label = _("Criterion %(key)s") % {"key": key}
        case ("evidence", *_rest):
            label = _("Evidence")
        case (name, *_rest):
            field = UpdateForm.base_fields.get(FIELD_OF.get(str(name), str(name)))
            label = str(field.label) if field and field.label else ""
        case _:
            label = ""
    return FormPlace("", label)


def place_of_source(number: int, label: str) -> FormPlace:
    return FormPlace(_("Source %(number)s") % {"number": number}, label)


def problem_sentences(problems: Iterable[Problem]) -> list[str]:
    """Return the problems of a saved update in sentences, as `sentences` does."""
    return sentences((place_of(problem.path), problem.message) for problem in problems)


def sentences(found: Iterable[tuple[FormPlace, str]]) -> list[str]:
    """Return each message once, after the places that it is about."""
    labels: dict[tuple[str, str], list[str]] = {}
    for place, message in found:
        named = labels.setdefault((message, place.source), [])
        if place.label not in ("", *named):
            named.append(place.label)
    return [_sentence(message, source, named) for (message, source), named in labels.items()]


def _sentence(message: str, source: str, labels: list[str]) -> str:
    """Return a message with its places before it, unless it names its only place itself."""
    if not source and len(labels) == 1 and labels[0].casefold() in message.casefold():
        return message
    words = " · ".join(filter(None, [source, join_list(labels, ITEMS)]))
    return _("%(name)s: %(message)s") % {"name": words, "message": message} if words else message
