"""Read strict YAML, whose types are never guessed, and check it against a JSON Schema."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path as FilePath
from typing import Any

import yaml
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from referencing import Registry, Resource
from referencing.jsonschema import SchemaRegistry

from commitments.exceptions import ImportFileError, Problem
from commitments.importing.schemas import schema_documents

# Characters of a wrong value that an error message shows.
MAX_VALUE_LENGTH = 60

# Levels of nesting; a plan file has six.
MAX_DEPTH = 50


class _Loader(yaml.CSafeLoader):
    """Accepts only unique strings as keys.

    Unlike YAML 1.1, only decimal numbers are integers, only `true` and `false` are booleans, and
    dates stay strings.
    """

    def construct_mapping(
        self, node: yaml.MappingNode, deep: bool = False
    ) -> dict[Hashable, object]:
        seen = set()
        for key_node, _value in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                self._raise_error(key_node, _("a key must be a string"))
            if key in seen:
                self._raise_error(key_node, _("the key “%(key)s” occurs twice") % {"key": key})
            seen.add(key)
        return super().construct_mapping(node, deep)

    def _raise_error(self, node: yaml.Node, message: str) -> None:
        raise yaml.constructor.ConstructorError(None, None, message, node.start_mark)


_TAG = "tag:yaml.org,2002:"
_Loader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag.removeprefix(_TAG) not in ("timestamp", "bool", "int")
    ]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
for _name, _pattern, _first in (
    ("bool", r"^(?:true|false)$", "tf"),
    ("int", r"^-?(?:0|[1-9][0-9]*)$", "-0123456789"),
):
    _Loader.add_implicit_resolver(_TAG + _name, re.compile(_pattern), list(_first))


class _Dumper(yaml.SafeDumper):
    """Writes no aliases, and quotes the strings that YAML 1.1 would read as other types."""

    def ignore_aliases(self, data: object) -> bool:
        return True


_formats = FormatChecker(formats=())


@_formats.checks("date")
def _is_date(value: object) -> bool:
    if not isinstance(value, str):
        return True
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


@dataclass(frozen=True)
class YamlFile:
    """The value of a YAML file, and the SHA-256 of its bytes in hex."""

    value: Any
    sha256: str


def read_yaml(path: str, error_class: type[ImportFileError]) -> YamlFile:
    """Return the value of a file, or raise `error_class` if it is not strict YAML in UTF-8."""
    try:
        data = FilePath(path).read_bytes()
        text = data.decode("utf-8")
        _check_shape(text)
        value = yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader, made stricter
    except OSError as error:
        raise error_class(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise error_class(
            _("%(path)s is not UTF-8 (byte %(byte)s).") % {"path": path, "byte": error.start}
        ) from error
    except (yaml.YAMLError, ValueError, TypeError, LookupError, AttributeError) as error:
        # PyYAML raises all but YAMLError for tags that do not fit their values.
        raise error_class(
            _("%(path)s is not YAML: %(error)s") % {"path": path, "error": error}
        ) from error
    return YamlFile(value, hashlib.sha256(data).hexdigest())


def _check_shape(text: str) -> None:
    """Raise MarkedYAMLError for aliases and for deep nesting, before any value is built.

    A short text with aliases could otherwise expand to a huge value.
    """
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        mark: Any = event.start_mark
        if isinstance(event, yaml.AliasEvent):
            message = _("aliases (*%(name)s) are not allowed: write the value out in full") % {
                "name": event.anchor
            }
            raise yaml.MarkedYAMLError(None, None, message, mark)
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise yaml.MarkedYAMLError(None, None, _("nested too deeply"), mark)


def dump_yaml(value: object) -> str:
    """Return the value as YAML; the same value always gives the same text."""
    return yaml.dump(value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100)


def schema_problems(value: object, schema: str) -> list[Problem]:
    """Return an error for each violation of a JSON Schema of `schemas/`, sorted by path."""
    errors = _validator(schema).iter_errors(value)
    # jsonschema reports each missing key on its own, and our message names all of them at once.
    problems = {Problem(tuple(error.absolute_path), _message(error)): None for error in errors}
    return sorted(problems, key=lambda problem: [str(step).zfill(8) for step in problem.path])


@cache
def _validator(schema: str) -> Draft202012Validator:
    registry = _registry()
    return Draft202012Validator(
        registry.contents(schema), registry=registry, format_checker=_formats
    )


@cache
def _registry() -> SchemaRegistry:
    """Return a registry of all schemas, because they refer to each other."""
    resources: Any = [
        (name, Resource.from_contents(schema)) for name, schema in schema_documents().items()
    ]
    return Registry().with_resources(resources)


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
        "allowed": ", ".join(allowed) if isinstance(allowed, list) else allowed,
        "rule": schema.get("description", allowed),
        "known": ", ".join(known),
        "unknown": ", ".join(f"“{key}”" for key in keys if key not in known),
        "missing": ", ".join(f"“{key}”" for key in schema.get("required", ()) if key not in keys),
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
