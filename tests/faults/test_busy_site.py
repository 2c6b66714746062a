"""While somebody else holds the database, no kind of request ends as a server error: what has to
wait too long gets 503 with `Retry-After`, on SQLite and on PostgreSQL."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from django.db import connection as suite

from tests.faults.served_site import served_site
from tests.workflow.race_track import new_database, writer

pytestmark = pytest.mark.long

CALLERS = 6
API = "/api/v1/"
LISTS = (
    *("plans", "goals", "areas", "commitments", "forums", "offices", "updates", "evidence"),
    *("changes", "meetings", "criteria", "ledger", "publishers"),
)
PUBLIC_PAGES = (
    *("/en/", "/zh-hans/", "/en/EAST/", "/en/EAST/commitments/1.1/", "/en/EAST/changes/"),
    *("/en/EAST/forums/", "/en/EAST/data/", "/en/ledger/", "/en/search/?q=duty", "/robots.txt"),
    *("/sitemap.xml", "/en/EAST/changes.atom", "/readyz", "/livez", "/nothing/"),
)
STAFF_PAGES = (
    *("", "log/EAST-1.1/", "planning/", "review/", "meetings/", "status/", "password_change/"),
    *("commitments/plan/", "commitments/commitment/", "commitments/progressupdate/", "tokens/"),
)
DRAFT = {
    "commitment": "EAST-1.1",
    "effective_on": "2024-05-01",
    "event_type": "statement",
    "summary": {"en": "A statement was made."},
}
# The longest time for a response, which may wait for a lock or a statement.
SECONDS_TO_ANSWER = 60


def requests_of(site, update):
    """Return (who asks, method, address, what is sent), for every kind of request."""
    rows = [("visitor", "GET", path, {}) for path in PUBLIC_PAGES]
    rows += [("visitor", "GET", f"{API}{name}/", {}) for name in LISTS]
    rows += [("staff", "GET", f"/admin/{path}", {}) for path in STAFF_PAGES]
    for who in ("visitor", "program"):
        rows += [
            (who, "POST", f"{API}updates/", {"json": DRAFT}),
            (who, "PATCH", f"{API}updates/{update}/", {"json": {"summary": {"en": "Changed."}}}),
            (who, "DELETE", f"{API}updates/{update}/", {}),
            (who, "POST", f"{API}updates/{update}/submit/", {"json": {}}),
            (who, "POST", f"{API}updates/{update}/files/", {"data": {"title": "x"}}),
            (who, "GET", f"{API}me/", {}),
            (who, "POST", f"{API}auth/login/", {"auth": ("nobody", "wrong password")}),
            (who, "POST", f"{API}auth/logout/", {}),
        ]
    rows += [
        ("form", "POST", "/admin/login/", {"data": {"username": "x", "password": "y"}}),
        ("form", "POST", "/admin/log/EAST-1.1/", {"data": {"save": "1", "summary_en": "x"}}),
        ("form", "POST", "/admin/logout/", {}),
        ("form", "POST", "/i18n/setlang/", {"data": {"language": "zh-hans"}}),
        ("visitor", "POST", "/en/EAST/follow/", {"data": {"email": "a@example.org"}}),
    ]
    return rows


def ask(site, sessions, row):
    who, method, path, sent = row
    headers, cookies = {}, {}
    if who == "program":
        headers["Authorization"] = f"Token {site.tokens['reporter-1']}"
        headers["If-Match"] = "*"
    if who in ("staff", "form"):
        cookies["sessionid"] = sessions["all-rounder-1"]
    if who == "form":
        cookies["csrftoken"] = headers["X-CSRFToken"] = "x" * 32
    return requests.request(
        method,
        site.host + path,
        headers=headers,
        cookies=cookies,
        timeout=SECONDS_TO_ANSWER,
        allow_redirects=False,
        **sent,
    )


def test_no_kind_of_request_ends_as_a_server_error(tmp_path, capsys):
    with new_database(suite.vendor, tmp_path) as address, served_site(address, tmp_path) as site:
        sessions = site.sessions()
        made = site.caller("reporter-1").post(site.url("updates/"), json=DRAFT)
        rows = requests_of(site, made.json()["id"])
        decided = site.rows("SELECT COUNT(*) AS n FROM commitments_decision")
        # All requests are sent while the lock is held, and again when it is free, to show that they
        # work.
        begun = time.monotonic()
        with writer(address), ThreadPoolExecutor(CALLERS) as pool:
            held = list(pool.map(lambda row: ask(site, sessions, row), rows))
        seconds = time.monotonic() - begun
        assert site.rows("SELECT COUNT(*) AS n FROM commitments_decision") == decided
        with ThreadPoolExecutor(CALLERS) as pool:
            free = list(pool.map(lambda row: ask(site, sessions, row), rows))
    statuses = Counter(answer.status_code for answer in held)
    with capsys.disabled():
        print(
            f"\n  {suite.vendor}: {len(rows)} kinds of requests while another writer holds the "
            f"database, {seconds:.0f} s: {dict(statuses)}"
        )
    wrong = [
        (row[:3], answer.status_code)
        for row, answer in zip([*rows, *rows], [*held, *free], strict=True)
        if answer.status_code >= 500 and answer.status_code != 503
    ]
    assert wrong == []
    assert all("Retry-After" in answer.headers for answer in held if answer.status_code == 503)
    assert [answer.status_code for answer in free if answer.status_code == 503] == []
    assert statuses[503] >= 3, "the lock was not felt"
    if suite.vendor == "sqlite":
        # SQLite's writers do not block readers; the lock taken on PostgreSQL does.
        public = len(PUBLIC_PAGES) + len(LISTS)
        assert 503 not in {answer.status_code for answer in held[:public]}
