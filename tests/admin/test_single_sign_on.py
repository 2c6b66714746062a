"""Single sign-on, tried against a provider of OpenID Connect on this machine: who comes from there
gets the account with their verified address, if there is exactly one, and nothing else."""

import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from commitments.choices import Role
from commitments.roles import staff_with_address
from commitments.system_checks import check_single_sign_on
from tests.admin.sign_on_site import Site, free_port, shown, started, stop
from tests.factories import UserFactory

pytestmark = pytest.mark.long

# What the provider says of each of its people.
PROVIDER_ACCOUNTS = {
    "known": {"email": "Reviewer@Example.org", "email_verified": True},
    "unverified": {"email": "reviewer@example.org", "email_verified": False},
    "unsaid": {"email": "reviewer@example.org"},
    "unknown": {"email": "somebody@example.org", "email_verified": True},
    "shared": {"email": "office@example.org", "email_verified": True},
    "roleless": {"email": "visitor@example.org", "email_verified": True},
    "inactive": {"email": "former@example.org", "email_verified": True},
    "without": {},
    "careful": {"email": "curator@example.org", "email_verified": True},
}
NOBODY = "No account here has exactly your verified e-mail address."


@pytest.fixture(scope="module")
def provider():
    port = free_port()
    people = [json.dumps({"sub": sub, **claims}) for sub, claims in PROVIDER_ACCOUNTS.items()]
    options = [option for claims in people for option in ("--user-claims", claims)]
    issuer = f"http://localhost:{port}"
    process = started(["-m", "oidc_provider_mock", "--port", str(port), *options], issuer)
    yield issuer
    stop(process)


@pytest.fixture(scope="module")
def site(provider, tmp_path_factory):
    site = Site(provider, tmp_path_factory.mktemp("site"))
    site.make_accounts()
    process = site.start()
    yield site
    stop(process)


@pytest.fixture
def browser():
    with requests.Session() as session:
        yield session


def test_whoever_has_the_account_gets_it_and_goes_on(site, browser):
    answer = browser.get(site.come_back(browser, sub="known"))
    assert (answer.status_code, answer.url) == (200, f"{site.host}/admin/meetings/")
    me = browser.get(f"{site.host}/api/v1/me/").json()
    # A second factor is asked of reviewers here; whoever comes from the provider has been asked.
    assert me["username"] == "reviewer"


@pytest.mark.parametrize(
    "name", ["unverified", "unsaid", "unknown", "shared", "roleless", "inactive", "without"]
)
def test_nobody_else_gets_one(site, browser, name):
    answer = browser.get(site.come_back(browser, sub=name))
    assert urlsplit(answer.url).path == "/admin/login/"
    assert NOBODY in shown(answer)
    assert browser.get(f"{site.host}/api/v1/me/").status_code == 401


def test_the_password_still_signs_in_afterwards(site, browser):
    browser.get(site.come_back(browser, sub="known"))
    with requests.Session() as elsewhere:
        page = elsewhere.get(f"{site.host}/admin/login/")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)[1]
        sent = {"username": "reviewer", "password": "only-for-tests", "csrfmiddlewaretoken": token}
        answer = elsewhere.post(page.url, data=sent)
    assert urlsplit(answer.url).path == "/admin/second-factor/"


def test_ones_own_second_factor_is_asked_for_too(site, browser):
    answer = browser.get(site.come_back(browser, sub="careful"))
    assert urlsplit(answer.url).path == "/admin/second-factor/sign-in/"
    assert browser.get(f"{site.host}/api/v1/me/").status_code == 401


def test_who_declines_is_led_back(site, browser):
    answer = browser.get(site.come_back(browser, action="deny"))
    assert "Signing in there has failed." in shown(answer)


def test_an_answer_that_was_not_asked_for_or_was_used_is_refused(site, browser):
    address = site.come_back(browser, sub="known")
    with requests.Session() as thief:
        assert "Signing in there has failed." in shown(thief.get(address))
    assert browser.get(address).url.endswith("/admin/meetings/")
    browser.post(f"{site.host}/admin/logout/")
    again = browser.get(address, allow_redirects=False)
    assert again.headers["Location"] == "/admin/login/"


def test_a_code_that_was_made_up_is_refused(site, browser):
    address = site.come_back(browser, sub="known")
    code = parse_qs(urlsplit(address).query)["code"][0]
    assert "Signing in there has failed." in shown(browser.get(address.replace(code, "x" * 20)))


def test_nothing_leads_to_another_site(site, browser):
    answer = browser.post(site.begin(browser, "https://evil.example/"), data={"sub": "known"})
    assert answer.url.startswith(f"{site.host}/admin/")


@pytest.mark.parametrize(
    "query", ["process=connect", "process=redirect", "scope=x", "auth_params=client_id%3Dother"]
)
def test_an_address_cannot_ask_for_more(site, browser, query):
    browser.get(site.come_back(browser, sub="known"))
    answer = browser.get(f"{site.host}/admin/single-sign-on/?{query}", allow_redirects=False)
    sent = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert sent["client_id"] == ["tracker"]
    assert {*sent["scope"][0].split()} == {"openid", "profile", "email"}
    back = browser.post(answer.headers["Location"], data={"sub": "known"})
    assert urlsplit(back.url).path == "/admin/"
    assert browser.post(f"{site.host}/admin/single-sign-on/").status_code == 403


def test_a_provider_that_is_away_is_said(provider, tmp_path, site, browser):
    away = Site("http://localhost:9", tmp_path)
    away.environment["DATABASE_URL"] = site.environment["DATABASE_URL"]
    process = away.start()
    try:
        page = browser.get(f"{away.host}/admin/single-sign-on/")
        back = browser.get(f"{away.host}/admin/single-sign-on/oidc/callback/?code=x&state=x")
    finally:
        stop(process)
    assert (page.status_code, urlsplit(page.url).path) == (200, "/admin/login/")
    for answer in (page, back):
        assert "Signing in there has failed." in shown(answer)


@pytest.mark.django_db
@pytest.mark.parametrize("email", ["adm\u0131n@example.org", "admin@ex\u00e4mple.org"])
def test_an_address_that_only_looks_alike_is_another(email):
    UserFactory(username="admin", email="admin@example.org", roles=[Role.REPORTER])
    assert staff_with_address("ADMIN@example.org")
    assert staff_with_address(email) == []


@pytest.mark.parametrize(
    ("issuer", "secret", "ids"),
    [
        ("", "", []),
        ("https://sign-in.example.org", "x", []),
        ("http://localhost:9400", "x", []),
        ("http://sign-in.example.org", "x", ["commitments.E006"]),
        ("sign-in.example.org", "x", ["commitments.E006"]),
        ("https://sign-in.example.org", "", ["commitments.E007"]),
    ],
)
def test_settings_that_cannot_work_are_named(settings, issuer, secret, ids):
    settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID = issuer, "tracker"
    settings.OIDC_CLIENT_SECRET = secret
    assert [message.id for message in check_single_sign_on()] == ids
