"""The archived address of a link, which a reviewer adds after publication."""

import pytest

from commitments.choices import Action
from commitments.models import Evidence
from tests.links.test_check_links import GONE, record_daily

pytestmark = [pytest.mark.alike, pytest.mark.django_db]


def test_a_reviewer_adds_an_archived_address_over_rest(linked, api, reviewer, client, noon):
    [item] = linked("https://example.org/1")
    record_daily(item.url, GONE)
    answer = api(reviewer).post(
        f"/api/v1/evidence/{item.pk}/archive/",
        {"archived_url": "https://archive.example.org/1", "note": "Found in an archive."},
        format="json",
        headers={"If-Match": '"3"'},
    )
    assert answer.status_code == 200
    assert answer.headers["ETag"] == '"4"'
    body = answer.json()
    assert (body["url"], body["link"]["archived_url"]) == (
        "https://example.org/1",
        "https://archive.example.org/1",
    )
    page = client.get("/en/PLAN/commitments/1.1/").text
    assert '<a href="https://archive.example.org/1" rel="external">archived copy</a>' in page
    assert 'href="https://example.org/1"' in page
    decision = item.update.decisions.get(action=Action.ARCHIVE)
    assert decision.meta == {"evidence": item.pk, "archived_url": "https://archive.example.org/1"}
    assert not Evidence.objects.dead_links().exists()


@pytest.mark.parametrize(
    ("body", "headers", "status", "pointer"),
    [
        ({"archived_url": "https://a.example/1"}, {}, 428, None),
        ({"archived_url": "https://a.example/1"}, {"If-Match": '"2"'}, 412, None),
        ({}, {"If-Match": '"3"'}, 400, "#/archived_url"),
        ({"archived_url": "ftp://a.example/1"}, {"If-Match": '"3"'}, 409, "#/archived_url"),
        ({"archived_url": "x"}, {"If-Match": '"3"'}, 400, "#/archived_url"),
        ({"archived_url": "https://a.example/", "url": "x"}, {"If-Match": '"3"'}, 400, "#/url"),
    ],
)
def test_an_invalid_archived_address_is_refused(
    linked, api, reviewer, body, headers, status, pointer
):
    [item] = linked("https://example.org/1")
    address = f"/api/v1/evidence/{item.pk}/archive/"
    answer = api(reviewer).post(address, body, format="json", headers=headers)
    assert answer.status_code == status
    assert [error["pointer"] for error in answer.json().get("errors", [])] == (
        [pointer] if pointer else []
    )


def test_the_same_archived_address_is_not_added_twice(linked, api, reviewer):
    [item] = linked("https://example.org/1")
    client, body = api(reviewer), {"archived_url": "https://archive.example.org/1"}
    address = f"/api/v1/evidence/{item.pk}/archive/"
    first = client.post(address, body, format="json", headers={"If-Match": '"3"'})
    again = client.post(address, body, format="json", headers={"If-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code) == (200, 409)
    stale = client.post(
        address, {"archived_url": "https://b.example/"}, format="json", headers={"If-Match": '"3"'}
    )
    assert stale.status_code == 412
