"""Accounts for programs: how they are made, how they cannot sign in, and whose work is whose."""

import base64
from datetime import timedelta

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.test import Client, RequestFactory
from rest_framework.test import APIClient

from commitments import accounts, verification
from commitments.access import policies
from commitments.choices import Action, Role
from commitments.exceptions import ActionRefused, NotPermitted
from commitments.models import AccessToken, AccountRequest, Decision, Mail, ServiceAccount
from commitments.roles import roles_of, staff_with_address
from commitments.workflow import work_queue
from tests.access.reviewing import fresh, is_kept_from_reviewing
from tests.accounts.forms import NEW, address, filled
from tests.steps import NOW, draft, perform, submitted
from tests.verification.tampering import verify

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]

SERVICE = {"username": "importer", "is_active": True, "is_superuser": False, "roles": ["reporter"]}
PASSWORD = "a long enough secret"


def made(by, owner, owner_id=None, **changes):
    changes = {**SERVICE, "owner": owner_id or owner.pk, **changes}
    asked = accounts.request_change(None, changes, by=by, at=NOW)
    return User.objects.get(pk=asked.account_id)


def token_of(account, by, scopes=("write", "submit", "review")):
    _token, text = accounts.issue_service_token(account, "Import", by=by, at=NOW, scopes=scopes)
    return text


@pytest.fixture
def service(administrator, curator):
    """A program that reports, for which the curator answers."""
    return made(administrator, curator)


def test_an_administrator_makes_it_with_a_role_and_a_person_responsible(service, curator):
    assert roles_of(service) == {Role.REPORTER}
    assert policies.is_service(service)
    assert service.service_account.owner == curator
    decision = Decision.objects.get()
    assert decision.action == Action.ACCOUNT
    assert "owner" in decision.meta["changed"]
    assert not AccountRequest.objects.get().link_due


def test_it_calls_the_api_with_a_token_that_an_administrator_issues(service, administrator, duty):
    client = APIClient(headers={"Authorization": f"Bearer {token_of(service, administrator)}"})
    assert client.get("/api/v1/me/").json()["username"] == "importer"
    new = {"commitment": "PLAN-1.1", "effective_on": "2026-06-30", "summary": {"en": "A meeting."}}
    assert client.post("/api/v1/updates/", new, format="json").status_code == 201
    assert duty.updates.get().author == service


def test_nobody_else_issues_its_tokens_and_none_is_issued_of_a_person(
    service, administrator, reporter, curator
):
    for account, by in ((service, curator), (service, service), (reporter, administrator)):
        with pytest.raises(NotPermitted):
            accounts.issue_service_token(account, "x", by=by, at=NOW)
    assert not AccessToken.objects.exists()


def test_it_signs_in_by_no_password_link_or_session(service, client):
    service.set_password(PASSWORD)
    service.save()
    asked = RequestFactory().post("/")
    assert authenticate(asked, username="importer", password=PASSWORD) is None
    pair = base64.b64encode(f"importer:{PASSWORD}".encode()).decode()
    answer = APIClient().post("/api/v1/auth/login/", headers={"Authorization": f"Basic {pair}"})
    assert answer.status_code == 401
    page = Client().post("/admin/login/", {"username": "importer", "password": PASSWORD})
    assert page.status_code == 200
    client.force_login(service)
    assert client.get("/admin/").status_code == 302
    assert client.get("/api/v1/me/").status_code == 401


def test_no_provider_signs_it_in_by_an_address(service):
    User.objects.filter(pk=service.pk).update(email="program@example.org")
    assert staff_with_address("program@example.org") == []


def test_it_gets_no_invitation(administrator, curator, settings):
    settings.MAIL_ENABLED = True
    made(administrator, curator)
    assert not Mail.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "program@example.org"}, "email"),
        ({"is_superuser": True}, "is_superuser"),
        ({"owner_id": 10**6}, "owner"),
    ],
)
def test_what_a_program_cannot_have_is_refused(administrator, curator, changes, field):
    with pytest.raises(ActionRefused) as caught:
        made(administrator, curator, **changes)
    assert [problem.path for problem in caught.value.problems] == [(field,)]
    assert not ServiceAccount.objects.exists()


def test_neither_a_program_nor_somebody_inactive_answers_for_one(administrator, service, visitor):
    User.objects.filter(pk=visitor.pk).update(is_active=False)
    for owner in (service, visitor):
        with pytest.raises(ActionRefused):
            made(administrator, owner, username="other")


def test_a_person_does_not_become_a_program_and_a_program_gets_no_link(
    administrator, reporter, curator, service
):
    with pytest.raises(ActionRefused):
        accounts.request_change(reporter, {"owner": curator.pk}, by=administrator, at=NOW)
    with pytest.raises(ActionRefused):
        accounts.ask_for_links([service], by=administrator, at=NOW)


def test_another_person_takes_it_over(administrator, service, reviewer):
    accounts.request_change(service, {"owner": reviewer.pk}, by=administrator, at=NOW)
    assert ServiceAccount.objects.get().owner == reviewer


def test_a_new_person_responsible_waits_for_a_second_administrator(
    administrator, second_administrator, reviewer, curator
):
    asked = accounts.request_change(
        None, {**SERVICE, "owner": curator.pk}, by=administrator, at=NOW
    )
    assert asked.state == "open"
    accounts.confirm_change(asked, by=second_administrator, at=NOW)
    service = User.objects.get(username="importer")
    change = {"owner": reviewer.pk}
    assert accounts.request_change(service, change, by=administrator, at=NOW).state == "open"


def test_its_tokens_end_when_it_is_deactivated(administrator, service):
    token_of(service, administrator)
    accounts.request_change(service, {"is_active": False}, by=administrator, at=NOW)
    assert not AccessToken.objects.exists()


# Four eyes


@pytest.mark.parametrize("person", ["administrator", "owner", "issuer"])
def test_whoever_could_act_with_a_program_does_not_review_its_work(
    duty, administrator, second_administrator, reviewer, other_reviewer, curator, person
):
    owner = reviewer if person == "owner" else curator
    accounts.request_change(None, {**SERVICE, "owner": owner.pk}, by=administrator, at=NOW)
    asked = AccountRequest.objects.get(state="open")
    accounts.confirm_change(asked, by=second_administrator, at=NOW)
    service = User.objects.get(username="importer")
    if person == "issuer":
        token_of(service, second_administrator)
    who = {"owner": reviewer, "issuer": second_administrator, "administrator": administrator}[
        person
    ]
    update = submitted(duty, service)
    assert is_kept_from_reviewing(fresh(who), update)
    assert update not in work_queue.to_review_by(fresh(who))
    assert update in work_queue.to_review_by(fresh(other_reviewer))
    assert perform(update, Action.PUBLISH, fresh(other_reviewer)).publisher == other_reviewer


@pytest.mark.parametrize("wrote", [True, False])
def test_nor_does_whoever_answered_for_it_when_it_wrote_or_submitted(
    office_duty, office, administrator, reporter, reviewer, other_reviewer, curator, wrote
):
    program = made(administrator, reviewer, offices=[office.code])
    token_of(program, administrator)
    reporter.offices.add(office)
    update = draft(office_duty, program if wrote else reporter)
    update = perform(update, Action.SUBMIT, program)
    accounts.request_change(program, {"owner": curator.pk}, by=administrator, at=NOW)
    # The former person may still have the tokens.
    assert not AccessToken.objects.exists()
    assert is_kept_from_reviewing(fresh(reviewer), update)
    assert update not in work_queue.to_review_by(fresh(reviewer))
    assert perform(update, Action.PUBLISH, fresh(other_reviewer)).publisher == other_reviewer
    assert not [line for line in verify() if line.startswith(f"update {update.pk}")]


def test_a_program_does_not_publish_the_work_of_whoever_could_act_with_it(
    duty, administrator, reporter, other_reporter
):
    program = made(administrator, reporter, roles=["reviewer"])
    token_of(program, administrator)
    for author in (reporter, administrator):
        assert is_kept_from_reviewing(fresh(program), submitted(duty, author))
    update = submitted(duty, other_reporter)
    assert perform(update, Action.PUBLISH, fresh(program)).publisher == program


def test_nobody_whose_account_the_maker_made_reviews_it_either(
    duty, administrator, curator, service
):
    accounts.request_change(
        None, {**SERVICE, "username": "new", "roles": ["reviewer"]}, by=administrator, at=NOW
    )
    assert is_kept_from_reviewing(User.objects.get(username="new"), submitted(duty, service))


def test_the_ledger_says_who_issued_a_token(service, administrator, recorded_accounts):
    token_of(service, administrator)
    decision = Decision.objects.latest("seq")
    assert (decision.action, decision.actor) == ("account", administrator)
    assert decision.meta["changed"] == ["token"]
    assert not [row for row in verification.unrecorded_accounts() if str(service.pk) in str(row)]


@pytest.fixture
def recorded_accounts():
    """Accounts are compared with the ledger."""


# Pages


def test_the_page_of_accounts_makes_a_program_and_leads_to_its_tokens(
    signed_in, administrator, curator
):
    desk = signed_in(administrator)
    desk.post(NEW, filled(username="importer", roles=["reporter"], owner=curator.pk))
    service = User.objects.get(username="importer")
    assert service.service_account.owner == curator
    page = desk.get(address(service)).text
    assert f"?account={service.pk}" in page
    assert 'name="link"' not in page
    issue = desk.get(f"/admin/commitments/accesstoken/add/?account={service.pk}")
    assert issue.context["form"]["account"].value() == str(service.pk)
    sent = {"name": "Import", "days": "90", "scopes": ["write"], "account": service.pk}
    shown = desk.post("/admin/commitments/accesstoken/add/", sent).text
    assert "gives access to the API as importer" in shown
    assert AccessToken.objects.get().user == service


def test_while_the_clock_is_wrong_no_token_of_a_program_is_issued_and_the_page_says_why(
    signed_in, administrator, service, noon
):
    noon.shift(-timedelta(days=1))
    sent = {"name": "Import", "days": "90", "scopes": ["write"], "account": service.pk}
    page = signed_in(administrator).post("/admin/commitments/accesstoken/add/", sent)
    assert "The clock says" in page.text
    assert not AccessToken.objects.exists()


def test_the_page_of_a_person_has_no_such_field(signed_in, administrator, reporter):
    page = signed_in(administrator).get(address(reporter)).text
    assert "person responsible" not in page
    assert (
        'name="account"' not in signed_in(reporter).get("/admin/commitments/accesstoken/add/").text
    )


def test_nobody_else_is_offered_a_program(signed_in, service, curator):
    sent = {"name": "Import", "days": "90", "account": service.pk}
    signed_in(curator).post("/admin/commitments/accesstoken/add/", sent)
    assert [token.user for token in AccessToken.objects.all()] == [curator]


def test_drafts_of_a_program_are_its_own(duty, service):
    assert draft(duty, service).author == service
