"""The plan and the record that ship with the tracker, for a browser to look at."""

import io

import pytest
import time_machine
from django.core.management import call_command

from commitments.choices import Role
from commitments.importing import plan_file, plan_load
from tests.factories import UserFactory
from tests.steps import NOW


@pytest.fixture
def shipped_record(db):
    """The plan and the updates that ship with the tracker."""
    plan_load.load_plan(plan_file.read_plan_file("fixtures/iscc/plan.yaml").value, at=NOW)
    for name, role in (("reporter", Role.REPORTER), ("reviewer", Role.REVIEWER)):
        UserFactory(username=name, roles=[role])
    with time_machine.travel("2026-11-25T12:00:00Z"):
        people = {"author": "reporter", "publish_as": "reviewer"}
        record = "fixtures/iscc/public-record.yaml"
        call_command("load_updates", record, stdout=io.StringIO(), **people)
