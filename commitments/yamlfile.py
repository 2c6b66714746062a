"""Strict YAML: what a file says is taken as it stands, and every departure has a place."""

from __future__ import annotations

import hashlib
import json
import re
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

from commitments.exceptions import FileError, Problem

# Characters of a wrong value that an error repeats.
SHOWN = 60

# Levels of nesting; a plan file has six.
DEEPEST = 50

SCHEMAS = FilePath(__file__).parent / "schemas"


class _Loader(yaml.CSafeLoader):
    """Keys are strings and stand there once; whole numbers are decimal, only true and false are
    truth values, and a day stays a string."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _value in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                self._refuse(key_node, _("a key must be a string"))
            if key in seen:
                self._refuse(key_node, _("the key “%(key)s” is there twice") % {"key": key})
            seen.add(key)
        return super().construct_mapping(node, deep)

    def _refuse(self, node: Any, sentence: str) -> None:
        raise yaml.constructor.ConstructorError(None, None, sentence, node.start_mark)


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
    """Plain output: no aliases, and the quotes that YAML's older readers need."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


_formats = FormatChecker(formats=())


@_formats.checks("date")
def _is_day(value: Any) -> bool:
    if not isinstance(value, str):
        return True
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


@dataclass(frozen=True)
class File:
    """What a YAML file holds, and the SHA-256 of its bytes in hex."""

    value: Any
    sha256: str


def read(path: str, refusal: type[FileError]) -> File:
    """Raises `refusal` if the file cannot be read."""
    try:
        data = FilePath(path).read_bytes()
        text = data.decode("utf-8")
        _check_shape(text)
        value = yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader, made stricter
    except OSError as error:
        raise refusal(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise refusal(
            _("%(path)s is not UTF-8 (byte %(byte)s).") % {"path": path, "byte": error.start}
        ) from error
    except (yaml.YAMLError, ValueError, TypeError, LookupError, AttributeError) as error:
        # All but the first come of tags that do not fit what they stand before.
        raise refusal(
            _("%(path)s is not YAML: %(error)s") % {"path": path, "error": error}
        ) from error
    return File(value, hashlib.sha256(data).hexdigest())


def _check_shape(text: str) -> None:
    """Refuses aliases, by which a short text can stand for an endless value, and depth beyond any
    use; before a value is made of either."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        mark: Any = event.start_mark
        if isinstance(event, yaml.AliasEvent):
            sentence = _("write it out: aliases (*%(name)s) are not read") % {"name": event.anchor}
            raise yaml.MarkedYAMLError(None, None, sentence, mark)
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise yaml.MarkedYAMLError(None, None, _("nested too deeply"), mark)


def dump(value: Any) -> str:
    """The same value always gives the same text."""
    return yaml.dump(value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100)


def schema_problems(value: Any, schema: str) -> list[Problem]:
    """Every departure from a JSON Schema of `schemas/`, in the order of the file."""
    errors = _validator(schema).iter_errors(value)
    found = [Problem(tuple(error.absolute_path), _sentence(error)) for error in errors]
    # A missing key is an error of its own for jsonschema, and our sentence names all of them.
    once = dict.fromkeys(found)
    return sorted(once, key=lambda problem: [str(step).zfill(8) for step in problem.path])


@cache
def _validator(schema: str) -> Draft202012Validator:
    registry: Any = _registry()
    return Draft202012Validator(
        registry.contents(schema), registry=registry, format_checker=_formats
    )


@cache
def _registry() -> Any:
    """All schemas: one may refer to another."""
    documents = {path.name: json.loads(path.read_text("utf-8")) for path in SCHEMAS.glob("*.json")}
    resources = [(name, Resource.from_contents(one)) for name, one in documents.items()]
    return Registry().with_resources(resources)


def _sentence(error: ValidationError) -> str:
    """What is wrong and what is allowed; jsonschema's own words where these have none."""
    value: Any = error.instance
    allowed: Any = error.validator_value
    schema: Any = error.schema
    sentence = SENTENCES.get(str(error.validator))
    if sentence is None:
        return error.message
    shown = json.dumps(value, ensure_ascii=False, default=str)
    known = sorted(schema.get("properties", ()))
    keys = value if isinstance(value, dict) else ()
    return str(sentence) % {
        "value": shown if len(shown) <= SHOWN else shown[: SHOWN - 1] + "…",
        "allowed": ", ".join(allowed) if isinstance(allowed, list) else allowed,
        "rule": schema.get("description", allowed),
        "known": ", ".join(known),
        "unknown": ", ".join(f"“{key}”" for key in keys if key not in known),
        "missing": ", ".join(f"“{key}”" for key in schema.get("required", ()) if key not in keys),
    }


# By the keyword of JSON Schema that is not met.
SENTENCES: dict[str, Any] = {
    "additionalProperties": gettext_lazy("unknown key %(unknown)s; allowed: %(known)s"),
    "required": gettext_lazy("missing: %(missing)s"),
    "type": gettext_lazy("%(value)s is not of type %(allowed)s"),
    "enum": gettext_lazy("%(value)s is not allowed; choose one of: %(allowed)s"),
    "const": gettext_lazy("%(value)s is not allowed; only %(allowed)s is"),
    "format": gettext_lazy('%(value)s is not a day such as "2017-03-01"'),
    "pattern": gettext_lazy("%(value)s does not fit: %(rule)s"),
    "maxLength": gettext_lazy("%(value)s is longer than %(allowed)s characters"),
    "minLength": gettext_lazy("empty"),
    "uniqueItems": gettext_lazy("a value is there twice: %(value)s"),
    "minProperties": gettext_lazy("empty: give English (en), Chinese (zh) or both"),
}
