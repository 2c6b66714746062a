"""What browsers are told with every kind of answer, with the settings of a site that has HTTPS."""

import json
import os
import subprocess
import sys

import pytest
from django.test import Client

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]

PROGRAM = """
import json
from tracker import settings
names = [name for name in dir(settings) if name.startswith(("SECURE_", "SESSION_", "CSRF_", "X_"))]
print(json.dumps({name: getattr(settings, name) for name in [*names, "LANGUAGE_COOKIE_SECURE"]}))
"""
POLICY_PARTS = ("default-src 'none'", "script-src 'self'", "base-uri 'none'", "form-action 'self'")
PASSWORD = "a long enough password"


@pytest.fixture(scope="module")
def https_settings():
    """Return the settings of transport and cookies as the environment of a public site makes them,
    which are computed once in a process."""
    environment = os.environ | {"HTTPS": "true"}
    printed = subprocess.check_output([sys.executable, "-c", PROGRAM], env=environment, text=True)
    return json.loads(printed)


@pytest.fixture
def site(settings, https_settings):
    for name, value in https_settings.items():
        setattr(settings, name, value)
    return Client(enforce_csrf_checks=True)


def answers(client, reporter):
    """Yield a page, an answer of the API, pages that are not there and refused requests; then pages
    of somebody who signed in."""
    public = ("/en/", "/api/v1/plans/", "/en/nothing/", "/api/v1/nothing/", "/admin/login/")
    for path in (*public, "/en/search/?q=%00", "/robots.txt", "/api/v1/openapi.json"):
        yield path, client.get(path, secure=True)
    for path in ("/admin/login/", "/api/v1/updates/", "/i18n/setlang/"):
        yield f"POST {path}", client.post(path, secure=True)
    client.force_login(reporter)
    for path in ("/admin/", "/admin/password_change/", "/en/", "/api/v1/me/", "/admin/status/"):
        yield f"signed in {path}", client.get(path, secure=True)


@pytest.mark.long
def test_every_kind_of_answer_has_every_header(site, reporter, duty):
    statuses = {}
    for name, answer in answers(site, reporter):
        statuses[name] = answer.status_code
        headers = answer.headers
        assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains", name
        assert headers["X-Content-Type-Options"] == "nosniff", name
        assert headers["Referrer-Policy"] == "same-origin", name
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin", name
        assert headers["X-Frame-Options"] == "DENY", name
        policy = headers["Content-Security-Policy"]
        assert all(part in policy for part in POLICY_PARTS), name
        assert "unsafe" not in policy, name
        assert "frame-ancestors 'none'" in policy, name
        assert "camera=()" in headers["Permissions-Policy"], name
        for telling in ("Server", "X-Powered-By", "X-Django-Version"):
            assert telling not in headers, name
    assert {200, 401, 403, 404} <= {*statuses.values()}, statuses


SHARED = ("/api/v1/plans/", "/en/PLAN/changes.atom", "/embed/en/PLAN/", "/en/PLAN/grid.svg")


@pytest.mark.parametrize("path", [*SHARED, "/en/PLAN/", "/en/nothing/", "/admin/login/"])
def test_other_sites_show_pictures_and_cards_and_load_nothing_else(site, reporter, duty, path):
    whose = "cross-origin" if path in SHARED else "same-origin"
    answer = site.get(path, secure=True)
    assert answer.headers["Cross-Origin-Resource-Policy"] == whose
    site.force_login(reporter)
    answer = site.get(path, secure=True)
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_an_address_without_https_leads_to_the_one_with(site):
    answer = site.get("/en/?x=1")
    assert (answer.status_code, answer["Location"]) == (301, "https://testserver/en/?x=1")


def test_cookies_are_kept_from_scripts_other_sites_and_open_networks(site, reporter):
    reporter.set_password(PASSWORD)
    reporter.save()
    page = site.get("/admin/login/", secure=True)
    sent = {
        "username": "reporter",
        "password": PASSWORD,
        "csrfmiddlewaretoken": page.cookies["csrftoken"].value,
    }
    referrer = {"HTTP_REFERER": "https://testserver/admin/login/"}
    signed_in = site.post("/admin/login/", sent, secure=True, **referrer)
    assert signed_in.status_code == 302
    language = {"language": "zh-hans", "csrfmiddlewaretoken": site.cookies["csrftoken"].value}
    site.post("/i18n/setlang/", language, secure=True, **referrer)
    assert {*site.cookies} == {"csrftoken", "django_language", "sessionid"}
    for name, cookie in site.cookies.items():
        assert cookie["secure"], name
        assert not cookie["domain"], name
    assert site.cookies["sessionid"]["httponly"]
    assert {site.cookies[name]["samesite"] for name in ("csrftoken", "sessionid")} == {"Lax"}
