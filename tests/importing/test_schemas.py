"""The JSON Schemas: their lists of codes are those of the code, and editors get them whole."""

import copy
import json

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry

from commitments.choices import Status
from commitments.importing.checks import RULES
from commitments.importing.schema_validator import validator_for
from commitments.importing.schemas import CODES, schema_documents
from commitments.workflow import UPDATE_FIELDS
from tests.documents import ANSWERED
from tests.examples import examples
from tests.importing.town import VALID

pytestmark = pytest.mark.alike


def lists(value, keyword):
    """Every value of a keyword anywhere in a document."""
    if isinstance(value, dict):
        yield from (item for key, item in value.items() if key == keyword)
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from lists(item, keyword)


def test_every_list_of_codes_is_filled_in_and_used():
    documents = schema_documents()
    assert list(lists(documents, "x-codes")) == []
    enums = [enum for enum in lists(documents, "enum") if isinstance(enum, list)]
    assert all(codes in enums for codes in CODES.values())
    assert set(CODES["AssessmentStatus"]) == set(Status.values()) - {"unassessed"}


def with_pattern(value):
    """Every part of a schema that has a pattern."""
    if isinstance(value, dict):
        yield from [value] if "pattern" in value else []
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from with_pattern(item)


def test_every_rule_that_messages_quote_is_there_for_translators():
    found = {part["description"] for part in with_pattern([*schema_documents().values()])}
    assert found == set(RULES)


def test_a_file_can_set_every_field_of_an_update():
    updates = schema_documents()["updates.schema.json"]
    assert set(UPDATE_FIELDS) <= set(updates["$defs"]["update"]["properties"])


def test_they_are_valid_schemas():
    for document in schema_documents().values():
        Draft202012Validator.check_schema(document)


def test_they_can_be_written_for_editors(tmp_path, capsys):
    folder = tmp_path / "new" / "schemas"
    call_command("write_schemas", folder)
    written = {path.name: json.loads(path.read_text()) for path in folder.iterdir()}
    assert written == schema_documents()
    assert str(folder) in capsys.readouterr().out


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandError, match="file"):
        call_command("write_schemas", tmp_path / "file" / "schemas")


def places(value, path=()):
    """Yield the path of everything in a value."""
    if isinstance(value, (dict, list)):
        for step in value if isinstance(value, dict) else range(len(value)):
            yield (*path, step)
            yield from places(value[step], (*path, step))


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-1, 3) | st.floats(-1, 3),
    st.sampled_from(["", " ", "en", "EN", "LEAGUE", "a", "A.1", "2026-01-01", "2026-02-30"]),
    st.just("x" * 301),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["en", "EN", "number", "code"]), inner, max_size=3)
    ),
    max_leaves=6,
)

DOCUMENTS = {"plan.schema.json": VALID, "updates.schema.json": ANSWERED}


@pytest.mark.long
@settings(deadline=None, max_examples=examples(500))
@given(
    place=st.sampled_from(
        [(name, path) for name, document in DOCUMENTS.items() for path in places(document)]
    ),
    value=VALUES,
    name=st.sampled_from(["", "en"]),
)
def test_values_are_checked_as_jsonschema_checks_them(place, value, name):
    schema, place = place
    document = parent = copy.deepcopy(DOCUMENTS[schema])
    for step in place[:-1]:
        parent = parent[step]
    parent[place[-1]] = value
    if name and isinstance(parent, dict):
        parent[name] = value
    plain = Draft202012Validator(
        schema_documents()[schema],
        registry=Registry().with_contents(schema_documents().items()),
        format_checker=FormatChecker(formats=["date"]),
    )
    expected, found = (
        {(*error.absolute_path, error.validator) for error in each.iter_errors(document)}
        for each in (plain, validator_for(schema))
    )
    assert found == expected
