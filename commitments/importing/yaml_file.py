"""Read strict YAML, whose types are never guessed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path as FilePath
from typing import Any

import yaml
from django.utils.translation import gettext as _

from commitments.exceptions import ImportFileError, Problem
from commitments.importing.places import FileProblem, Place, Places, located, places_in

# Levels of nesting; a plan file has six.
MAX_DEPTH = 50


class _Loader(yaml.CSafeLoader):
    """Accepts only unique strings as keys.

    Unlike YAML 1.1, only decimal numbers are integers, only `true` and `false` are booleans, and
    dates stay strings. Keys that are refused are left out; `key_errors` has the message and the
    place of each.
    """

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.key_errors: list[tuple[Place, str]] = []

    def construct_mapping(
        self, node: yaml.MappingNode, deep: bool = False
    ) -> dict[Hashable, object]:
        mapping: dict[Hashable, object] = {}
        pairs = []
        for key_node, value in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                self._refuse(key_node, _("a key must be a string"))
            elif key in mapping:
                self._refuse(key_node, _("the key “%(key)s” occurs twice") % {"key": key})
            else:
                mapping[key] = self.construct_object(value, deep=deep)
                pairs.append((key_node, value))
        node.value = pairs
        return mapping

    def _refuse(self, node: yaml.Node, message: str) -> None:
        mark: Any = node.start_mark
        self.key_errors.append((Place(mark.line + 1, mark.column + 1), message))


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


class _Dumper(yaml.CSafeDumper):
    """Writes no aliases, and quotes the strings that YAML 1.1 would read as other types."""

    def ignore_aliases(self, data: object) -> bool:
        return True


class _DumperOfRareCharacters(yaml.SafeDumper):
    """Writes characters of all planes as they are; slow."""

    ignore_aliases = _Dumper.ignore_aliases


@dataclass(frozen=True)
class YamlFile:
    """The value of a YAML file, the SHA-256 of its bytes in hex, its name without folders, and its
    root node. `problems` are the errors of its keys."""

    value: Any
    sha256: str
    name: str
    root: yaml.Node | None
    problems: tuple[Problem, ...] = ()

    @cached_property
    def places(self) -> Places:
        """The places of its values, found when they are first needed: most files have no error."""
        return places_in(self.root)

    def located(self, problems: Iterable[Problem]) -> list[Problem]:
        """Return errors with their places in the file."""
        every = list(problems)
        return located(every, self.name, self.places, self.value) if every else []


def read_yaml(path: str, error_class: type[ImportFileError]) -> YamlFile:
    """Return the value of a file, or raise `error_class` if it is not strict YAML in UTF-8."""
    name = FilePath(path).name
    try:
        data = FilePath(path).read_bytes()
        text = data.decode("utf-8")
        _check_shape(text)
        loader = _Loader(text)
        node = loader.get_single_node()
        value = None if node is None else loader.construct_document(node)
    except OSError as error:
        raise error_class(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise error_class(
            _("%(path)s is not UTF-8 (byte %(byte)s).") % {"path": path, "byte": error.start}
        ) from error
    except (yaml.YAMLError, ValueError, TypeError, LookupError, AttributeError) as error:
        # All but YAMLError come from tags that do not fit their values, or whose keys are lists.
        raise error_class(
            _("%(path)s is not YAML: %(error)s") % {"path": path, "error": error}
        ) from error
    problems = tuple(
        FileProblem((), message, file=name, line=place.line, column=place.column)
        for place, message in loader.key_errors
    )
    return YamlFile(value, hashlib.sha256(data).hexdigest(), name, node, problems)


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
    options: Any = {"allow_unicode": True, "sort_keys": False, "width": 100}
    text: str = yaml.dump(value, Dumper=_Dumper, **options)
    # libyaml writes rare Han characters and emoji as escapes, which nobody can read.
    return yaml.dump(value, Dumper=_DumperOfRareCharacters, **options) if "\\U" in text else text
