"""The plan of the harbour town, loaded, and fixtures that amend it."""

from copy import deepcopy
from io import StringIO
from pathlib import Path

import pytest
import time_machine
import yaml
from django.core.management import call_command
from django.core.management.base import CommandError

from tests.documents import everything, placed
from tests.fixtures.worlds import people, shared_world
from tests.steps import NOW
from tests.words import en_zh

HARBOUR = Path(__file__).parents[1] / "data" / "harbour.yaml"
DRAINS = "The four storm drains that still end in the harbour will be closed."
THREE_DRAINS = "The three storm drains that still end in the harbour will be closed."
# Of an update: the plan of the harbour town is in English alone.
SUMMARY = en_zh("A meeting was held.")


def load_plan(file, **options):
    out = StringIO()
    call_command("load_plan", str(file), stdout=out, **options)
    return out.getvalue()


@pytest.fixture(scope="module")
def loaded_harbour(django_db_setup, django_db_blocker):
    """Load the plan of the harbour town, for all tests of a module, and return its content."""
    with shared_world(django_db_blocker):
        people()
        with time_machine.travel(NOW):
            load_plan(HARBOUR)
        yield yaml.safe_load(HARBOUR.read_text(encoding="utf-8"))


@pytest.fixture
def harbour(request, curator):
    """Load the plan of the harbour town and return its content. A module that uses the fixture
    `loaded_harbour` shares one."""
    if "loaded_harbour" in request.fixturenames:
        return deepcopy(request.getfixturevalue("loaded_harbour"))
    load_plan(HARBOUR)
    return yaml.safe_load(HARBOUR.read_text(encoding="utf-8"))


@pytest.fixture
def file(tmp_path):
    """Write a document as a file and return its path."""

    def file(document):
        path = tmp_path / "plan.yaml"
        path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
        return path

    return file


@pytest.fixture
def amend(file):
    """Amend the plan by a document, by default as the curator."""

    def amend(document, reason="The council corrected it.", by="curator", **options):
        return load_plan(file(document), amend=reason, by=by, **options)

    return amend


@pytest.fixture
def refused(amend):
    """Return the lines of the error; check that nothing was written."""

    def refused(document, **options):
        before = everything()
        with pytest.raises(CommandError) as refusal:
            amend(document, **options)
        assert everything() == before
        return placed(refusal.value)

    return refused


def item(document, number):
    [row] = [row for row in document["commitments"] if row["number"] == number]
    return row
