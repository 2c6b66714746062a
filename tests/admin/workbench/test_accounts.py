"""The pages on which administrators make and change accounts, and confirm what another asks for."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from commitments import accounts
from commitments.models import AccountRequest, Decision
from commitments.roles import roles_of
from tests.accounts.forms import NEW, address, filled
from tests.factories import UserFactory, account_changed
from tests.steps import NOW

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]

REQUESTS = "/admin/commitments/accountrequest/"


@pytest.fixture
def desk(administrator):
    return browser_of(administrator)


@pytest.fixture
def second_desk(second_administrator):
    return browser_of(second_administrator)


def browser_of(user):
    client = Client()
    client.force_login(user)
    return client


def page_of(request):
    return f"{REQUESTS}{request.pk}/change/"


def words(answer):
    return " ".join(answer.text.split())


@pytest.mark.parametrize("persona", ["visitor", "reporter", "reviewer", "curator"])
def test_nobody_else_opens_these_pages(persona, request, signed_in, administrator):
    client = signed_in(request.getfixturevalue(persona))
    for path in (NEW, address(administrator), "/admin/auth/user/", REQUESTS):
        assert client.get(path).status_code in (302, 403), path
    client.post(NEW, filled())
    assert not User.objects.filter(username="new").exists()


PLACES = ["/admin/auth/user/", REQUESTS, NEW, "/admin/people/"]


@pytest.mark.parametrize("place", PLACES)
def test_a_lone_administrator_reads_why_nothing_waits_and_when_something_will(desk, place):
    page = words(desk.get(place))
    assert page.count("you are the only administrator") == 1
    assert "createsuperuser" in page


@pytest.mark.parametrize("place", PLACES)
def test_two_of_whom_one_made_the_other_read_why_nothing_waits(
    desk, administrator, place, reporter
):
    made = UserFactory(username="made_here", is_superuser=True, last_name="", first_name="")
    account_changed(made, administrator)
    page = words(desk.get(place))
    assert "although there are other administrators (made_here)" in page
    assert "although there are other administrators (" in words(browser_of(made).get(place))
    # And nothing does.
    desk.post(NEW, filled(roles=["reviewer"]))
    assert User.objects.filter(username="new").exists()


@pytest.mark.parametrize("place", PLACES)
def test_where_a_second_one_confirms_the_pages_say_so(desk, second_administrator, place):
    page = words(desk.get(place))
    assert page.count("A second administrator confirms whatever lets somebody sign in") == 1
    assert "waits for confirmation" not in page


def test_a_lone_administrator_makes_an_account_and_gets_its_link_once(desk, client):
    sent = filled(roles=["reviewer"], last_name="One", reason="Joined us.")
    page = desk.post(NEW, sent, follow=True)
    new = User.objects.get(username="new")
    assert page.redirect_chain == [(address(new), 302)]
    assert "Joined us." in page.text
    assert {role.value for role in roles_of(new)} == {"reviewer"}
    shown = desk.post(address(new), {"link": "1"})
    assert shown.text.count("/admin/password/") == 1
    assert "A second administrator confirms" not in words(page)


@pytest.mark.parametrize(
    ("values", "mail", "is_said"),
    [
        ({}, True, True),
        ({"email": "new@example.org"}, True, False),
        ({"email": "new@example.org"}, False, True),
        ({"is_active": False}, True, False),
    ],
)
def test_who_gets_no_invitation_needs_a_link_and_the_page_says_so(
    values, mail, is_said, desk, settings
):
    settings.MAIL_ENABLED = mail
    page = words(desk.post(NEW, filled(**values), follow=True))
    assert ("No invitation can be sent, so new cannot sign in yet:" in page) is is_said


def test_no_link_is_needed_by_whom_has_a_password_nor_by_a_program(desk, reporter, administrator):
    reporter.set_password("a-long-phrase-7")
    reporter.save()
    changed = filled(reporter, last_name="Changed")
    for place, sent in ((address(reporter), changed), (NEW, filled(owner=administrator.pk))):
        page = desk.post(place, sent, follow=True)
        assert "Saved." in page.text
        assert "No invitation can be sent" not in page.text


@pytest.mark.long
def test_a_second_administrator_finds_the_request_on_the_desk_and_confirms_it(
    desk, second_desk, reporter
):
    page = desk.post(address(reporter), filled(reporter, roles=["reviewer"]), follow=True)
    assert "Nothing changes until a second administrator confirms." in page.text
    request = AccountRequest.objects.get()
    assert page_of(request) in second_desk.get("/admin/").text
    assert page_of(request) not in desk.get("/admin/").text
    shown = second_desk.get(page_of(request))
    assert "Reporter → Reviewer" in words(shown)
    assert 'value="confirm"' in shown.text
    own = desk.get(page_of(request)).text
    assert 'value="recall"' in own
    assert 'value="confirm"' not in own
    second_desk.post(page_of(request), {"answer": "confirm"})
    assert {role.value for role in roles_of(User.objects.get(pk=reporter.pk))} == {"reviewer"}
    assert "Confirmed by a second administrator" in desk.get(address(reporter)).text


def test_what_one_asks_for_is_not_confirmed_by_a_form_made_by_hand(
    desk, reporter, administrator, second_administrator
):
    desk.post(address(reporter), filled(reporter, is_superuser=True))
    request = AccountRequest.objects.get()
    desk.post(page_of(request), {"answer": "confirm"})
    sent = {"action": "confirm_selected", "_selected_action": [request.pk]}
    page = desk.post(REQUESTS, sent, follow=True)
    assert "Only a second administrator may confirm this" in page.text
    assert AccountRequest.objects.get().state == "open"
    assert not User.objects.get(pk=reporter.pk).is_superuser


def test_several_requests_are_confirmed_at_once(desk, second_desk, reporter, reviewer):
    for user in (reporter, reviewer):
        desk.post(address(user), filled(user, roles=["curator", "reporter", "reviewer"]))
    rows = [row.pk for row in AccountRequest.objects.all()]
    sent = {"action": "confirm_selected", "_selected_action": rows}
    page = second_desk.post(REQUESTS, sent, follow=True)
    assert "Confirmed: 2." in page.text
    assert {row.state for row in AccountRequest.objects.all()} == {"confirmed"}


@pytest.mark.parametrize(("answer", "who"), [("decline", "second"), ("recall", "first")])
def test_a_declined_or_recalled_request_changes_nothing(answer, who, desk, second_desk, reporter):
    desk.post(address(reporter), filled(reporter, is_superuser=True))
    request = AccountRequest.objects.get()
    client = {"first": desk, "second": second_desk}[who]
    client.post(page_of(request), {"answer": answer})
    assert AccountRequest.objects.get().state in ("declined", "recalled")
    assert not User.objects.get(pk=reporter.pk).is_superuser
    assert not Decision.objects.exists()


def test_a_mistake_is_named_at_its_field_and_what_was_typed_stays(desk, reporter, reviewer):
    page = desk.post(address(reporter), filled(reporter, username="reviewer", last_name="Kept"))
    assert "A user with that username already exists." in page.text
    assert 'value="Kept"' in page.text
    assert User.objects.get(pk=reporter.pk).username == "reporter"


def test_a_form_opened_before_somebody_elses_change_is_refused(desk, reporter, administrator):
    sent = filled(reporter, email="mine@example.org")
    accounts.request_change(reporter, {"email": "theirs@example.org"}, by=administrator, at=NOW)
    page = desk.post(address(reporter), sent)
    assert "Someone else has changed this account since you opened the page." in page.text
    assert User.objects.get(pk=reporter.pk).email == "theirs@example.org"
    assert desk.post(address(reporter), sent | {"expected": ""}).status_code == 200
    assert User.objects.get(pk=reporter.pk).email == "theirs@example.org"


def test_a_link_for_somebody_with_a_password_waits_and_the_page_says_for_whom(
    desk, second_desk, reporter
):
    reporter.set_password("a-long-phrase-7")
    reporter.save()
    sent = {"action": "give_links", "_selected_action": [reporter.pk]}
    page = desk.post("/admin/auth/user/", sent)
    assert "/admin/password/" not in page.text
    assert "<li>reporter</li>" in page.text
    request = AccountRequest.objects.get()
    assert page_of(request) in desk.get(address(reporter)).text
    second_desk.post(page_of(request), {"answer": "confirm"})
    assert "/admin/password/" in desk.post("/admin/auth/user/", sent).text


def test_a_sheet_of_people_waits_for_the_second_administrator(desk, second_desk):
    sheet = "username\troles\nfirst\treporter\nother\treviewer\n"
    shown = desk.post("/admin/people/", {"check": "1", "pasted": sheet}).context
    sent = {name: shown[name] for name in ("staged", "shown")}
    page = desk.post("/admin/people/", sent | {"load": "1", "reason": "A new unit."})
    assert "Accounts created: 0." in words(page)
    assert "Accounts that a second administrator has to confirm: 2." in words(page)
    assert not User.objects.filter(username="first").exists()
    rows = [row.pk for row in AccountRequest.objects.all()]
    sent = {"action": "confirm_selected", "_selected_action": rows}
    second_desk.post(REQUESTS, sent)
    assert User.objects.filter(username__in=["first", "other"]).count() == 2


def test_old_addresses_of_django_lead_nowhere_that_changes_an_account(desk, reporter):
    password = reporter.password
    for path in (f"/admin/auth/user/{reporter.pk}/password/", f"{address(reporter)[:-7]}delete/"):
        sent = {"password1": "a-long-phrase-7", "password2": "a-long-phrase-7", "post": "yes"}
        assert desk.post(path, sent).status_code in (302, 403, 404)
    assert User.objects.get(pk=reporter.pk).password == password
    history = desk.get(f"/admin/auth/user/{reporter.pk}/history/")
    assert history.url == address(reporter)
