"""Marks in the OpenAPI document on what is deprecated."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.urls import get_resolver

from commitments.api import deprecations
from commitments.api.deprecations import Deprecation
from commitments.api.schema import Schema

NAMESPACE = "api"


def mark_deprecated(result: Schema, **_facts: object) -> Schema:
    """Mark what is deprecated, and say until when it stays and what to use instead. Runs last: it
    adds to the descriptions."""
    for item in deprecations.DEPRECATIONS:
        for described in described_parts(result, item):
            code = item.part.partition(".")[2]
            if code in described.get("enum", ()):
                # OpenAPI can mark a list of codes, not one of them.
                _add(described, f"`{code}`: {item.words}")
            else:
                described["deprecated"] = True
                _add(described, item.words)
    return result


def routes_by_shape() -> dict[str, str]:
    """Return the names of the API's routes by their paths, whose variables are written `{}`."""
    prefix, resolver = get_resolver().namespace_dict[NAMESPACE]
    return {
        shape(f"/{prefix}{path % {name: f'{{{name}}}' for name in names}}"): f"{NAMESPACE}:{route}"
        for route, found in resolver.reverse_dict.lists()
        if isinstance(route, str)
        for possibilities, *_rest in found
        for path, names in possibilities
    }


def shape(path: str) -> str:
    """Return a path with its variables written `{}`: their names differ in the document."""
    return re.sub(r"\{\w+\}", "{}", path)


def described_parts(result: Schema, item: Deprecation) -> Iterator[Schema]:
    """Yield the parts of the document that describe the deprecated item: a component, one of its
    keys, or the component that lists a code; a parameter; or operations. Columns are not in the
    document."""
    if item.part:
        yield from _of_components(result["components"]["schemas"], *item.part.split(".", 1))
    elif not item.column:
        for operation in _operations(result, item.route):
            yield from _parameters(operation, item.parameter) if item.parameter else [operation]


def _of_components(schemas: Schema, name: str, part: str = "") -> Iterator[Schema]:
    component = schemas.get(name, {})
    if part in component.get("properties", {}):
        yield component["properties"][part]
    elif component and (not part or part in component.get("enum", ())):
        yield component


def _operations(result: Schema, route: str) -> Iterator[Schema]:
    routes = routes_by_shape()
    for path, operations in result["paths"].items():
        if routes.get(shape(path)) == route:
            yield from operations.values()


def _parameters(operation: Schema, name: str) -> Iterator[Schema]:
    for parameter in operation.get("parameters", ()):
        if (parameter["in"], parameter["name"]) == ("query", name):
            yield parameter


def _add(described: Schema, words: str) -> None:
    said = described.get("description", "")
    # A component may be deprecated for several routes.
    if words not in said:
        described["description"] = f"{said}\n\n{words}" if said else words
