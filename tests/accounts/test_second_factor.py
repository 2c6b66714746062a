"""A second factor that was lost is removed by administrators, which the ledger records."""

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.test import Client

from commitments import accounts
from commitments.access import policies
from commitments.access.second_factor import has_second_factor
from commitments.exceptions import ActionRefused
from commitments.models import AccessToken, Decision
from tests.steps import NOW, submitted, token

pytestmark = [pytest.mark.alike, pytest.mark.django_db]


@pytest.fixture
def reviewer(reviewer):
    """Has a second factor."""
    Authenticator.objects.create(user=reviewer, type="totp", data={"secret": "x"})
    Authenticator.objects.create(user=reviewer, type="recovery_codes", data={"seed": "x"})
    return reviewer


def remove(account, by):
    return accounts.request_change(account, {"second_factor": True}, by=by, at=NOW)


def test_one_administrator_removes_it_at_once(reviewer, administrator):
    client = Client()
    client.force_login(reviewer)
    token(reviewer)
    assert remove(reviewer, administrator).state == "done"
    assert not Authenticator.objects.exists()
    assert not AccessToken.objects.exists()
    assert client.get("/admin/").status_code == 302
    decision = Decision.objects.get(action="account")
    assert decision.meta["changed"] == ["second_factor"]


def test_where_there_are_two_the_second_one_confirms(reviewer, administrator, second_administrator):
    request = remove(reviewer, administrator)
    assert (request.state, has_second_factor(reviewer)) == ("open", True)
    accounts.confirm_change(request, by=second_administrator, at=NOW)
    assert not has_second_factor(reviewer)


def test_an_administrator_does_not_remove_their_own_alone(administrator, second_administrator):
    Authenticator.objects.create(user=administrator, type="totp", data={"secret": "x"})
    assert remove(administrator, administrator).state == "open"


def test_a_lone_administrator_goes_by_the_page_of_the_second_factor(administrator):
    Authenticator.objects.create(user=administrator, type="totp", data={"secret": "x"})
    with pytest.raises(ActionRefused, match="Remove your own second factor on its page"):
        remove(administrator, administrator)
    assert has_second_factor(administrator)


def test_whose_factor_was_removed_reviews_nothing_of_who_removed_it(duty, reviewer, administrator):
    remove(reviewer, administrator)
    assert not policies.may_review(reviewer, submitted(duty, administrator))


def test_there_must_be_one(reporter, administrator):
    with pytest.raises(ActionRefused) as refused:
        remove(reporter, administrator)
    assert refused.value.problems[0].message == "The account has no second factor."


def test_the_page_of_the_account_offers_it_where_there_is_one(
    client, reviewer, reporter, administrator
):
    client.force_login(administrator)
    address = f"/admin/auth/user/{reviewer.pk}/change/"
    assert "Remove the second factor" in client.get(address).text
    assert "Remove the second" not in client.get(
        address.replace(str(reviewer.pk), str(reporter.pk))
    )
    assert client.post(address, {"second_factor": "remove"}).url == address
    assert "Removal of the second factor" in client.get(address).text
    page = client.post(address, {"second_factor": "remove"}, follow=True)
    assert "The account has no second factor." in page.text
    client.force_login(reviewer)
    assert client.post(address, {"second_factor": "remove"}).status_code == 403


def test_a_command_removes_it_where_nobody_else_can(reviewer, capsys):
    call_command("remove_second_factor", "reviewer")
    assert capsys.readouterr().out == "Removed: reviewer signs in with the password alone.\n"
    assert not Authenticator.objects.exists()
    assert Decision.objects.get().meta["changed"] == ["second_factor"]
    for name, words in (("reviewer", "has no second factor"), ("nobody", "There is no account")):
        with pytest.raises(CommandError, match=words):
            call_command("remove_second_factor", name)


def test_what_is_kept_of_it_is_given_out_without_the_secret_and_forgotten(reviewer, administrator):
    facts = accounts.facts_about(reviewer)["second_factors"]
    assert [row["type"] for row in facts] == ["totp", "recovery_codes"]
    assert all(row.keys() == {"type", "created_at", "last_used_at"} for row in facts)
    accounts.forget_person(reviewer, at=NOW)
    assert not Authenticator.objects.exists()
