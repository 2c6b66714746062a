"""Each response of the API in the tests is checked against the OpenAPI document: its status, media
type and headers, and whether JSON has exactly the keys that the document describes."""

import gzip
import json
import re
from functools import cache

import jsonschema_rs
from drf_spectacular.generators import SchemaGenerator

API = "/api/v1/"
UNDESCRIBED = (f"{API}schema/", f"{API}docs/")
# There a refusal is a page for a browser; programs do not ask for it.
LINKED_FROM_PAGES = re.compile(f"{API}evidence/[0-9]+/file/")
# Statuses that any address may return; the document describes them once, in words, except 500.
ANYWHERE = {404, 405, 406, 500, 507}
# Statuses that an address may return for a method that it does not support.
BEFORE_METHOD = {401, 403, 429}
REDIRECT = 301
PROBLEM = "application/problem+json"
# Headers that mean something to a program.
HEADERS = ("ETag", "Location", "Retry-After")
READING = ("GET", "HEAD")
# The keys of a content depend on the version by which it was hashed.
OF_A_VERSION = {"updates_content"}


def check(method, path, query, answer):
    """Raise AssertionError unless the document describes the answer to a request to the API."""
    status = answer.status_code
    if path in UNDESCRIBED or status == REDIRECT or method == "OPTIONS":
        return
    if LINKED_FROM_PAGES.fullmatch(path) and media_type_of(answer) == "text/html":
        return
    place = f"{method} {path}?{query}, {status}"
    operation = operation_at("GET" if method in READING else method, path)
    described = operation and operation["responses"].get(str(status))
    if described is None:
        possible = ANYWHERE | (BEFORE_METHOD if operation is None else set())
        assert status in possible, f"{place} is not described: {answer.content[:300]!r}"
        if method != "HEAD":
            _check_body(place, answer, problem_validator(), {PROBLEM})
        return
    contents = described.get("content", {})
    told = {name for name in HEADERS if name in answer.headers}
    assert told <= described.get("headers", {}).keys(), f"{place} has {told}"
    if contents and not answer.streaming and method != "HEAD":
        media_type = media_type_of(answer)
        # If the caller chose `fields`, the response has only those, so its keys are not checked.
        checks = media_type in contents and media_type.endswith("json") and "fields=" not in query
        valid = validator(operation["operationId"], status, media_type) if checks else None
        _check_body(place, answer, valid, contents)


def _check_body(place, answer, valid, media_types):
    media_type = media_type_of(answer)
    assert media_type in media_types or "*/*" in media_types, f"{place} has {media_type}"
    packed = answer.headers.get("Content-Encoding") == "gzip"
    content = gzip.decompress(answer.content) if packed else answer.content
    for error in valid.iter_errors(json.loads(content)) if valid else ():
        raise AssertionError(f"{place}: {error.message} at {error.instance_path}")


def media_type_of(answer):
    return answer.headers.get("Content-Type", "").partition(";")[0]


@cache
def document():
    return SchemaGenerator().get_schema(public=True)


@cache
def routes():
    """The operations of the document by method, with patterns of their paths; those without names
    in them come first."""
    found = []
    for path, operations in document()["paths"].items():
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))
        if path.endswith("}"):
            pattern = pattern.removesuffix("[^/]+") + ".+"
        elif path.endswith("{key}/"):
            # Names of publishers have slashes.
            pattern = pattern.removesuffix("[^/]+/") + ".+/"
        found.append((path.count("{"), re.compile(pattern), operations))
    return sorted(found, key=lambda row: row[0])


@cache
def operation_at(method, path):
    for _names, pattern, operations in routes():
        if pattern.fullmatch(path):
            return operations.get(method.lower())
    return None


@cache
def validator(operation_id, status, media_type):
    [operation] = [
        operation
        for operations in document()["paths"].values()
        for operation in operations.values()
        if operation["operationId"] == operation_id
    ]
    schema = operation["responses"][str(status)]["content"][media_type]["schema"]
    if operation_id in OF_A_VERSION:
        described = {**schema, "components": document()["components"]}
    else:
        described = {**closed(schema), "components": components()}
    return jsonschema_rs.Draft202012Validator(described, validate_formats=True)


@cache
def problem_validator():
    described = {"$ref": "#/components/schemas/Problem", "components": components()}
    return jsonschema_rs.Draft202012Validator(described, validate_formats=True)


@cache
def components():
    return closed(document()["components"])


def closed(schema):
    """Return the schema, changed so that objects allow no keys besides those described."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {key: closed(part) for key, part in schema.items()}
    if schema.get("type") == "object" and "properties" in schema:
        inner.setdefault("additionalProperties", False)
    return inner
