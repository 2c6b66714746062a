"""How often a caller may ask, and from which sites scripts may."""

from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache

from tests import steps

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

PLANS = "/api/v1/plans/"


@pytest.fixture
def three_a_minute(settings):
    settings.API_RATE = "3/minute"
    cache.clear()
    with time_machine.travel(steps.NOW, tick=False) as clock:
        yield clock
    cache.clear()


def statuses(client, times=4, path=PLANS, **extra):
    return [client.get(path, **extra).status_code for _time in range(times)]


def test_who_asks_too_often_is_told_how_long_to_wait(api, three_a_minute):
    assert statuses(api()) == [200, 200, 200, 429]
    three_a_minute.shift(timedelta(seconds=15, milliseconds=500))
    refused = api().get(PLANS)
    assert refused.headers["Retry-After"] == "45"
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.json()["title"] == "Too Many Requests"
    three_a_minute.shift(timedelta(seconds=45))
    assert api().get(PLANS).status_code == 200


def test_the_refusal_is_in_the_readers_language(api, three_a_minute):
    statuses(api())
    refused = api().get(PLANS, headers={"Accept-Language": "zh-hans"})
    assert "请求" in refused.json()["detail"]


def test_each_person_and_each_address_has_a_measure_of_its_own(
    api, three_a_minute, reporter, reviewer
):
    assert statuses(api(), 3) == statuses(api(reporter), 3) == statuses(api(reviewer), 3)
    assert api(reporter).get(PLANS).status_code == 429
    assert statuses(api(), 1, REMOTE_ADDR="192.0.2.7") == [200]


def test_a_header_that_the_caller_writes_is_no_address(api, three_a_minute):
    forged = [api().get(PLANS, HTTP_X_FORWARDED_FOR=f"192.0.2.{n}") for n in range(4)]
    assert [answer.status_code for answer in forged] == [200, 200, 200, 429]


def test_behind_a_proxy_the_address_is_the_one_that_the_proxy_saw(api, three_a_minute, settings):
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": 1}
    forged = [
        api().get(PLANS, HTTP_X_FORWARDED_FOR=f"10.0.0.{n}, 192.0.2.7").status_code
        for n in range(4)
    ]
    assert forged == [200, 200, 200, 429]
    assert statuses(api(), 1, HTTP_X_FORWARDED_FOR="10.0.0.1, 192.0.2.8") == [200]


def test_all_addresses_of_the_api_count_together(api, three_a_minute):
    paths = ("/api/v1/", "/api/v1/codes/", "/api/v1/commitments/", "/api/v1/status/")
    assert [api().get(path).status_code for path in paths] == [200, 200, 200, 429]


def test_a_site_may_do_without(api, settings):
    settings.API_RATE = ""
    assert set(statuses(api(), 50)) == {200}


# Scripts of other sites

ORIGIN = {"Origin": "https://elsewhere.example.org"}
SCRIPTS = "Access-Control-Allow-Origin"


@pytest.mark.parametrize("path", [PLANS, "/api/v1/updates/?format=csv", "/en/PLAN/changes.atom"])
def test_scripts_of_any_site_may_read_what_is_public(client, plan, path):
    answer = client.get(path, headers=ORIGIN)
    assert answer.status_code == 200
    assert answer.headers[SCRIPTS] == "*"
    assert "ETag" in answer.headers["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Credentials" not in answer.headers
    list(answer)  # read to its end, it is closed


def test_they_can_read_a_refusal_too(client, plan):
    for path, status in ((f"{PLANS}?x=1", 400), ("/api/v1/nothing/", 404), ("/api/v1/me/", 401)):
        answer = client.get(path, headers=ORIGIN)
        assert (answer.status_code, answer.headers[SCRIPTS]) == (status, "*")


def test_before_they_send_an_etag_they_ask_and_may(client, plan):
    asked = {**ORIGIN, "Access-Control-Request-Method": "GET"}
    answer = client.options(PLANS, headers=asked | {"Access-Control-Request-Headers": "x"})
    assert answer.status_code == 204
    assert answer.headers[SCRIPTS] == "*"
    assert answer.headers["Access-Control-Allow-Methods"] == "GET, HEAD"
    assert answer.headers["Access-Control-Allow-Headers"] == "If-None-Match"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_they_may_not_write(client, plan, method):
    asked = {**ORIGIN, "Access-Control-Request-Method": method}
    assert SCRIPTS not in client.options("/api/v1/updates/", headers=asked).headers
    answer = client.generic(method, "/api/v1/updates/", "{}", headers=ORIGIN)
    assert SCRIPTS not in answer.headers


def test_they_may_not_read_as_somebody(client, api, plan, reporter):
    token = {**ORIGIN, "Authorization": f"Token {steps.token(reporter)}"}
    assert SCRIPTS not in client.get(PLANS, headers=token).headers
    client.force_login(reporter)
    assert SCRIPTS not in client.get(PLANS, headers=ORIGIN).headers


@pytest.mark.parametrize("path", ["/en/PLAN/", "/admin/login/", "/en/PLAN/commitments/"])
def test_pages_are_not_for_scripts_of_other_sites(client, plan, path):
    assert SCRIPTS not in client.get(path, headers=ORIGIN).headers
