"""What it costs to give a thousand commitments other offices and dates at once.

`python -m pytest -m long -s tests/curation/test_large_sheet.py` prints the figures.
"""

import time

import pytest

from commitments.curation.planning import planned_changes, save_planned
from commitments.importing import plan_load
from commitments.models import Commitment, Plan
from tests.importing.test_large_plan import large_plan
from tests.steps import NOW

COUNT = 1000
MAX_SECONDS = 10

pytestmark = [pytest.mark.django_db, pytest.mark.long, pytest.mark.alike]


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_thousand_rows_take_less_than_ten_seconds(curator, capsys, dry_run):
    plan_load.load_plan(large_plan(COUNT), at=NOW)
    plan = Plan.objects.get(code="LARGE")
    cells = {
        number: {"lead_office": "OFFICE-01", "supporting_offices": "OFFICE-02, OFFICE-03"}
        for number in plan.commitments.values_list("number", flat=True)
    }
    begun = time.process_time()
    changes, problems = planned_changes(plan, cells)
    saved = save_planned(changes, by=curator, at=NOW, reason="As agreed.", dry_run=dry_run)
    seconds = time.process_time() - begun
    with capsys.disabled():
        print(f"{saved} rows, {len(changes)} cells: {seconds:.1f} s")
    assert (saved > COUNT * 0.9, problems) == (True, [])
    assert seconds < MAX_SECONDS
    led = Commitment.objects.filter(lead_office__code="OFFICE-01").count()
    assert led == COUNT or dry_run
