"""The descriptions in the OpenAPI document: operations are described by their docstrings, fields by
their serializers, and everything else by `descriptions.yaml`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import yaml
from django.conf import settings

from commitments.api.schema import Schema, operations_of

_TEXTS = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
TAGS: Mapping[str, str] = _TEXTS["tags"]
PATH_PARAMETERS: Mapping[str, str] = _TEXTS["path_parameters"]
COMPONENTS: Mapping[str, str] = _TEXTS["components"]
# Descriptions by `field`, or by `Component.field` where they differ.
FIELDS: Mapping[str, str] = _TEXTS["fields"]

# A summary is one line: the first sentence, up to a colon.
_SUMMARY = re.compile(r".+?(?=[.:](?:\s|\Z))", re.DOTALL)
# Parts of a component's name that drf-spectacular and the serializers add for requests.
_OF_REQUEST = re.compile(r"\APatched|(Write|Change|File)?Request\Z")


def describe(result: Schema, **_facts: object) -> Schema:
    """Add the missing descriptions to the document. A test finds whatever still has none."""
    used = {tag for operation in operations_of(result) for tag in operation["tags"]}
    result["info"]["contact"] = _contact()
    result["tags"] = [
        {"name": name, "description": words} for name, words in TAGS.items() if name in used
    ]
    for operation in operations_of(result):
        _summarise(operation)
        for parameter in operation.get("parameters", ()):
            if parameter["in"] == "path":
                _complete(parameter, PATH_PARAMETERS.get(parameter["name"]))
    for operations in result.get("webhooks", {}).values():
        # Receivers verify the signature of the message; they need no token.
        operations["post"]["security"] = []
    for name, component in result["components"]["schemas"].items():
        _complete(component, COMPONENTS.get(name))
        for field, schema in component.get("properties", {}).items():
            _complete(schema, _words_of(name, field))
    return result


def _contact() -> Schema:
    """Return the contact for questions about the API: the operator of this site."""
    name = settings.SITE_OPERATOR or settings.SITE_NAME or "The operator of this tracker"
    place = settings.SITE_CONTACT
    kind = "url" if ":" in place else "email"
    return {"name": name, kind: place} if place else {"name": name}


def _summarise(operation: Schema) -> None:
    found = _SUMMARY.match(operation.get("description", ""))
    if found:
        operation["summary"] = " ".join(found[0].split())


def _words_of(component: str, field: str) -> str | None:
    object_name = _OF_REQUEST.sub("", _OF_REQUEST.sub("", component))
    return FIELDS.get(f"{object_name}.{field}", FIELDS.get(field))


def _complete(schema: Schema, words: str | None) -> None:
    if words and not schema.get("description"):
        schema["description"] = words
