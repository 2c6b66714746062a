"""Links by which people set their passwords: to whom they are shown, and how often."""

from datetime import timedelta

import pytest

from commitments import accounts
from commitments.exceptions import ActionRefused, NotPermitted
from commitments.models import AccountRequest, Decision
from tests.steps import NOW

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

NEW = {"username": "new", "is_active": True, "roles": []}


def links(people, by):
    return accounts.ask_for_links(people, by=by, at=NOW)


@pytest.fixture
def with_password(reporter):
    reporter.set_password("a-long-phrase-7")
    reporter.save()
    return reporter


def test_a_confirmed_link_is_shown_once_and_to_who_asked_for_it(
    administrator, second_administrator, with_password
):
    assert links([with_password], administrator) == ([], [with_password])
    [request] = AccountRequest.objects.all()
    assert links([with_password], administrator).waiting == [with_password]
    assert AccountRequest.objects.count() == 1
    accounts.confirm_change(request, by=second_administrator, at=NOW)
    assert links([with_password], second_administrator).given == []
    assert links([with_password], administrator) == ([with_password], [])
    assert links([with_password], administrator) == ([], [with_password])


def test_who_made_an_account_may_show_its_link_without_a_second_decision(administrator):
    new = accounts.request_change(None, NEW, by=administrator, at=NOW).account
    assert links([new], administrator).given == [new]
    assert Decision.objects.count() == 1


@pytest.fixture
def new(administrator, second_administrator):
    """An account that the first administrator asked for and the second confirmed."""
    request = accounts.request_change(None, NEW, by=administrator, at=NOW)
    return accounts.confirm_change(request, by=second_administrator, at=NOW).account


def test_a_link_that_was_due_ends_with_the_first_password(administrator, new):
    new.set_password("a-long-phrase-7")
    new.save()
    assert links([new], administrator) == ([], [new])


def test_a_link_that_was_due_ends_as_links_do(administrator, second_administrator, with_password):
    links([with_password], administrator)
    request = AccountRequest.objects.get()
    accounts.confirm_change(request, by=second_administrator, at=NOW)
    later = NOW + timedelta(days=3)
    asked = accounts.ask_for_links([with_password], by=administrator, at=later)
    assert asked == ([], [with_password])


def test_no_link_of_an_account_that_is_not_active_is_due(administrator, new):
    new.is_active = False
    new.save()
    with pytest.raises(ActionRefused):
        links([new], administrator)


def test_a_lone_administrator_shows_links_and_each_is_recorded(administrator, with_password):
    for _ in range(2):
        assert links([with_password], administrator).given == [with_password]
    changed = [decision.meta["changed"] for decision in Decision.objects.all()]
    assert changed == [["password"], ["password"]]


def test_who_is_no_administrator_any_more_gets_no_link_that_was_due(administrator):
    new = accounts.request_change(None, NEW, by=administrator, at=NOW).account
    administrator.is_superuser = False
    administrator.save()
    with pytest.raises(NotPermitted):
        links([new], administrator)
    assert AccountRequest.objects.get().link_due


def test_nobody_gets_a_link_if_one_of_them_cannot(administrator, with_password, reviewer):
    reviewer.is_active = False
    reviewer.save()
    with pytest.raises(ActionRefused):
        links([with_password, reviewer], administrator)
    assert not AccountRequest.objects.exists()
    assert not Decision.objects.exists()
