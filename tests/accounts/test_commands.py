"""Commands that make and change accounts: each leaves its decision, or changes nothing."""

import getpass
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.management.commands import changepassword
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from commitments import accounts
from commitments.models import AccountRequest, Decision, LedgerHead
from tests.full_disk import no_room
from tests.steps import NOW

pytestmark = [pytest.mark.alike, pytest.mark.django_db]


def test_createsuperuser_records_the_administrator(administrator):
    call_command("createsuperuser", "--noinput", username="root", email="root@example.org")
    root, decision = User.objects.get(username="root"), Decision.objects.get()
    assert decision.meta["account"] == root.pk
    assert (decision.actor, decision.role, decision.meta["administrator"]) == (None, "system", True)


def test_changepassword_records_that_a_password_was_set(reporter, monkeypatch):
    monkeypatch.setattr(changepassword.Command, "_get_pass", lambda *args: "a-long-phrase-7")
    call_command("changepassword", "reporter")
    assert User.objects.get(pk=reporter.pk).check_password("a-long-phrase-7")
    assert Decision.objects.get().meta["changed"] == ["password"]


@pytest.fixture
def fast_clock(reporter, monkeypatch):
    """A ledger whose latest entry was made by a clock that was an hour ahead, so that it takes no
    other; and a reporter who is given a password."""
    monkeypatch.setattr(changepassword.Command, "_get_pass", lambda *args: "a-long-phrase-7")
    LedgerHead.objects.update(at=timezone.now() + timedelta(hours=1))


REFUSED = [
    ("createsuperuser", "--noinput", "--username=root", "--email=root@example.org"),
    ("changepassword", "reporter"),
    ("example_accounts", "accounts"),
]


def account_rows():
    return list(User.objects.order_by("pk").values("username", "password"))


@pytest.mark.parametrize("command", REFUSED)
def test_an_account_stays_as_it_is_if_the_ledger_takes_no_entry(
    fast_clock, tmp_path, monkeypatch, command
):
    monkeypatch.chdir(tmp_path)
    before = account_rows()
    with pytest.raises(CommandError, match="Nothing can be recorded until the clock is right"):
        call_command(*command)
    assert account_rows() == before


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("command", REFUSED[:2])
def test_so_it_does_where_the_command_is_in_no_transaction(fast_clock, command):
    before = account_rows()
    with pytest.raises(CommandError, match="Nothing can be recorded until the clock is right"):
        call_command(*command)
    assert account_rows() == before
    assert connection.get_autocommit()


class Terminal(StringIO):
    def isatty(self):
        return True


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_others_may_make_accounts_while_a_command_waits_for_a_password(db, monkeypatch):
    def make_another():
        call_command("createsuperuser", "--noinput", username="b", email="b@example.org")
        connection.close()

    def type_password(prompt=""):
        if not User.objects.filter(username="b").exists():
            with ThreadPoolExecutor(1) as thread:
                thread.submit(make_another).result()
        return "a long and winding road"

    monkeypatch.setattr(getpass, "getpass", type_password)
    call_command("createsuperuser", username="a", email="a@example.org", stdin=Terminal())
    recorded = Decision.objects.order_by("seq").values_list("meta__account", flat=True)
    names = User.objects.in_bulk(recorded)
    assert [names[pk].username for pk in recorded] == ["b", "a"]


def test_example_accounts_are_recorded(tmp_path, capsys):
    call_command("example_accounts", tmp_path / "accounts")
    recorded = {decision.meta["account"] for decision in Decision.objects.all()}
    assert recorded == {user.pk for user in User.objects.all()}


def test_an_example_account_whose_password_cannot_be_kept_is_not_made(tmp_path, capsys):
    file = tmp_path / "accounts"
    file.write_text("somebody former-password\n")
    with no_room(), pytest.raises(CommandError, match="No account was made"):
        call_command("example_accounts", file)
    assert not User.objects.exists()
    assert file.read_text() == "somebody former-password\n"
    assert list(tmp_path.iterdir()) == [file]
    with pytest.raises(CommandError, match="No such file or directory"):
        call_command("example_accounts", tmp_path / "nowhere" / "accounts")
    assert not User.objects.exists()


def test_an_example_account_gets_the_link_to_set_its_password(
    tmp_path, client, sends_mail, mailoutbox
):
    call_command("example_accounts", tmp_path / "accounts")
    addresses = set(User.objects.values_list("email", flat=True))
    assert "reporter@example.org" in addresses
    assert len(addresses) == 4
    client.post("/admin/password/", {"email": "reporter@example.org"})
    call_command("send_mail_due")
    assert [mail.to for mail in mailoutbox] == [["reporter@example.org"]]


def test_a_command_confirms_where_no_second_administrator_is_left(
    administrator, second_administrator, reporter, capsys
):
    changes = {"is_active": False}
    asked = accounts.request_change(second_administrator, changes, by=administrator, at=NOW)
    call_command("confirm_account")
    listed = capsys.readouterr().out
    assert listed == f"{asked.pk}  second_administrator  Active: no  (administrator)\n"
    call_command("confirm_account", asked.pk)
    assert "Confirmed: second_administrator (Active)." in capsys.readouterr().out
    assert not User.objects.get(pk=second_administrator.pk).is_active
    request, decision = AccountRequest.objects.get(), Decision.objects.get()
    assert (request.state, request.closed_by) == ("confirmed", None)
    assert (decision.actor, decision.role) == (None, "system")


def test_a_command_confirms_no_request_that_is_not_open(administrator, reporter):
    asked = accounts.request_change(reporter, {"roles": []}, by=administrator, at=NOW)
    for number in (asked.pk, 10**6):
        with pytest.raises(CommandError, match=f"no open account request {number}"):
            call_command("confirm_account", number)
