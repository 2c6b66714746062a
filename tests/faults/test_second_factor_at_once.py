"""A person sends the same form twice, or two forms at once: no error, nothing twice, and a factor
that their role requires is left."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from django.db import connection as suite

from tests.faults.served_site import served_site
from tests.one_time_codes import APP, FACTORS, PASSWORD, SIGN_IN, code_of
from tests.workflow.race_track import new_database

pytestmark = pytest.mark.long

ROUNDS = 5
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
START = f"""
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
Authenticator.objects.all().delete()
user = User.objects.get(username="reporter-1")
user.set_password("{PASSWORD}")
user.save()
"""
TWO_PASSKEYS = """
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
user = User.objects.get(username="reporter-1")
Authenticator.objects.all().delete()
for name in "ab":
    data = {"name": name, "credential": {}}
    print(Authenticator.objects.create(user=user, type="webauthn", data=data).pk)
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    with (
        new_database(suite.vendor, folder) as address,
        served_site(address, folder, SECOND_FACTOR_ROLES="reporter") as site,
    ):
        yield site


def python(site, program):
    return site.run("manage.py", "shell", "--no-imports", "--verbosity", "0", "--command", program)


@pytest.fixture
def browser(site):
    """The session of a reporter who has just signed in, without a factor."""
    python(site, START)
    session = requests.Session()
    page = session.get(site.host + SIGN_IN, timeout=60).text
    sent = {"username": "reporter-1", "password": PASSWORD, "next": "/admin/"}
    answer = session.post(site.host + SIGN_IN, sent | token_in(page), timeout=60)
    assert answer.url == site.host + FACTORS
    return session


def token_in(page):
    return {"csrfmiddlewaretoken": TOKEN.search(page)[1]}


def at_once(browser, addresses, sent):
    """Return the statuses of the answers to forms that are sent at the same time."""

    def send(address):
        cookies = browser.cookies.get_dict()
        answer = requests.post(address, sent, cookies=cookies, allow_redirects=False, timeout=60)
        return answer.status_code

    with ThreadPoolExecutor(len(addresses)) as pool:
        return list(pool.map(send, addresses))


def types(site):
    rows = site.rows("SELECT type FROM mfa_authenticator ORDER BY type")
    return [row["type"] for row in rows]


def test_an_app_that_is_set_up_several_times_at_once_is_one(site, browser):
    page = browser.get(site.host + APP, timeout=60).text
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", page)[1]
    sent = token_in(page) | {"code": code_of(secret)}
    assert at_once(browser, [site.host + APP] * 4, sent) == [302] * 4
    assert types(site) == ["recovery_codes", "totp"]


def test_of_two_factors_that_are_removed_at_once_one_is_left(site, browser):
    page = browser.get(site.host + APP, timeout=60).text
    for _ in range(ROUNDS):
        passkeys = python(site, TWO_PASSKEYS).split()
        addresses = [f"{site.host}{FACTORS}passkey/{passkey}/remove/" for passkey in passkeys]
        assert at_once(browser, addresses, token_in(page)) == [302, 302]
        assert types(site) == ["webauthn"]
