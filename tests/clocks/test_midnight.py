"""Near midnight each plan has its own day."""

from datetime import date

import pytest

from commitments.clocks import Clock
from commitments.models import Commitment, Forum, Partnership, ProgressUpdate
from tests.clocks.standing import DAY, JULY_1, JUNE_30, utc
from tests.factories import CommitmentFactory, ForumFactory, MilestoneFactory, PlanFactory
from tests.steps import REPORT, published

THREE_DATES = utc("2026-06-30T10:30:00")
ZONES = {
    "Pacific/Kiritimati": JULY_1,
    "Pacific/Auckland": JUNE_30,
    "Asia/Shanghai": JUNE_30,
    "Pacific/Pago_Pago": date(2026, 6, 29),
}


@pytest.fixture
def around_the_world(reporter, reviewer):
    """Four plans reviewed every 30 days, by zone, and one in Shanghai reviewed every 365. Each has
    a commitment with an assessment of 31 May, and events at a forum of 1 May and 30 June."""
    forum = ForumFactory(code="FORUM")

    def commitment(zone, **plan):
        row = CommitmentFactory(plan=PlanFactory(time_zone=zone, **plan))
        Partnership.objects.create(commitment=row, forum=forum)
        MilestoneFactory(commitment=row, due_on=JUNE_30)
        for day, status in ((31, "inactive"), (1, None), (61, None)):
            fields = {"status": status, "effective_on": date(2026, 4, 30) + day * DAY}
            fields["event_type"] = "context" if status else "participation"
            published(row, reporter, reviewer, forums=[forum], evidence=[REPORT], **fields)
        return row

    rows = {zone: commitment(zone, review_interval_days=30) for zone in ZONES}
    return rows, commitment("Asia/Shanghai")


def test_near_midnight_each_plan_has_its_own_day(around_the_world):
    """At 10:30 UTC there are three dates on Earth."""
    rows, yearly = around_the_world
    clock = Clock(THREE_DATES)
    read = {row.pk: row for row in Commitment.objects.at(clock)}
    assert {zone: read[row.pk].day for zone, row in rows.items()} == ZONES
    assert {zone: read[row.pk].freshness for zone, row in rows.items()} == {
        zone: "due" if day == JULY_1 else "current" for zone, day in ZONES.items()
    }
    assert {zone: read[row.pk].schedule for zone, row in rows.items()} == {
        zone: "overdue" if day == JULY_1 else "on_schedule" for zone, day in ZONES.items()
    }
    assert (read[yearly.pk].day, read[yearly.pk].freshness) == (JUNE_30, "current")
    later = {row.pk: row.freshness for row in Commitment.objects.at(Clock(THREE_DATES + 9 * DAY))}
    assert {later[row.pk] for row in rows.values()} == {"due"}
    assert later[yearly.pk] == "current"


def test_near_midnight_updates_count_on_the_day_of_their_plan(around_the_world):
    rows, yearly = around_the_world
    clock = Clock(THREE_DATES)

    def days(updates):
        found = {row.pk: [] for row in (*rows.values(), yearly)}
        for pk, day in updates.order_by("effective_on").values_list("commitment", "effective_on"):
            found[pk].append(f"{day:%m-%d}")
        return [found[row.pk] for row in (*rows.values(), yearly)]

    until_30_june, until_29_june = ["05-01", "05-31", "06-30"], ["05-01", "05-31"]
    assert days(ProgressUpdate.objects.under(clock)) == [
        *([until_30_june] * 3),
        until_29_june,
        until_30_june,
    ]
    # Activity goes back two review intervals; an assessment without progress is none.
    activity = ProgressUpdate.objects.activity(clock)
    assert days(activity) == [
        ["06-30"],
        ["05-01", "06-30"],
        ["05-01", "06-30"],
        ["05-01"],
        ["05-01", "06-30"],
    ]
    forum = Forum.objects.get()
    long_after = Clock(utc("2026-09-01T00:00:00"))
    assert list(Commitment.objects.active_at([forum], long_after)) == [yearly]
    assert list(
        Commitment.objects.active_at([forum], clock, periods=yearly.plan.review_periods(clock))
    ) == [yearly]
