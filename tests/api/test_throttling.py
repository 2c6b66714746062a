"""How often a caller may ask, and from which sites scripts may."""

from datetime import timedelta

import pytest
import time_machine

from tests import steps

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

PLANS = "/api/v1/plans/"


@pytest.fixture
def three_a_minute(settings):
    settings.API_RATE = "3/minute"
    with time_machine.travel(steps.NOW, tick=False) as clock:
        yield clock


def statuses(client, times=4, path=PLANS, **extra):
    return [client.get(path, **extra).status_code for _time in range(times)]


def test_who_asks_too_often_learns_how_long_to_wait(api, three_a_minute):
    assert statuses(api()) == [200, 200, 200, 429]
    three_a_minute.shift(timedelta(seconds=15, milliseconds=500))
    refused = api().get(PLANS)
    assert refused.headers["Retry-After"] == "45"
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.json()["title"] == "Too many requests"
    three_a_minute.shift(timedelta(seconds=45))
    assert api().get(PLANS).status_code == 200


def test_every_answer_says_what_remains_and_until_when(api, three_a_minute):
    client, found = api(), []
    for _time in range(4):
        answer = client.get(PLANS)
        assert answer.headers["RateLimit-Policy"] == '"default";q=3;w=60'
        found.append(answer.headers["RateLimit"])
        three_a_minute.shift(timedelta(seconds=10))
    assert found == [
        '"default";r=2;t=60',
        '"default";r=1;t=50',
        '"default";r=0;t=40',
        '"default";r=0;t=30',
    ]
    assert answer.headers["Retry-After"] == "30"


def test_nothing_remains_to_be_said_without_a_limit(api, settings):
    settings.API_RATE = ""
    assert "RateLimit" not in api().get(PLANS).headers


@pytest.mark.usefixtures("cached_responses")
def test_a_kept_answer_says_what_remains_to_this_caller(api, three_a_minute):
    said = [api().get(PLANS).headers["RateLimit"] for _time in range(2)]
    said.append(api().get(PLANS, REMOTE_ADDR="192.0.2.7").headers["RateLimit"])
    assert [field.split(";")[1] for field in said] == ["r=2", "r=1", "r=2"]


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
    settings.BEHIND_PROXY = True
    forged = [
        api().get(PLANS, HTTP_X_FORWARDED_FOR=f"10.0.0.{n}, 192.0.2.7").status_code
        for n in range(4)
    ]
    assert forged == [200, 200, 200, 429]
    assert statuses(api(), 1, HTTP_X_FORWARDED_FOR="10.0.0.1, 192.0.2.8") == [200]


@pytest.mark.long
def test_all_addresses_of_the_api_count_together(api, three_a_minute):
    paths = ("/api/v1/", "/api/v1/codes/", "/api/v1/commitments/", "/api/v1/status/")
    assert [api().get(path).status_code for path in paths] == [200, 200, 200, 429]


@pytest.mark.long
def test_a_site_may_do_without(api, settings):
    settings.API_RATE = ""
    assert set(statuses(api(), 50)) == {200}


# Scripts of other sites

ORIGIN = {"Origin": "https://elsewhere.example.org"}
SCRIPTS = "Access-Control-Allow-Origin"


@pytest.mark.parametrize(
    "path", [PLANS, "/api/v1/updates/export/?format=csv", "/en/PLAN/changes.atom"]
)
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


def preflight(client, path, method="GET", header="if-none-match"):
    """What a browser asks before a script's request goes out."""
    asked = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": header}
    return client.options(path, headers=ORIGIN | asked)


def test_a_preflight_allows_reading_and_an_etag_and_nothing_else(client, plan):
    answer = preflight(client, PLANS)
    assert (answer.status_code, answer.headers[SCRIPTS]) == (200, "*")
    assert answer.headers["Access-Control-Allow-Methods"] == "GET, HEAD"
    assert answer.headers["Access-Control-Allow-Headers"] == "if-none-match"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_they_may_not_write(client, plan, method):
    allowed = preflight(client, "/api/v1/updates/", method).headers["Access-Control-Allow-Methods"]
    assert method not in allowed


def test_they_may_not_read_as_somebody(client, plan, reporter):
    """A token needs a header that no preflight allows, and browsers let no script read an answer
    to a request with cookies unless credentials are allowed by name."""
    allowed = preflight(client, PLANS, header="authorization").headers
    assert "authorization" not in allowed["Access-Control-Allow-Headers"]
    client.force_login(reporter)
    answer = client.get(PLANS, headers=ORIGIN)
    assert (answer.headers[SCRIPTS], answer.headers["Vary"].count("Cookie")) == ("*", 1)
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_scripts_of_an_origin_that_the_site_names_may_use_tokens_and_write(client, plan, settings):
    settings.API_ORIGINS = [ORIGIN["Origin"]]
    answer = preflight(client, PLANS, "PATCH", "authorization,if-match")
    assert answer.headers["Access-Control-Allow-Methods"] == "GET, HEAD, POST, PATCH, DELETE"
    assert {"authorization", "if-match", "idempotency-key", "content-type"} <= set(
        answer.headers["Access-Control-Allow-Headers"].split(", ")
    )
    assert "Access-Control-Allow-Credentials" not in answer.headers
    settings.API_ORIGINS = ["https://other.example.org"]
    assert preflight(client, PLANS).headers["Access-Control-Allow-Methods"] == "GET, HEAD"
    settings.API_ORIGINS = [ORIGIN["Origin"]]
    assert SCRIPTS not in preflight(client, "/admin/login/").headers


@pytest.mark.long
@pytest.mark.parametrize("path", ["/en/PLAN/", "/admin/login/", "/en/PLAN/commitments/"])
def test_pages_are_not_for_scripts_of_other_sites(client, plan, path):
    assert SCRIPTS not in client.get(path, headers=ORIGIN).headers
