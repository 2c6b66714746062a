"""The plan and the record that ship with the tracker, for a browser to look at."""

import io
import sqlite3

import pytest
import time_machine
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection

from commitments.choices import Role
from commitments.importing import plan_file, plan_load
from commitments.models import Plan
from tests.factories import UserFactory
from tests.steps import NOW


@pytest.fixture(scope="session")
def copy_of_shipped_record():
    """An empty database of this process, which keeps what `shipped_record` loads: loading takes
    seconds, copying does not. Tests in a browser run on SQLite alone."""
    copy = sqlite3.connect(":memory:")
    yield copy
    copy.close()


@pytest.fixture
def shipped_record(db, copy_of_shipped_record):
    """The plan and the updates that ship with the tracker, and nothing else."""
    assert not Plan.objects.exists()
    if copy_of_shipped_record.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        copy_of_shipped_record.backup(connection.connection)
        ContentType.objects.clear_cache()
    else:
        load_shipped_record()
        connection.connection.backup(copy_of_shipped_record)


def load_shipped_record():
    plan_load.load_plan(plan_file.read_plan_file("fixtures/iscc/plan.yaml").value, at=NOW)
    for name, role in (("reporter", Role.REPORTER), ("reviewer", Role.REVIEWER)):
        UserFactory(username=name, roles=[role])
    with time_machine.travel("2026-11-25T12:00:00Z"):
        people = {"author": "reporter", "publish_as": "reviewer"}
        record = "fixtures/iscc/public-record.yaml"
        call_command("load_updates", record, stdout=io.StringIO(), **people)
