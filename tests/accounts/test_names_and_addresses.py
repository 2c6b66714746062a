"""The user name and the address of an account, and what ends with the account."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from django.contrib.auth.models import User
from django.db import connection as suite

from commitments import accounts
from commitments.accounts import account_requests
from commitments.accounts.calendars import renew_calendar_address
from commitments.exceptions import ActionRefused
from commitments.models import CalendarAddress
from tests.steps import NOW

pytestmark = [pytest.mark.alike, pytest.mark.django_db]


def change(account, by, **changes):
    return accounts.request_change(account, changes, by=by, at=NOW)


def make(by, **changes):
    return change(None, by, **{"is_active": True, "roles": [], **changes}).account


def test_a_name_typed_in_wide_letters_is_the_name_of_who_signs_in(administrator):
    account = make(administrator, username="ｌｉｗｅｉ")
    assert account.username == "liwei"
    with pytest.raises(ActionRefused) as caught:
        make(administrator, username="ｌｉwei")
    assert [problem.path for problem in caught.value.problems] == [("username",)]


def test_no_two_names_differ_in_case_alone(administrator):
    account = make(administrator, username="Li.Wei")
    with pytest.raises(ActionRefused) as caught:
        make(administrator, username="li.wei")
    [problem] = caught.value.problems
    assert (problem.path, "Li.Wei" in problem.message) == (("username",), True)
    assert change(account, administrator, username="li.wei").account.username == "li.wei"


@pytest.mark.parametrize("address", ["li@example.org", "LI@example.ORG"])
def test_an_address_is_that_of_one_active_account(administrator, reporter, address):
    make(administrator, username="li", email="li@example.org")
    for account, by in ((None, administrator), (administrator, administrator)):
        with pytest.raises(ActionRefused) as caught:
            change(account, by, username="other", is_active=True, email=address)
        [problem] = caught.value.problems
        assert problem.path == ("email",)
        assert "li has this address" in problem.message


def test_an_address_is_free_once_its_account_ended_but_then_it_does_not_come_back(administrator):
    first = make(administrator, username="li", email="li@example.org")
    change(first, administrator, is_active=False)
    make(administrator, username="li.wei", email="li@example.org")
    with pytest.raises(ActionRefused, match="not changed"):
        change(first, administrator, is_active=True)


def test_accounts_without_an_address_are_alike_in_that(administrator):
    assert make(administrator, username="a", email="")
    assert make(administrator, username="b", email="")
    assert User.objects.filter(email="", is_active=True).count() > 1


@pytest.mark.parametrize("change_to", [{"is_active": False}, {"roles": []}])
def test_a_calendar_has_a_new_address_after_the_account_or_its_last_role_was_lost(
    administrator, reporter, change_to
):
    renew_calendar_address(reporter, NOW)
    before = accounts.account_state(reporter)
    change(reporter, administrator, **change_to)
    change(reporter, administrator, **{name: before[name] for name in change_to})
    assert not CalendarAddress.objects.exists()


@pytest.mark.postgres
@pytest.mark.skipif(suite.vendor != "postgresql", reason="SQLite locks the whole database")
@pytest.mark.django_db(transaction=True)
def test_of_two_accounts_made_at_once_with_one_address_one_is_refused(administrator, monkeypatch):
    both_looked = threading.Barrier(2)
    found = account_requests.people_with_address

    def looked_up_at_once(address):
        rows = list(found(address))
        # The second may have to wait for the first to be done; then this is passed alone.
        with suppress(threading.BrokenBarrierError):
            both_looked.wait(timeout=2)
        return rows

    def outcome(name):
        try:
            return str(make(administrator, username=name, email="li@example.org"))
        except ActionRefused:
            return "refused"
        finally:
            suite.close()

    monkeypatch.setattr(account_requests, "people_with_address", looked_up_at_once)
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(outcome, ("one", "two")))
    assert sorted(outcomes) in (["one", "refused"], ["refused", "two"])
    assert User.objects.filter(email="li@example.org").count() == 1
