"""Plan files that are read in tests, and the criteria that update files answer."""

from io import StringIO

import pytest
import time_machine
from django.core.management import call_command

from commitments.exceptions import PlanFileError
from commitments.importing import plan_file
from commitments.models import Criterion
from tests.documents import write_file
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
