"""Accounts that may do something else than decisions gave them are named by `verify_ledger`."""

import pytest
from django.contrib.auth.models import Group, User

from commitments import accounts
from commitments.accounts import record_command
from commitments.choices import Action
from commitments.curation.recording import ChangeReason, record_edits
from commitments.models import AccountRequest, Decision
from tests.factories import UserFactory
from tests.steps import NOW
from tests.verification.tampering import verify

pytestmark = [pytest.mark.alike, pytest.mark.django_db]


@pytest.fixture
def recorded_accounts(administrator, second_administrator, reporter):
    """Accounts that commands made, as those of a new site are."""
    for user in (administrator, second_administrator, reporter):
        record_command(user, changed="account", at=NOW)


@pytest.fixture
def made(administrator, second_administrator, recorded_accounts):
    """A reviewer whom two administrators made."""
    changes = {"username": "new", "is_active": True, "roles": ["reviewer"]}
    request = accounts.request_change(None, changes, by=administrator, at=NOW)
    return accounts.confirm_change(request, by=second_administrator, at=NOW).account


def test_nothing_differs_while_every_account_has_its_decision(made, visitor):
    assert verify() == []


@pytest.mark.parametrize(
    "tamper",
    [
        lambda user: User.objects.filter(pk=user.pk).update(is_superuser=True),
        lambda user: User.objects.filter(pk=user.pk).update(is_active=False),
        lambda user: user.groups.clear(),
        lambda user: user.groups.add(Group.objects.get(name="Curator")),
    ],
)
def test_a_power_given_or_taken_past_the_tracker_shows(tamper, made):
    tamper(made)
    seq = AccountRequest.objects.get(account=made).decision.seq
    assert verify() == [f"account {made.pk}: has other rights than decision {seq} records"]


@pytest.mark.parametrize("powers", [{"is_superuser": True}, {"roles": ["reviewer"]}])
def test_an_account_made_past_the_tracker_shows(powers, made):
    intruder = UserFactory(is_superuser="is_superuser" in powers)
    if "roles" in powers:
        intruder.groups.add(Group.objects.get(name="Reviewer"))
    assert verify() == [f"account {intruder.pk}: no decision records it"]


def test_an_account_made_past_the_tracker_shows_although_its_request_has_a_decision(
    administrator, curator, made, office
):
    record_edits([office], ChangeReason(curator, NOW, "So."))
    intruder = UserFactory(is_superuser=True)
    AccountRequest.objects.create(
        account=intruder,
        decision=Decision.objects.get(action=Action.EDIT),
        state="done",
        asked_by=administrator,
        asked_at=NOW,
        closed_by=administrator,
        closed_at=NOW,
    )
    [request] = AccountRequest.objects.filter(account=intruder)
    assert {
        f"account {intruder.pk}: no decision records it",
        f"account request {request.pk}: was done by decision {request.decision.seq}, "
        "which concerns no account",
    } <= set(verify())


def test_who_only_reads_needs_no_decision(made):
    UserFactory()
    assert verify() == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"asked_by": None}, "the request names another person than the chain"),
        ({"closed_by": None}, "the request names another person than the chain"),
        ({"state": "done"}, "the request differs in whether a second person confirmed it"),
        ({"gives_access": False}, "the request differs in whether it gave access"),
    ],
)
def test_a_request_that_was_altered_shows(changes, sentence, made):
    rows = AccountRequest.objects.filter(account=made)
    seq = rows.get().decision.seq
    rows.update(**changes)
    assert f"decision {seq}: {sentence}" in verify()


def test_a_request_that_names_another_account_shows(made, reporter):
    rows = AccountRequest.objects.filter(account=made)
    seq = rows.get().decision.seq
    rows.update(account=reporter)
    assert f"decision {seq}: the request of the account is missing" in verify()
