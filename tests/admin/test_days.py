"""The days of staff pages that are not of one plan."""

from datetime import UTC, datetime

import pytest
import time_machine

from commitments.models import Plan
from tests.factories import PlanFactory
from tests.steps import record_loaded

pytestmark = [pytest.mark.alike, pytest.mark.django_db]


@pytest.mark.parametrize(
    ("zones", "today"),
    [
        (["Asia/Shanghai"], "2026-12-01"),
        (["Asia/Shanghai", "Asia/Shanghai"], "2026-12-01"),
        (["Asia/Shanghai", "America/New_York"], "2026-11-30"),
    ],
)
def test_today_is_the_day_of_the_plans_if_they_share_a_time_zone(client, curator, zones, today):
    for zone in zones:
        PlanFactory(time_zone=zone)
    with time_machine.travel(datetime(2026, 11, 30, 18, 30, tzinfo=UTC), tick=False):
        client.force_login(curator)
        page = client.get("/admin/commitments/progressupdate/").text
    assert f"effective_on__gte={today}&" in page


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Etc/GMT-8", "UTC"])
def test_the_times_of_a_list_are_in_that_zone_whatever_its_name(client, curator, duty, zone):
    Plan.objects.update(time_zone=zone)
    record_loaded(duty.plan)
    client.force_login(curator)
    page = client.get("/admin/commitments/decision/").text
    assert ("12:00 UTC+08:00" in page) is (zone != "UTC")
