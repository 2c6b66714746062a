"""Plan files that are read in tests, the plan of the harbour town with its amendments, and the
criteria that update files answer."""

from copy import deepcopy
from io import StringIO

import pytest
import time_machine
import yaml
from django.core.management import call_command
from django.core.management.base import CommandError

from commitments.exceptions import PlanFileError
from commitments.importing import plan_file
from commitments.models import Criterion
from tests.documents import everything, placed, write_file
from tests.fixtures.worlds import people, shared_world
from tests.importing import harbour_town
from tests.steps import NOW
from tests.words import en_zh


@pytest.fixture(autouse=True)
def at_noon():
    """Commands, which read the clock, load files at about the time of the other steps."""
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def read(tmp_path):
    """Read a file with this content: bytes, text or a value."""

    def read(content):
        return plan_file.read_plan_file(write_file(tmp_path / "plan.yaml", content)).value

    return read


@pytest.fixture
def problems(read):
    """Return the errors of a file with this content as (place, message)."""

    def problems(content):
        with pytest.raises(PlanFileError) as refusal:
            read(content)
        return [(problem.place, problem.message) for problem in refusal.value.problems]

    return problems


@pytest.fixture
def load_plan(tmp_path, db):
    """`load_plan(document, **options)` returns what the command prints."""

    def load_plan(document, **options):
        output = StringIO()
        path = write_file(tmp_path / "plan.yaml", document)
        call_command("load_plan", path, stdout=output, **options)
        return output.getvalue()

    return load_plan


@pytest.fixture
def criteria(duty):
    """The criteria "a" and "b" of the standing commitment."""
    return [
        Criterion.objects.create(
            commitment=duty,
            key=key,
            position=position,
            text=en_zh(f"Sources show {key}.", f"要点{key}。"),
            added_at=NOW,
        )
        for position, key in enumerate("ab", start=1)
    ]


@pytest.fixture(scope="module")
def loaded_harbour(django_db_setup, django_db_blocker):
    """Load the plan of the harbour town, for all tests of a module, and return its content."""
    with shared_world(django_db_blocker):
        people()
        with time_machine.travel(NOW):
            harbour_town.load_plan(harbour_town.HARBOUR)
        yield yaml.safe_load(harbour_town.HARBOUR.read_text(encoding="utf-8"))


@pytest.fixture
def harbour(request, curator):
    """Load the plan of the harbour town and return its content. A module that uses the fixture
    `loaded_harbour` shares one."""
    if "loaded_harbour" in request.fixturenames:
        return deepcopy(request.getfixturevalue("loaded_harbour"))
    harbour_town.load_plan(harbour_town.HARBOUR)
    return yaml.safe_load(harbour_town.HARBOUR.read_text(encoding="utf-8"))


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
        return harbour_town.load_plan(file(document), amend=reason, by=by, **options)

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
