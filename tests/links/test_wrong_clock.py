"""After checks by a clock that was ahead, links are checked as usual once the clock is right."""

from datetime import timedelta

import pytest

from commitments.choices import LinkStatus
from commitments.links import checks
from commitments.links.probe import ProbeResult
from commitments.models import Evidence
from tests.links.test_check_links import GONE, OK, START, record_daily

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

WEEK = timedelta(days=7)
AHEAD = START + timedelta(days=300)


@pytest.mark.parametrize("result", [OK, GONE])
def test_a_check_that_is_dated_later_counts_as_none_and_is_dated_anew(linked, result):
    [item] = linked("https://example.org/1")
    record_daily(item.url, GONE, OK)
    checks.record_probe(item.url, OK, AHEAD, before=AHEAD)
    now = START + timedelta(days=9)
    assert checks.due_links(now - WEEK, now) == [(item.url, "")]
    assert checks.link_is_due(item.url, now - WEEK, now)
    checks.record_probe(item.url, result, now, before=now - WEEK)
    assert checks.due_links(now - WEEK, now) == []
    health = checks.health_of(Evidence.objects.get(pk=item.pk))
    assert (health.checked_at, health.good_at) == (now, now)


def test_a_link_that_only_a_clock_ahead_has_checked_is_as_one_that_was_never_checked(linked):
    [item] = linked("https://example.org/1")
    version = ProbeResult(LinkStatus.OK, "200", validator="v1")
    checks.record_probe(item.url, version, AHEAD, before=START)
    assert checks.due_links(START, START) == [(item.url, "")]
    checks.record_probe(item.url, version, START, before=START)
    assert checks.health_of(Evidence.objects.get(pk=item.pk)).since == START
