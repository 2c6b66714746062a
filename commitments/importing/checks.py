"""Check a YAML file against a JSON Schema and further rules, and name every error at once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Any, TypeVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from jsonschema.exceptions import ValidationError

from commitments.exceptions import ImportFileError, Problem, ProblemPath
from commitments.importing.languages import without_final_blanks
from commitments.importing.schema_validator import validator_for
from commitments.importing.sheets import SheetFile
from commitments.importing.step_output import Progress, in_silence
from commitments.importing.yaml_file import YamlFile, read_yaml
from commitments.texts.lists import ITEMS, join_list

# Characters of a wrong value that an error message shows.
MAX_VALUE_LENGTH = 60
ReadFile = TypeVar("ReadFile", bound=YamlFile | SheetFile)


def read_checked(
    path: str,
    schema: str,
    check: Callable[[Any], Iterable[Problem]],
    error_class: type[ImportFileError],
    progress: Progress = in_silence,
) -> YamlFile:
    """Read a file and return it if it fits a schema and `check` finds no error in it.

    Blanks at the end of its texts are removed. Raise `error_class` with every error of both kinds
    and its place. `check` gets the parts of the value that fit the schema, so any key may be
    missing, and any item of a list may be None.
    """
    progress(_("reading the file"))
    file = read_yaml(path, error_class)
    progress(_("checking what it says"))
    return sound(file, path, schema, check, error_class)


def sound(
    file: ReadFile,
    path: str,
    schema: str,
    check: Callable[[Any], Iterable[Problem]],
    error_class: type[ImportFileError],
    left_out: ProblemPath | None = None,
) -> ReadFile:
    """Check a file that was already read, and return it as `read_checked` does. What is at the
    path `left_out` is not judged itself."""
    found = problems_in(file.value, schema, check)
    problems = [problem for problem in found if problem.path != left_out]
    earlier: Sequence[Problem] = file.problems
    if problems or earlier:
        message = _("%(path)s cannot be used.") % {"path": path}
        raise error_class(message, file.located([*earlier, *problems]))
    return replace(file, value=without_final_blanks(file.value))


def problems_in(
    value: Any, schema: str, check: Callable[[Any], Iterable[Problem]]
) -> list[Problem]:
    """Return the errors of a value, by the schema and by `check`."""
    errors = list(validator_for(schema).iter_errors(value))
    problems = _schema_problems(errors)
    if isinstance(value, dict):
        problems += check(_sound_parts(value, errors))
    return problems


# Keywords whose errors concern a value as a whole: the parts of the value may still be checked.
_OF_THE_WHOLE = {
    "required",
    "additionalProperties",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
}


def _sound_parts(value: dict[str, Any], errors: Iterable[ValidationError]) -> dict[str, Any]:
    """Return a value without the parts that do not fit the schema; a copy if there are any. In
    lists they are replaced by None."""
    in_parts = [error for error in errors if error.validator not in _OF_THE_WHOLE]
    if not in_parts:
        return value
    copied = deepcopy(value)
    for error in in_parts:
        path: list[Any] = [*error.absolute_path]
        if "propertyNames" in error.schema_path:
            path.append(error.instance)
        _leave_out(copied, path)
    return copied


def _leave_out(value: Any, path: list[Any]) -> None:
    if not path:
        return
    *parents, last = path
    for step in parents:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return  # It is part of what was left out.
    if isinstance(value, dict):
        value.pop(last, None)
    elif isinstance(value, list):
        value[last] = None


def _schema_problems(errors: Iterable[ValidationError]) -> list[Problem]:
    """Return the violations of a JSON Schema of `schemas/`."""
    # jsonschema reports each missing key on its own, and our message names all of them at once.
    return list({Problem(tuple(error.absolute_path), _message(error)): None for error in errors})


def _message(error: ValidationError) -> str:
    """Return what is wrong and what is allowed; jsonschema's message if MESSAGES has none."""
    value: Any = error.instance
    allowed: Any = error.validator_value
    schema: Any = error.schema
    message = MESSAGES.get(str(error.validator))
    if message is None:
        return error.message
    text = json.dumps(value, ensure_ascii=False, default=str)
    known = sorted(schema.get("properties", ()))
    keys = value if isinstance(value, dict) else ()
    return str(message) % {
        "value": text if len(text) <= MAX_VALUE_LENGTH else text[: MAX_VALUE_LENGTH - 1] + "…",
        "allowed": join_list(allowed, ITEMS) if isinstance(allowed, list) else allowed,
        "rule": _(schema["description"]) if "description" in schema else allowed,
        "known": join_list(known, ITEMS),
        "unknown": join_list((f"“{key}”" for key in keys if key not in known), ITEMS),
        "missing": join_list(
            (f"“{key}”" for key in schema.get("required", ()) if key not in keys), ITEMS
        ),
    }


# Messages by the keyword of JSON Schema that is violated.
MESSAGES: dict[str, Any] = {
    "additionalProperties": gettext_lazy("unknown key %(unknown)s; allowed: %(known)s"),
    "required": gettext_lazy("missing: %(missing)s"),
    "type": gettext_lazy("%(value)s is not of type %(allowed)s"),
    "enum": gettext_lazy("%(value)s is not allowed; choose one of: %(allowed)s"),
    "const": gettext_lazy("%(value)s is not allowed; only %(allowed)s is"),
    "format": gettext_lazy('%(value)s is not a date such as "2017-03-01"'),
    "pattern": gettext_lazy("%(value)s does not meet the rule: %(rule)s"),
    "maxLength": gettext_lazy("%(value)s is longer than %(allowed)s characters"),
    "minLength": gettext_lazy("empty"),
    "minItems": gettext_lazy("too few items; at least %(allowed)s"),
    "maxItems": gettext_lazy("too many items; at most %(allowed)s"),
    "minimum": gettext_lazy("%(value)s is less than the minimum of %(allowed)s"),
    "maximum": gettext_lazy("%(value)s is greater than the maximum of %(allowed)s"),
    "uniqueItems": gettext_lazy("the list contains duplicate values: %(value)s"),
    "minProperties": gettext_lazy("empty: give the words in at least one language"),
}

# The descriptions of patterns, which messages quote in the reader's language.
RULES = (
    gettext_noop(
        "One line of text, not blank, without control characters or signs that override its "
        "direction."
    ),
    gettext_noop(
        "Text, not blank, without signs that override its direction, nor control characters other "
        "than line breaks and tabs."
    ),
    gettext_noop("A BCP 47 language tag such as en, zh-Hans or pt-BR."),
    gettext_noop("Capital letters, digits and hyphens."),
    gettext_noop(
        "Public code of the plan: a capital letter, then capital letters, digits and underscores."
    ),
    gettext_noop(
        "Where the terms of the licence are: an address that begins with https://, without blanks."
    ),
    gettext_noop("An address that begins with https://, without blanks."),
    gettext_noop(
        'Number as printed in the plan, in quotes, e.g. "9.1", "A.1" or "（二）": at least '
        "one letter or digit, no blanks, and none of / \\ ? # % & < > \" '."
    ),
    gettext_noop(
        "Small letters and digits, a letter first; never used again in the commitment for "
        "another item of the list."
    ),
    gettext_noop("One line without leading or trailing spaces, unique in the plan."),
    gettext_noop(
        "One line of text, not blank, without control characters or signs that override its "
        "direction; or such a line in each of several languages."
    ),
)
