"""What a release promises to programs (docs/stability.md), as data without prose, for comparison
with later versions (`broken.py`):

    {"operations": {"GET /api/v1/…": {"route": …, "parameters": {"query plan": value, …},
                                      "body": {media type: types}, "body_required": …,
                                      "answers": {"200 media type": types}}, …},
     "messages": {name of a webhook: types, …},
     "components": {name: {"keys": {name: value}} or {"codes": […]} or {"types": types}, …},
     "format_version": …,
     "tables": {name: {"columns": [[name, type], …], "primary_key": […],
                       "foreign_keys": [[columns, table, columns there], …],
                       "parameters": […]}, …},
     "exports": {name: [column, …], …},
     "contents": {version of the canonical content: {"methodology": …, "update_fields": […],
                                                     "evidence_fields": […]}, …},
     "subjects": {version of the content of what curators maintain: {type: [field, …], …}, …},
     "addresses": {of a page, a feed, a picture, a card or a badge: route, …}}

A value is {"types": types, "required": …}; types are a list of alternatives in words, such as
["Text", "null"].
"""

import json
from pathlib import Path

from django.conf import settings
from django.urls import URLResolver, get_resolver
from django.urls.resolvers import LocalePrefixPattern
from drf_spectacular.generators import SchemaGenerator

from commitments.api.deprecation_marks import routes_by_shape, shape
from commitments.exports import commitments, ogp, updates
from commitments.exports.tidy import TIDY_TABLES
from commitments.exports.tidy.tables import FORMAT_VERSION
from commitments.ledger.content import CONTENT_VERSIONS
from commitments.ledger.subject_versions import SUBJECT_VERSIONS
from tests.docs.markdown import documented_name
from tests.docs.tidy_columns import type_of

EXPORTS = {
    "commitments": commitments.COMMITMENT_COLUMNS,
    "updates": updates.UPDATE_COLUMNS,
    "ogp": ogp.OGP_COLUMNS,
}


def promised():
    """Return what the code as it is promises."""
    document = SchemaGenerator().get_schema(public=True)
    return {
        "operations": dict(_operations(document)),
        "messages": {
            name: _contents(methods["post"]["requestBody"])["application/json"]
            for name, methods in document["webhooks"].items()
        },
        "components": {
            name: _component(schema) for name, schema in document["components"]["schemas"].items()
        },
        "format_version": FORMAT_VERSION,
        "tables": {name: _table(table) for name, table in TIDY_TABLES.items()},
        "exports": {
            name: [documented_name(column).strip("`") for column in columns]
            for name, columns in EXPORTS.items()
        },
        "contents": {str(number): _version(row) for number, row in CONTENT_VERSIONS.items()},
        "subjects": {
            str(number): {kind.value: list(fields) for kind, fields in version.items()}
            for number, version in SUBJECT_VERSIONS.items()
        },
        "addresses": dict(_addresses(get_resolver().url_patterns)),
    }


def write_promised(path):
    """Write it into a file, a line for each name, so that a later one can be compared by eye."""
    text = json.dumps(promised(), ensure_ascii=False, indent=1, sort_keys=True)
    Path(path).write_text(f"{text}\n", encoding="utf-8")


def read_promised(path):
    return json.loads(Path(path).read_text(encoding="utf-8"))


def _version(version):
    return {
        "methodology": version.methodology,
        "update_fields": list(version.update_fields),
        "evidence_fields": list(version.evidence_fields),
    }


def _addresses(patterns, before="", namespace=""):
    """Yield the addresses for readers with their routes: neither those of the API, which are among
    its operations, nor those of the staff side."""
    for pattern in patterns:
        is_language = isinstance(pattern.pattern, LocalePrefixPattern)
        address = before + ("<language>/" if is_language else str(pattern.pattern))
        if address.startswith(("api/", settings.ADMIN_PATH)):
            continue
        if isinstance(pattern, URLResolver):
            yield from _addresses(pattern.url_patterns, address, pattern.namespace or namespace)
        else:
            yield address, f"{namespace}:{pattern.name}" if namespace else pattern.name


def _operations(document):
    routes = routes_by_shape()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            body = operation.get("requestBody", {})
            yield (
                f"{method.upper()} {path}",
                {
                    "route": routes[shape(path)],
                    "parameters": {
                        f"{row['in']} {row['name']}": _value(
                            row["schema"], row.get("required", False)
                        )
                        for row in operation.get("parameters", ())
                    },
                    "body": _contents(body),
                    "body_required": body.get("required", False),
                    "answers": dict(_answers(operation)),
                },
            )


def _answers(operation):
    """Yield the types of what is answered if nothing is refused."""
    for status, answer in operation["responses"].items():
        if status.startswith("2"):
            contents = _contents(answer) or {"": []}
            yield from ((f"{status} {kind}".rstrip(), types) for kind, types in contents.items())


def _contents(described):
    """Return the types of a body by its media types."""
    contents = described.get("content", {})
    return {kind: types_of(content.get("schema", {})) for kind, content in contents.items()}


def _component(schema):
    if "properties" in schema:
        required = schema.get("required", ())
        keys = schema["properties"].items()
        return {"keys": {name: _value(value, name in required) for name, value in keys}}
    return {"codes": schema["enum"]} if "enum" in schema else {"types": types_of(schema)}


def _value(schema, required):
    return {"types": types_of(schema), "required": required}


def types_of(schema):
    """Return the types that a value may have."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return ["null" if name == "NullEnum" else name]
    for among in ("oneOf", "anyOf", "allOf"):
        if among in schema:
            return sorted({name for each in schema[among] for name in types_of(each)})
    kinds = schema.get("type", "anything")
    return sorted({_in_words(kind, schema) for kind in ([kinds] if type(kinds) is str else kinds)})


def _in_words(kind, schema):
    if kind == "array":
        return f"array of {' or '.join(types_of(schema['items']))}"
    if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"object of {' or '.join(types_of(schema['additionalProperties']))}"
    return f"{kind} {schema['format']}" if kind == "string" and "format" in schema else kind


def _table(table):
    keys = table.foreign_keys
    return {
        "columns": [[documented_name(row).strip("`"), type_of(row)] for row in table.columns],
        "primary_key": list(table.primary_key),
        "foreign_keys": [[list(key.columns), key.table, list(key.referenced)] for key in keys],
        "parameters": list(table.parameters),
    }
