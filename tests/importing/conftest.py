"""Plan files that are read in tests."""

import pytest

from commitments.exceptions import PlanFileError
from commitments.importing import plan_file
from tests.documents import write_file


@pytest.fixture
def read(tmp_path):
    """Read a file with this content: bytes, text or a value."""

    def read(content):
        return plan_file.read_plan_file(write_file(tmp_path / "plan.yaml", content))

    return read


@pytest.fixture
def problems(read):
    """Return the errors of a file with this content as (place, message)."""

    def problems(content):
        with pytest.raises(PlanFileError) as refusal:
            read(content)
        return [(problem.place, problem.message) for problem in refusal.value.problems]

    return problems
