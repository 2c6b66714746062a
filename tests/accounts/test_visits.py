"""When a person was here before."""

from datetime import timedelta

import pytest
import time_machine
from axes.models import AccessLog
from django.core.management import call_command

from commitments.accounts import last_visit
from tests.steps import NOW

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def sign_in(reporter):
    """`sign_in(at)` records that the reporter signed in then."""

    def sign_in(at, path="/admin/login/", **fields):
        fields = {"username": "reporter", "path_info": path, "ip_address": "192.0.2.7"} | fields
        row = AccessLog.objects.create(**fields)
        AccessLog.objects.filter(pk=row.pk).update(attempt_time=at)

    return sign_in


def test_whoever_is_here_for_the_first_time_has_no_last_visit(reporter, sign_in):
    assert last_visit(reporter) is None
    sign_in(NOW)
    assert last_visit(reporter) is None


def test_the_last_visit_is_the_one_before_this(reporter, sign_in):
    for at in (NOW - 60 * DAY, NOW - 20 * DAY, NOW):
        sign_in(at)
    assert last_visit(reporter) == NOW - 20 * DAY


def test_whoever_signs_in_again_on_the_same_day_is_still_here(reporter, sign_in):
    """On another device, or after signing out: what is new must not vanish before it is read."""
    for at in (NOW - DAY, NOW, NOW + 2 * HOUR, NOW + 11 * HOUR):
        sign_in(at)
        assert last_visit(reporter) == (None if at < NOW else NOW - DAY)


def test_of_two_visits_on_one_day_the_second_counts_from_the_first(reporter, sign_in):
    sign_in(NOW)
    sign_in(NOW + 12 * HOUR)
    assert last_visit(reporter) == NOW


def test_a_program_that_gets_a_token_visits_nothing(reporter, sign_in):
    sign_in(NOW - 20 * DAY)
    sign_in(NOW - DAY, path="/api/v1/auth/login/")
    sign_in(NOW)
    assert last_visit(reporter) == NOW - 20 * DAY


def test_the_visits_of_others_are_theirs(reporter, sign_in):
    sign_in(NOW - 20 * DAY)
    sign_in(NOW - DAY, username="reviewer")
    sign_in(NOW)
    assert last_visit(reporter) == NOW - 20 * DAY


def test_the_time_of_the_last_sign_in_is_kept_and_its_address_forgotten(reporter, sign_in):
    for at in (NOW - 90 * DAY, NOW - 60 * DAY):
        sign_in(at, user_agent="A browser")
    with time_machine.travel(NOW, tick=False):
        call_command("forget")
    [row] = AccessLog.objects.all()
    assert (row.attempt_time, row.ip_address, row.user_agent) == (NOW - 60 * DAY, None, "")
    sign_in(NOW)
    assert last_visit(reporter) == NOW - 60 * DAY


def test_the_time_is_kept_as_long_as_the_visit_after_it_may_go_on(reporter, sign_in):
    for at in (NOW - 60 * DAY, NOW - 11 * HOUR):
        sign_in(at)
    with time_machine.travel(NOW, tick=False):
        call_command("forget")
    assert last_visit(reporter) == NOW - 60 * DAY
    with time_machine.travel(NOW + DAY, tick=False):
        call_command("forget")
    assert AccessLog.objects.count() == 1
