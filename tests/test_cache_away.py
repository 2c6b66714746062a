"""A cache that is away or full: readers are served without it, and nobody signs in until it is
back."""

import errno
import logging

import pytest
from django.contrib.auth.models import User
from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from rest_framework.test import APIClient

from commitments import caching
from commitments.access.rate_limits import (
    count_calendar_reading,
    count_failure,
    count_mail_request,
    is_shut_out,
)
from commitments.api.response_cache import cached_response
from commitments.choices import MailKind
from commitments.exceptions import CacheUnavailable
from tests.admin.workbench.forms import entered, log_of
from tests.api.signing_in import login
from tests.one_time_codes import PASSWORD, SECOND_STEP, SIGN_IN, code_of, set_up_app, sign_in
from tests.steps import token

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]

FULL = OSError(errno.ENOSPC, "No space left on device")
ERRORS = [
    FULL,
    PermissionError(errno.EACCES, "Permission denied"),
    RedisConnectionError("Error 111 connecting to cache:6379. Connection refused."),
    RedisTimeoutError("Timeout reading from socket"),
    EOFError("Ran out of input"),
]
READ = ("/en/", "/api/v1/plans/")
HERE = "127.0.0.1"


class BrokenCache(LocMemCache):
    """While `error` is set, it is raised by whatever writes, and unless `is_readable` by whatever
    reads."""

    error = None
    is_readable = False
    asked = 0

    def _check(self, is_reading):
        BrokenCache.asked += 1
        if self.error and not (is_reading and self.is_readable):
            raise self.error

    def get(self, *args, **kwargs):
        self._check(is_reading=True)
        return super().get(*args, **kwargs)

    def add(self, *args, **kwargs):
        self._check(is_reading=False)
        return super().add(*args, **kwargs)

    def set(self, *args, **kwargs):
        self._check(is_reading=False)
        return super().set(*args, **kwargs)

    def incr(self, *args, **kwargs):
        self._check(is_reading=False)
        return super().incr(*args, **kwargs)

    def delete(self, *args, **kwargs):
        self._check(is_reading=False)
        return super().delete(*args, **kwargs)


@pytest.fixture
def away(settings, monkeypatch):
    """`away(error)` has the cache fail with it, `away(None)` work again."""
    broken = {"BACKEND": f"{__name__}.BrokenCache", "LOCATION": __name__}
    places = {
        "counts": broken,
        "kept responses": broken | {"KEY_PREFIX": "response"},
    }
    settings.CACHES = settings.CACHES | places
    monkeypatch.setattr(BrokenCache, "error", None)
    monkeypatch.setattr(BrokenCache, "is_readable", False)
    caches["counts"].clear()
    caching._outages.clear()

    def fail(error, is_readable=False):
        BrokenCache.error, BrokenCache.is_readable = error, is_readable

    yield fail
    caching._outages.clear()


def warnings(caplog):
    ours = [record for record in caplog.records if record.name == caching.__name__]
    assert {record.levelno for record in ours} <= {logging.WARNING}
    return [record.getMessage() for record in ours]


# Readers


@pytest.mark.usefixtures("cached_responses")
@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_pages_and_api_are_served_without_it(error, client, api, plan, away):
    away(error)
    for path in READ:
        assert client.get(path).status_code == 200, path


@pytest.mark.usefixtures("cached_responses")
def test_so_they_are_where_only_reading_works(client, plan, away):
    away(FULL, is_readable=True)
    assert {client.get(path).status_code for path in READ} == {200}


@pytest.mark.usefixtures("cached_responses")
def test_so_they_are_where_its_folder_cannot_be_made(client, plan, settings, tmp_path, away):
    (tmp_path / "file").touch()
    files = "django.core.cache.backends.filebased.FileBasedCache"
    folder = {"BACKEND": files, "LOCATION": str(tmp_path / "file" / "cache")}
    settings.CACHES = settings.CACHES | {"counts": folder, "kept responses": folder}
    assert {client.get(path).status_code for path in READ} == {200}


def test_requests_are_let_through_uncounted_and_counted_again_after_a_while(
    api, plan, settings, away, monkeypatch
):
    settings.API_RATE = "2/minute"
    away(RedisConnectionError())
    assert {api().get("/api/v1/plans/").status_code for _time in range(4)} == {200}
    assert all(count_calendar_reading(1) for _time in range(100))
    # Mails go to addresses that anybody typed.
    with pytest.raises(CacheUnavailable):
        count_mail_request(HERE, MailKind.PASSWORD)
    away(None)
    later = caching.monotonic() + caching.SECONDS_WITHOUT_CACHE
    monkeypatch.setattr(caching, "monotonic", lambda: later)
    statuses = [api().get("/api/v1/plans/").status_code for _time in range(3)]
    assert statuses == [200, 200, 429]


@pytest.mark.usefixtures("cached_responses")
def test_the_log_says_it_once_a_minute_and_the_cache_is_not_asked_each_time(
    away, caplog, monkeypatch
):
    now = [1_000.0]
    monkeypatch.setattr(caching, "monotonic", lambda: now[0])
    away(FULL)
    before = BrokenCache.asked
    for _second in range(60):
        for _request in range(3):
            assert cached_response("tag") is None
        now[0] += 1
    words = "The cache (CACHE_URL) cannot be used, so readers are served without it: OSError: "
    assert warnings(caplog) == [f"{words}{FULL}"]
    assert BrokenCache.asked - before == 60 / caching.SECONDS_WITHOUT_CACHE
    cached_response("tag")
    assert len(warnings(caplog)) == 2


# Staff


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_no_password_is_looked_at_without_it(
    error, client, api, reporter, away, caplog, monkeypatch
):
    text = token(reporter)
    looked_at = []
    monkeypatch.setattr(User, "check_password", lambda user, raw: looked_at.append(raw))
    away(error)
    page = client.post("/admin/login/", {"username": "reporter", "password": PASSWORD})
    assert (page.status_code, page["Retry-After"]) == (503, "5")
    for answer in (
        login("reporter", PASSWORD),
        APIClient(headers={"Authorization": f"Token {text}"}).get("/api/v1/me/"),
    ):
        assert (answer.status_code, answer["Retry-After"]) == (503, "5")
        assert answer["Content-Type"] == "application/problem+json"
    assert looked_at == []
    assert len(warnings(caplog)) == 1


@pytest.mark.long
def test_no_code_is_looked_at_without_it(client, reporter, away):
    sign_in(client, reporter)
    secret = set_up_app(client)
    client.post("/admin/logout/")
    sign_in(client, reporter)
    for is_readable in (False, True):
        away(FULL, is_readable)
        answer = client.post(SECOND_STEP, {"code": code_of(secret)})
        assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    away(None)
    assert client.post(SECOND_STEP, {"code": code_of(secret)}).status_code == 302


@pytest.mark.long
def test_on_a_full_disk_one_guess_closes_the_door_until_counts_can_rise(
    client, reporter, away, monkeypatch
):
    sign_in(client, reporter)
    client.post("/admin/logout/")
    looked_at, check = [], User.check_password

    def look(user, raw):
        looked_at.append(raw)
        return check(user, raw)

    monkeypatch.setattr(User, "check_password", look)
    away(FULL, is_readable=True)
    guesses = [{"username": "reporter", "password": f"guess {number}"} for number in range(3)]
    assert {client.post(SIGN_IN, guess).status_code for guess in guesses} == {503}
    assert set(looked_at) == {"guess 0"}
    away(None)
    assert client.post(SIGN_IN, guesses[0]).status_code == 200
    assert sign_in(client, reporter).status_code == 302


def test_the_form_of_somebody_who_was_signed_out_is_kept_on_the_page_that_says_so(
    client, duty, reporter, away
):
    away(RedisConnectionError())
    sent = entered(summary_en="Written for an hour.")
    sent |= {"sign_in-username": "reporter", "sign_in-password": PASSWORD}
    page = client.post(log_of(duty), sent)
    assert (page.status_code, page["Retry-After"]) == (503, "5")
    assert 'name="summary_en" value="Written for an hour."' in page.text
    assert PASSWORD not in page.text


def test_what_was_counted_counts_again_once_it_is_back(away, monkeypatch):
    monkeypatch.setattr("commitments.access.rate_limits.MAX_FAILURES", 2)
    for number in range(2):
        count_failure(HERE, f"reporter:{number}")
    away(RedisConnectionError())
    with pytest.raises(CacheUnavailable):
        is_shut_out(HERE)
    away(None)
    assert is_shut_out(HERE)


def test_a_count_that_has_expired_is_no_failure(away, caplog):
    for alias in ("default", "requests"):
        with pytest.raises(ValueError, match="not found"):
            caches[alias].incr("nothing")
    assert warnings(caplog) == []
