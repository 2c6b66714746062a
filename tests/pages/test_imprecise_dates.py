"""A milestone that was met in a month is nowhere said to have been met on a day."""

from datetime import date

import pytest

from tests.factories import MilestoneFactory
from tests.steps import published

pytestmark = [pytest.mark.alike, pytest.mark.django_db]


@pytest.fixture
def met_in_may(deliverable, reporter, reviewer):
    MilestoneFactory(commitment=deliverable, key="m1", due_on=date(2026, 6, 30))
    month = {"effective_on": date(2026, 5, 31), "date_precision": "month"}
    return published(deliverable, reporter, reviewer, meets=["m1"], **month)


def test_on_the_page_of_the_commitment(get_page, met_in_may):
    page = get_page("/en/PLAN/commitments/1.2/")
    assert f'<a href="#update-{met_in_may.pk}">met May 2026</a>' in page
    assert "met 31 May 2026" not in page


def test_in_the_list_of_the_staff(client, met_in_may, curator):
    client.force_login(curator)
    page = client.get("/admin/commitments/milestone/").text
    assert "May 2026" in page
    assert "31 May 2026" not in page


def test_by_programs(api, met_in_may):
    [milestone] = api().get("/api/v1/commitments/PLAN-1.2/").json()["milestones"]
    assert (milestone["met_on"], milestone["met_precision"]) == ("2026-05-31", "month")
    for path in ("commitments/export/?format=csv", "data/PLAN/milestones.csv"):
        table = b"".join(api().get(f"/api/v1/{path}")).decode()
        shown = "m1 2026-06-30 met 2026-05" if "export" in path else '"2026-05-31","month"'
        assert shown in table
        assert "met 2026-05-31" not in table
