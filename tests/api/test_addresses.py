"""Addresses of the API without the slash at their end."""

import pytest

pytestmark = [pytest.mark.alike, pytest.mark.django_db]


@pytest.mark.parametrize("method", ["get", "head"])
def test_readers_of_an_address_without_its_last_slash_are_led_on(client, method):
    answer = getattr(client, method)("/api/v1/updates?plan=PLAN&page_size=5")
    assert (answer.status_code, answer.url) == (301, "/api/v1/updates/?plan=PLAN&page_size=5")
    assert client.get("/api/v1/nothing").status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_who_writes_there_is_told_that_it_is_missing(api, reporter, method):
    answer = getattr(api(reporter), method)("/api/v1/updates")
    said = "This address does not exist: the slash at its end is missing."
    assert (answer.status_code, answer.json()["detail"]) == (404, said)
