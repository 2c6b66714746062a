"""Options of `load_plan` that tables need, take or refuse."""

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from tests.documents import everything
from tests.importing.harbour_town import HARBOUR

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]


@pytest.fixture
def table(tmp_path):
    """The path of a table of the plan of the harbour town, with numbers and kinds alone."""
    path = tmp_path / "table.csv"
    path.write_text("plan,number,kind\nHARBOUR,1,deliverable\n", encoding="utf-8")
    return str(path)


def test_options_of_tables_are_for_tables():
    with pytest.raises(CommandError, match="--with and --kind are for tables"):
        call_command("load_plan", str(HARBOUR), kind="standing")


def test_a_table_amends_the_plan_as_it_is_loaded_and_not_a_file_beside_it(table, curator):
    call_command("load_plan", str(HARBOUR))
    before = everything()
    with pytest.raises(CommandError, match="--amend and --with cannot be combined"):
        call_command("load_plan", table, base=str(HARBOUR), amend="a table", by=curator.username)
    assert everything() == before


def test_a_file_that_completes_a_table_has_no_commitments_of_its_own(table):
    with pytest.raises(CommandError, match="has commitments; give a plan file without"):
        call_command("load_plan", table, base=str(HARBOUR))
