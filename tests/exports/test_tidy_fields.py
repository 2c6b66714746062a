"""The tidy tables of the record have whatever an author says in public."""

import pytest

from commitments.exports.columns import columns_in
from commitments.exports.tidy.record import EVIDENCE_TABLE, FINDING_TABLE, UPDATE_TABLE
from commitments.workflow import EVIDENCE_FIELDS, UPDATE_FIELDS

pytestmark = pytest.mark.alike

# Fields of an author that have no column of their name, and why.
OF_UPDATES = {
    "findings": "They are a table of their own, with a row for each criterion.",
}
OF_EVIDENCE = {
    "public": "Only public evidence is in the table.",
}


def columns_of(table):
    """The names of the columns, those of texts without their language."""
    names = (column.name for column in columns_in(table.columns, ["en"]))
    return {name.removesuffix("_en") for name in names}


def test_each_field_of_an_update_is_a_column_or_known_not_to_be():
    assert set(UPDATE_FIELDS) - columns_of(UPDATE_TABLE) == set(OF_UPDATES)
    assert {"update", "criterion", "result", "events"} <= columns_of(FINDING_TABLE)


def test_each_field_of_evidence_is_a_column_or_known_not_to_be():
    assert set(EVIDENCE_FIELDS) - columns_of(EVIDENCE_TABLE) == set(OF_EVIDENCE)
