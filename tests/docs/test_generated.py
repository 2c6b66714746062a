"""docs/data.md has every column of the tidy tables, docs/fields.md every field of the API."""

import pytest

from tests import data_page, fields_page

pytestmark = pytest.mark.alike


def test_the_columns_are_those_of_the_tables():
    _before, part, _after = data_page.parts_of(data_page.PAGE.read_text(encoding="utf-8"))
    assert part == data_page.columns_part(), "python -m tests.data_page writes them anew"


def test_the_fields_are_those_of_the_openapi_description():
    written = fields_page.PAGE.read_text(encoding="utf-8")
    assert written == fields_page.page(), "python -m tests.fields_page writes it anew"
