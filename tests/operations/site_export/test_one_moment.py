"""An export is of one moment, whatever is written meanwhile."""

import json

import pytest
from django.db import connection

from tests.workflow.race_track import new_database, programs_on


@pytest.mark.long
def test_pages_are_read_as_they_were_when_the_export_began(tmp_path):
    with new_database(connection.vendor, tmp_path) as address:
        _environment, run = programs_on(address)
        run("manage.py", "migrate", "--verbosity", "0")
        run("manage.py", "load_plan", "fixtures/example/plan.yaml")
        titles = json.loads(run("-m", "tests.operations.site_export.one_moment"))
    assert titles == [*["Library Plan of Lakeside 2026–2028"] * 2, "Renamed"]
