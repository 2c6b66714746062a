"""A client of the API that checks each answer against the OpenAPI document."""

import json
import re
from functools import cache

import jsonschema_rs
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

# What any address may answer; the document says so once, in words.
ANYWHERE = {301, 404, 405, 406, 507}
UNDESCRIBED = ("/api/v1/schema/", "/api/v1/docs/")


class DescribedClient(APIClient):
    """Fails a test whose request is answered in a way that the document does not describe: with
    another status, media type or header, or JSON with a key more or less than it says."""

    def request(self, **environ):
        answer = super().request(**environ)
        path = environ["PATH_INFO"]
        if path.startswith("/api/v1/") and path not in UNDESCRIBED:
            check(environ["REQUEST_METHOD"], path, environ.get("QUERY_STRING", ""), answer)
        return answer


def check(method, path, query, answer):
    """Raise AssertionError unless the document describes the answer."""
    operation = operation_at(method, path)
    if operation is None or answer.status_code in ANYWHERE:
        return
    place = f"{method} {path}?{query}, {answer.status_code}"
    described = operation["responses"].get(str(answer.status_code))
    assert described is not None, f"{place} is not described: {answer.content[:300]!r}"
    media_type = answer.headers.get("Content-Type", "").partition(";")[0]
    contents = described.get("content", {})
    if answer.streaming or not contents:
        return
    assert media_type in contents or "*/*" in contents, f"{place} has {media_type}"
    # Of the fields that a caller chose, an answer has no others.
    if media_type.endswith("json") and "fields=" not in query:
        key = (operation["operationId"], answer.status_code, media_type)
        for error in validator(*key).iter_errors(json.loads(answer.content)):
            raise AssertionError(f"{place}: {error.message} at {error.instance_path}")


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
    described = {**closed(schema), "components": components()}
    return jsonschema_rs.Draft202012Validator(described, validate_formats=True)


@cache
def components():
    return closed(document()["components"])


def closed(schema):
    """The schema, of which objects have no keys besides those described."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {key: closed(part) for key, part in schema.items()}
    if schema.get("type") == "object" and "properties" in schema:
        inner.setdefault("additionalProperties", False)
    return inner
