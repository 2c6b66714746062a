"""The JSON Schemas: their lists of codes are those of the code, and editors get them whole."""

import json

import pytest
from django.core.management import CommandError, call_command
from jsonschema import Draft202012Validator

from commitments.choices import Status
from commitments.importing.schemas import CODES, schema_documents
from commitments.workflow import UPDATE_FIELDS

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
