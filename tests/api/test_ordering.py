"""The order of a list is the same on every database, and its links follow the filters."""

import pytest

from commitments.importing import plan_dump, plan_load
from tests.factories import CommitmentFactory
from tests.steps import NOW

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("ordering", "numbers"), [("due_on", ["2", "3", "1"]), ("-due_on", ["3", "2", "1"])]
)
def test_what_has_no_date_comes_last_in_either_direction(ordering, numbers, plan, api):
    for number, due_on in (("1", None), ("2", "2026-01-01"), ("3", "2027-01-01")):
        CommitmentFactory(plan=plan, number=number, kind="deliverable", due_on=due_on)
    answer = api().get(f"/api/v1/commitments/?ordering={ordering}").json()
    assert [row["number"] for row in answer["results"]] == numbers


def test_an_amended_wording_is_a_change_since(iscc, curator, api):
    document = plan_dump.plan_document(iscc)
    document["commitments"][4]["text"]["en"] += " And more."
    later = NOW.replace(hour=NOW.hour + 1)
    plan_load.amend_plan(document, reason="A correction.", by=curator, at=later)
    answer = api().get("/api/v1/commitments/?changed_since=2026-07-01T04:30:00Z").json()
    assert [row["code"] for row in answer["results"]] == ["ISCC-2.2"]
