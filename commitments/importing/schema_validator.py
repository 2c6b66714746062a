"""Validators of the JSON Schemas in `schemas/`, made for large files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker, validators
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator

from commitments.importing.schemas import schema_documents

_formats = FormatChecker(formats=())


@_formats.checks("date")
def _is_date(value: object) -> bool:
    if not isinstance(value, str):
        return True
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


Errors = Iterator[ValidationError]
# A schema or a part of one.
Rule = dict[str, Any]
# Validators by the id of a part of a schema; `validator_for` keeps these parts alive. jsonschema
# would create a validator for each value of a file instead of one for each rule.
_parts: dict[int, Any] = {}


def _errors_in(value: object, rule: object, validator: Validator, *path: str | int) -> Errors:
    """Yield the errors of a value; `path` is where it is in the value that contains it."""
    part: Any = _parts.get(id(rule))
    if part is None:
        part = _parts[id(rule)] = validator.evolve(schema=rule)
    for error in part.iter_errors(value):
        error.path.extendleft(path)
        yield error


def _properties(validator: Validator, rules: Rule, value: object, _schema: Rule) -> Errors:
    if isinstance(value, dict):
        for name, rule in rules.items():
            if name in value:
                yield from _errors_in(value[name], rule, validator, name)


def _additional_properties(
    validator: Validator, rule: object, value: object, schema: Rule
) -> Errors:
    if not isinstance(rule, dict):
        yield from _KEYWORDS["additionalProperties"](validator, rule, value, schema)
    elif isinstance(value, dict):
        for name in value.keys() - schema.get("properties", {}).keys():
            yield from _errors_in(value[name], rule, validator, name)


def _property_names(validator: Validator, rule: object, value: object, _schema: Rule) -> Errors:
    if isinstance(value, dict):
        for name in value:
            yield from _errors_in(name, rule, validator)


def _items(validator: Validator, rule: object, value: object, _schema: Rule) -> Errors:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _errors_in(item, rule, validator, index)


def _type(validator: Validator, rule: object, value: object, schema: Rule) -> Errors:
    if _TYPES.get(type(value)) != rule:
        yield from _KEYWORDS["type"](validator, rule, value, schema)


# The types of most values. Only other values are left to jsonschema, which is slower.
_TYPES: dict[type, str] = {dict: "object", list: "array", str: "string", int: "integer"}
_KEYWORDS: Any = Draft202012Validator.VALIDATORS
_Validator: Any = validators.extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    {
        "properties": _properties,
        "additionalProperties": _additional_properties,
        "propertyNames": _property_names,
        "items": _items,
        "type": _type,
    },
)


@cache
def validator_for(schema: str) -> Validator:
    """Return the validator of a schema, given by the name of its file."""
    complete: Any = _resolved(schema_documents()[schema], schema)
    validator: Validator = _Validator(complete, format_checker=_formats)
    return validator


def _resolved(value: Any, schema: str) -> Any:
    """Return a part of a schema with each reference replaced by what it points to: looking them up
    again for every value of a file took longer than all other checks together."""
    if isinstance(value, list):
        return [_resolved(item, schema) for item in value]
    if not isinstance(value, dict):
        return value
    parts = {key: _resolved(item, schema) for key, item in value.items() if key != "$ref"}
    if "$ref" not in value:
        return parts
    name, _hash, pointer = value["$ref"].partition("#")
    target: Any = schema_documents()[name or schema]
    for step in pointer.strip("/").split("/"):
        target = target[step]
    resolved = _resolved(target, name or schema)
    # Keywords beside a reference limit it further, but errors quote the description of its target.
    return parts | resolved | {key: parts[key] for key in parts if key != "description"}
