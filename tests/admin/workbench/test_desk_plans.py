"""The desk of one plan of several."""

from datetime import date

import pytest

from tests.factories import CommitmentFactory, MilestoneFactory, PlanFactory
from tests.staff_pages import listed
from tests.steps import draft, published, submitted

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]


@pytest.fixture
def two_plans(duty, reporter, reviewer):
    """Drafts and commitments that need attention, of two plans."""
    other = CommitmentFactory(plan=PlanFactory(code="OTHER"), number="7")
    for row in (duty, other):
        draft(row, reporter)
        submitted(row, reporter)
        MilestoneFactory(commitment=row, due_on=date(2026, 7, 20))
        old = {"status": "active", "effective_on": date(2022, 1, 1)}
        published(row, reporter, reviewer, **old)
    return duty.plan, other.plan


@pytest.mark.long
def test_the_desk_of_one_plan_has_nothing_of_others(client, two_plans, curator, reporter, reviewer):
    for person in (curator, reporter, reviewer):
        client.force_login(person)
        everything = {row.name: row.count for row in client.get("/admin/").context["desk"]}
        one = client.get("/admin/?plan=OTHER")
        assert {row.name: 2 * row.count for row in one.context["desk"]} == everything
        assert everything
        assert "OTHER-7" in one.text
        assert "PLAN-1.1" not in one.text


@pytest.mark.long
def test_the_desk_offers_the_plans_if_there_are_several(client, duty, reporter):
    client.force_login(reporter)
    assert "?plan=" not in client.get("/admin/").text
    PlanFactory(code="OTHER")
    page = client.get("/admin/?plan=OTHER").text
    assert '<a href="?plan=PLAN"' in page
    assert '<strong title="A plan">OTHER</strong>' in page
    assert "No plan “NONE”; there are: OTHER, PLAN." in client.get("/admin/?plan=NONE").text


@pytest.mark.long
def test_the_list_of_all_rows_is_of_the_plan_too(client, two_plans, reporter, monkeypatch):
    monkeypatch.setattr("commitments.admin.workbench.desk.ROWS_PER_SECTION", 1)
    for _n in range(2):
        draft(two_plans[1].commitments.get(), reporter)
    client.force_login(reporter)
    sections = client.get("/admin/?plan=OTHER").context["desk"]
    [drafts] = [row for row in sections if row.name == "drafts"]
    rows = listed(client, drafts)
    assert {row.commitment.plan.code for row in rows} == {"OTHER"}
    assert len(rows) == drafts.count == 3
