"""`docs/check_ledger.py`, run against a server with the plans of this repository."""

import subprocess
import sys

import pytest

from commitments.importing import plan_file, plan_load
from tests.steps import NOW

pytestmark = [pytest.mark.alike, pytest.mark.long, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("name", ["example", "iscc", "us-nap5"])
def test_a_plan_as_it_is_shipped_is_what_its_chain_records(live_server, name):
    plan = plan_file.read_plan_file(f"fixtures/{name}/plan.yaml").value
    plan_load.load_plan(plan, at=NOW)
    command = [sys.executable, "-I", "docs/check_ledger.py", live_server.url]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stdout.splitlines()[0]) == (
        0,
        "1 links, 0 updates; differences: 0",
    )
