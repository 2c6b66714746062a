"""What is to be assessed, on the desk of those who have it in charge."""

from datetime import date, timedelta

import pytest

from commitments.admin.workbench.desk import desk_sections
from commitments.clocks import Clock
from commitments.workflow import work_queue
from tests.factories import CommitmentFactory, MilestoneFactory
from tests.steps import NOW, RESOLUTION, published

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]

CLOCK, DAY = Clock(now=NOW), timedelta(days=1)


@pytest.mark.long
def test_an_offices_commitments_that_are_due_lapsed_or_overdue_are_on_its_members_desks(
    office, office_duty, colleague, other_reporter, reviewer, curator
):
    def made(number, **fields):
        place = {"plan": office_duty.plan, "lead_office": office, "position": number}
        return CommitmentFactory(number=f"5.{number}", **place, **fields)

    due, lapsed, settled, late = (
        made(1),
        made(2),
        made(3),
        made(4, kind="deliverable", due_on=date(2026, 6, 1)),
    )
    for row, status, day in (
        (office_duty, "active", date(2026, 6, 1)),
        (due, "active", date(2025, 6, 1)),
        (lapsed, "inactive", date(2024, 6, 1)),
        (settled, "contrary", date(2020, 6, 1)),
    ):
        evidence = [RESOLUTION]
        published(row, colleague, reviewer, status=status, effective_on=day, evidence=evidence)
    assert set(work_queue.needs_attention(colleague, CLOCK)) == {due, lapsed, late}
    assert set(work_queue.needs_attention(other_reporter, CLOCK)) == set()
    assert set(work_queue.needs_attention(curator, CLOCK)) == {due, lapsed, late}


@pytest.mark.long
def test_a_late_milestone_makes_its_own_line_late_and_not_the_day_of_its_commitment(
    office, office_duty, colleague, client
):
    fields = {"plan": office_duty.plan, "lead_office": office, "kind": "deliverable"}
    late = CommitmentFactory(number="5.1", position=5, due_on=date(2026, 6, 1), **fields)
    ahead = CommitmentFactory(number="5.2", position=6, due_on=date(2026, 8, 1), **fields)
    for key, day in (("m1", date(2026, 6, 20)), ("m2", date(2026, 7, 20))):
        MilestoneFactory(commitment=ahead, key=key, due_on=day)
    shown = {
        section.name: {str(row): remark for row, remark in section.rows}
        for section in desk_sections(colleague, None)
    }
    assert shown["needs_attention"] == {
        str(office_duty): "",
        str(late): "Overdue",
        str(ahead): "a milestone is overdue",
    }
    assert sorted(shown["milestones"].values()) == ["", "Overdue"]
    client.force_login(colleague)
    page = " ".join(client.get("/admin/").text.split())
    assert page.count("· <strong>Overdue</strong>") == 2
    assert page.count("· <strong>a milestone is overdue</strong>") == 1


@pytest.mark.parametrize(
    ("day", "shown"),
    [
        (date(2026, 6, 1), False),
        # Current until 365 days later, due from the next day on: on 29 September 2026, 90 days
        # from now.
        (date(2025, 9, 29), False),
        (date(2025, 9, 28), True),
    ],
)
def test_what_becomes_due_within_90_days_is_on_the_desk(
    day, shown, office_duty, colleague, reviewer
):
    published(office_duty, colleague, reviewer, status="active", effective_on=day)
    assert (office_duty in work_queue.needs_attention(colleague, CLOCK)) == shown


@pytest.mark.long
@pytest.mark.parametrize(
    ("days", "status", "shown"),
    [
        (90, "started", True),
        (91, "started", False),
        (21, "started", True),
        (21, "completed", False),
    ],
)
def test_what_is_due_itself_within_90_days_is_on_the_desk_with_the_day(
    days, status, shown, office, plan, colleague, reviewer, desk, client
):
    day = date(2026, 7, 1) + days * DAY
    row = CommitmentFactory(plan=plan, kind="deliverable", lead_office=office, due_on=day)
    published(row, colleague, reviewer, status=status, evidence=[RESOLUTION])
    assert (row in work_queue.needs_attention(colleague, CLOCK)) == shown
    assert ("needs_attention" in desk(colleague)) == shown
    page = " ".join(client.get("/admin/").text.split())
    assert ("due from 22 July 2026" in page) == (shown and days == 21)


@pytest.mark.parametrize(("days", "shown"), [(90, True), (91, False)])
def test_what_lapses_within_90_days_for_want_of_an_action_is_on_the_desk(
    days, shown, office_duty, colleague, reviewer
):
    """The plan is now reviewed more often than when the assessment was made."""
    lapses_on = date(2026, 7, 1) + days * DAY
    acted_on = lapses_on - (3 * 200 + 1) * DAY
    event = published(office_duty, colleague, reviewer, effective_on=acted_on)
    facts = {"status": "active", "effective_on": date(2026, 6, 1), "covers_from": acted_on}
    facts |= {"rests_on": [event.pk], "event_type": None, "evidence": [], "findings": {}}
    published(office_duty, colleague, reviewer, **facts)
    plan = office_duty.plan
    plan.review_interval_days = 200
    plan.save()
    assert (office_duty in work_queue.needs_attention(colleague, CLOCK)) == shown


def test_what_was_due_first_comes_first(office, plan, colleague):
    days = [date(2026, 8, 1), date(2026, 5, 1), None]
    rows = [
        CommitmentFactory(
            plan=plan, kind="deliverable", number=f"5.{n}", lead_office=office, due_on=day
        )
        for n, day in enumerate(days)
    ]
    found = work_queue.needs_attention(colleague, CLOCK)
    assert list(found) == [rows[1], rows[0], rows[2]]
