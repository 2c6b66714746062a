"""The OpenAPI document has examples of all that is sent and answered, and each fits its schema."""

from datetime import datetime

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from commitments.api import examples

pytestmark = pytest.mark.alike

FORMATS = FormatChecker(["date"])
FORMATS.checks("uri")(lambda value: not isinstance(value, str) or "://" in value)


@FORMATS.checks("date-time", raises=ValueError)
def is_a_time(value):
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@pytest.fixture
def document(api):
    return api().get("/api/v1/schema/").json()


def operations(document):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def contents(document):
    """What is sent and answered: its place in words, its media type, its schema and examples."""
    for name, operation in operations(document):
        for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
            yield f"{name}, request", media_type, content
        for status, response in operation["responses"].items():
            for media_type, content in response.get("content", {}).items():
                yield f"{name}, {status}", media_type, content


def test_everything_that_is_sent_or_answered_as_json_has_an_example(document):
    without = [
        (place, media_type)
        for place, media_type, content in contents(document)
        if "examples" not in content
        and (media_type.endswith("json") or media_type == "multipart/form-data")
    ]
    assert without == []


def test_every_example_fits_its_schema(document):
    wrong, checked = [], 0
    for place, media_type, content in contents(document):
        schema = {**content["schema"], "components": document["components"]}
        validator = Draft202012Validator(schema, format_checker=FORMATS)
        for example in content.get("examples", {}).values():
            checked += 1
            errors = validator.iter_errors(example["value"])
            wrong += [f"{place}, {media_type}: {error.message}" for error in errors]
    assert not wrong, "\n".join(wrong)
    assert checked > 100


def test_every_example_of_the_file_is_used(document):
    named = {operation["operationId"] for _name, operation in operations(document)}
    assert set(examples.REQUESTS) | set(examples.FORMS) | set(examples.RESPONSES) <= named


def test_every_problem_is_an_example_of_its_own_status(document):
    for place, media_type, content in contents(document):
        if media_type == "application/problem+json":
            [example] = content["examples"].values()
            assert place.endswith(f", {example['value']['status']}")


def test_the_examples_name_places_that_nobody_owns():
    assert "example.org" in str(examples.RESPONSES)
    addresses = [word for word in str(examples.RESPONSES).split("'") if word.startswith("http")]
    assert all("example.org/" in address for address in addresses)
