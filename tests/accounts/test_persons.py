"""What is kept of a person is given out whole, and forgotten without a gap in the record."""

import json
from datetime import timedelta

import pytest
from axes.models import AccessAttempt, AccessLog
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.management import CommandError, call_command
from django.db.models import QuerySet

from commitments import accounts
from commitments.accounts.account_requests import request_change
from commitments.accounts.persons import PERSONAL_DATA
from commitments.choices import Action, MailKind
from commitments.exceptions import ActionRefused
from commitments.management.commands import person as person_command
from commitments.models import (
    AccessToken,
    AccountRequest,
    Decision,
    Follower,
    Following,
    Mail,
    MailPreference,
    ProgressUpdate,
)
from tests.factories import UserFactory
from tests.steps import NOW, draft, perform, published, token
from tests.verification.tampering import verify

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

# Rows of Django's own that only say what an account may do, which is given out with it.
OF_THE_ACCOUNT = {"User_groups", "User_user_permissions"}
# A table of django-allauth, whose addresses nobody keeps.
NEVER_WRITTEN = {"EmailAddress"}


@pytest.fixture
def person(duty, reporter, reviewer, client, sends_mail):
    """A reporter with a name, who has worked, signed in and failed to, and gets mail."""
    reporter.first_name, reporter.last_name = "Firstname", "Lastname"
    reporter.email = "somebody@example.org"
    reporter.save()
    published(duty, reporter, reviewer)
    MailPreference.objects.create(user=reporter, language="en", digest="daily")
    asked = {"address": "Somebody@example.org", "language": "en"}
    Mail.objects.post(MailKind.PASSWORD, key="asked", at=NOW, **asked)
    perform(draft(duty, reporter), Action.SUBMIT, reporter, note="Please.")
    token(reporter)
    client.force_login(reporter)
    kind = ContentType.objects.get_for_model(User)
    about = {"content_type": kind, "object_id": reporter.pk, "object_repr": "Lastname"}
    LogEntry.objects.create(user=reviewer, action_flag=2, **about)
    from_there = {"username": "reporter", "ip_address": "192.0.2.7", "attempt_time": NOW}
    AccessLog.objects.create(**from_there)
    AccessAttempt.objects.create(**from_there, failures_since_start=1)
    return reporter


def test_everything_that_names_a_person_is_given_out(person):
    facts = accounts.facts_about(person)
    assert facts["account"]["email"] == "somebody@example.org"
    assert facts["account"]["roles"] == ["reporter"]
    assert len(facts["updates_written"]) == 2
    assert [row["action"] for row in facts["decisions"]] == ["submit", "submit"]
    assert "Please." in [row["note"] for row in facts["decisions"]]
    assert facts["failed_sign_ins"][0]["ip_address"] == "192.0.2.7"
    assert [row["name"] for row in facts["access_tokens"]]
    assert [row["kind"] for row in facts["mails"]] == ["published"]
    assert [row["digest"] for row in facts["mail_preferences"]] == ["daily"]


def test_what_somebody_asked_for_about_others_is_not_given_out(
    administrator, second_administrator, reporter
):
    changes = {"email": "theirs@example.org"}
    accounts.request_change(reporter, changes, by=administrator, at=NOW, reason="Moved.")
    [request] = accounts.facts_about(administrator)["requests"]
    assert request["reason"] == "Moved."
    assert "theirs@example.org" not in str(request)
    [request] = accounts.facts_about(reporter)["requests_about_the_account"]
    assert request["changes"] == changes


def test_no_table_that_refers_to_persons_is_left_out(reporter):
    given = {row(reporter).model for row, _columns in PERSONAL_DATA.values()}
    referring = {
        relation.related_model
        for relation in User._meta.get_fields(include_hidden=True)
        if relation.auto_created and relation.related_model is not None
    }
    through = {model for model in referring if model._meta.auto_created}
    assert all(isinstance(row(reporter), QuerySet) for row, _columns in PERSONAL_DATA.values())
    assert {
        model.__name__ for model in referring - given - through
    } <= OF_THE_ACCOUNT | NEVER_WRITTEN


def test_a_person_is_forgotten_and_the_record_stays_whole(person, client):
    decisions = list(Decision.objects.order_by("seq").values_list("hash", flat=True))
    account = accounts.forget_person(person, at=NOW + timedelta(hours=8))
    assert account.username == f"person-{person.pk}"
    everything = json.dumps(accounts.facts_about(account), default=str)
    for word in ("Lastname", "Firstname", "somebody@example.org", "192.0.2.7"):
        assert word not in everything, word
    assert not AccessToken.objects.exists()
    assert not Mail.objects.exists()
    assert not MailPreference.objects.exists()
    assert not LogEntry.objects.filter(object_repr="Lastname").exists()
    assert client.get("/admin/").status_code == 302
    assert not account.has_usable_password()
    assert account.authored_updates.count() == 2
    *former, last = Decision.objects.order_by("seq")
    assert [decision.hash for decision in former] == decisions
    assert last.meta["changed"] == ["forgotten"]
    assert (last.meta["active"], last.meta["roles"]) == (False, [])


@pytest.mark.parametrize(
    "typed", ["Reporter", "REPORTER", "somebody@example.org", "Somebody@Example.org"]
)
def test_sign_ins_under_another_spelling_or_the_address_are_given_out_and_forgotten(person, typed):
    tried = {"username": typed, "ip_address": "192.0.2.99", "attempt_time": NOW}
    AccessLog.objects.create(**tried)
    AccessAttempt.objects.create(**tried, failures_since_start=1)
    facts = accounts.facts_about(person)
    for name in ("sign_ins", "failed_sign_ins"):
        assert "192.0.2.99" in [row["ip_address"] for row in facts[name]], name
    accounts.forget_person(person, at=NOW)
    assert not AccessLog.objects.exists()
    assert not AccessAttempt.objects.exists()


def test_sign_ins_under_a_former_user_name_are_given_out_and_forgotten(person, administrator):
    other = UserFactory(username=person.username.upper())
    tried = {"ip_address": "192.0.2.99", "attempt_time": NOW}
    for name in (person.username, person.username.title(), "renamed"):
        AccessLog.objects.create(username=name, **tried)
        AccessAttempt.objects.create(username=name, **tried, failures_since_start=1)
    AccessLog.objects.create(username=other.username, **tried | {"ip_address": "192.0.2.1"})
    request_change(person, {"username": "renamed"}, by=administrator, at=NOW, reason="Married.")
    person.refresh_from_db()
    found = [row["ip_address"] for row in accounts.facts_about(person)["sign_ins"]]
    assert found.count("192.0.2.99") == 3
    assert "192.0.2.1" not in found
    accounts.forget_person(person, at=NOW)
    assert [row.username for row in AccessLog.objects.all()] == [other.username]
    assert not AccessAttempt.objects.exists()


def test_sign_ins_of_others_stay(person, reviewer):
    tried = {"username": "reviewer", "ip_address": "192.0.2.5", "attempt_time": NOW}
    AccessAttempt.objects.create(**tried, failures_since_start=1)
    person.email = ""
    person.save()
    AccessAttempt.objects.create(**tried | {"username": ""}, failures_since_start=1)
    accounts.forget_person(person, at=NOW)
    assert AccessAttempt.objects.count() == 2


def test_what_a_person_follows_as_a_reader_is_given_out_and_forgotten(person, duty):
    follower = Follower.objects.create(email="Somebody@EXAMPLE.org", language="en")
    plan = duty.plan
    follower.followings.create(plan=plan, subject_type="plan", asked_at=NOW, confirmed_at=NOW)
    other = Follower.objects.create(email="other@example.org", language="en")
    [following] = accounts.facts_about(person)["followed_by_mail"]
    assert following["plan__code"] == plan.code
    accounts.forget_person(person, at=NOW)
    assert list(Follower.objects.all()) == [other]
    assert not Following.objects.exists()


def test_who_answers_for_a_program_is_not_forgotten(person, administrator, curator):
    changes = {"username": "importer", "is_active": True, "roles": ["reporter"]}
    asked = accounts.request_change(None, changes | {"owner": person.pk}, by=administrator, at=NOW)
    program = asked.account
    accounts.issue_service_token(program, "Import", by=administrator, at=NOW, scopes=["write"])
    with pytest.raises(CommandError, match="answers for the programs importer"):
        call_command("person", "reporter", "--forget")
    assert User.objects.get(pk=person.pk).last_name == "Lastname"
    accounts.request_change(program, {"owner": curator.pk}, by=administrator, at=NOW)
    accounts.issue_service_token(program, "Import", by=administrator, at=NOW, scopes=["write"])
    accounts.forget_person(person, at=NOW)
    assert AccessToken.objects.filter(user=program).exists()


def test_programs_that_were_deactivated_hold_nobody_up(person, administrator):
    changes = {"username": "importer", "is_active": True, "roles": ["reporter"]}
    asked = accounts.request_change(None, changes | {"owner": person.pk}, by=administrator, at=NOW)
    accounts.issue_service_token(
        asked.account, "Import", by=administrator, at=NOW, scopes=["write"]
    )
    accounts.request_change(asked.account, {"is_active": False}, by=administrator, at=NOW)
    accounts.forget_person(person, at=NOW)
    assert not AccessToken.objects.filter(user=asked.account).exists()


def test_the_command_lists_the_decisions_that_still_mention_a_person(
    person, reviewer, duty, capsys
):
    returned = perform(
        ProgressUpdate.objects.get(state="submitted"),
        "return",
        reviewer,
        note="Ask LASTNAME first.",
    )
    by_number = list(Decision.objects.filter(actor=person).values_list("seq", flat=True))
    seq = Decision.objects.get(update=returned, action="return").seq
    call_command("person", "reporter", "--forget")
    last = Decision.objects.order_by("seq").last().seq
    printed = capsys.readouterr().out
    numbers = ", ".join(map(str, [*by_number, last]))
    named = f"The account is named by its number in {len(by_number) + 1} decisions: {numbers}."
    assert named in printed
    assert f"A name or the address is in the notes of 1 decision: {seq}." in printed


def test_nobody_is_forgotten_unless_the_decisions_can_be_listed(person, monkeypatch):
    """Afterwards nothing would know the names to look for."""

    def fail(self, mentions):
        raise BrokenPipeError

    monkeypatch.setattr(person_command.Command, "_list_mentions", fail)
    with pytest.raises(BrokenPipeError):
        call_command("person", "reporter", "--forget")
    assert User.objects.get(pk=person.pk).last_name == "Lastname"


def test_the_ledger_agrees_afterwards(person, noon):
    accounts.forget_person(person, at=NOW)
    assert [line for line in verify() if "account" in line] == []


def test_a_forgotten_account_is_never_used_again(person, administrator, second_administrator):
    waiting = {"email": "back@example.org"}
    request = accounts.request_change(person, waiting, by=administrator, at=NOW)
    account = accounts.forget_person(person, at=NOW)
    assert AccountRequest.objects.filter(pk=request.pk, state="recalled", changes={}).exists()
    for changes in ({"is_active": True}, {"password": True}, {"username": "reporter"}):
        with pytest.raises(ActionRefused, match="The person was forgotten"):
            accounts.request_change(account, changes, by=administrator, at=NOW)


def test_the_last_administrator_is_not_forgotten(administrator):
    with pytest.raises(CommandError, match="last administrator"):
        call_command("person", "administrator", "--forget")
    assert User.objects.get(pk=administrator.pk).username == "administrator"


def test_the_command_prints_json_and_forgets(person, administrator, capsys):
    call_command("person", "reporter")
    assert json.loads(capsys.readouterr().out)["account"]["last_name"] == "Lastname"
    call_command("person", "reporter", "--forget")
    assert f"person-{person.pk}" in capsys.readouterr().out
    with pytest.raises(CommandError, match="There is no user"):
        call_command("person", "reporter")
