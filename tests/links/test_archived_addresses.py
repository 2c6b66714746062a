"""The archived address of a link, which a reviewer adds after publication."""

from datetime import timedelta

import pytest

from commitments.choices import Action, LinkStatus
from commitments.links import checks
from commitments.links.checks import due_links, link_is_due
from commitments.links.probe import ProbeResult
from commitments.models import Evidence
from tests.links.test_check_links import GONE, OK, REFUSED, UNREACHABLE, record_daily
from tests.steps import NOW, perform

pytestmark = [pytest.mark.alike, pytest.mark.django_db]


@pytest.mark.long
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
    # Nobody has looked at the copy yet.
    assert Evidence.objects.dead_links().get() == item
    record_daily("https://archive.example.org/1", OK)
    assert not Evidence.objects.dead_links().exists()


COPY = "https://archive.example.org/1"


@pytest.fixture
def archived(linked, reviewer):
    """A dead link with an archived copy."""
    [item] = linked("https://example.org/1")
    record_daily(item.url, GONE)
    perform(
        item.update, Action.ARCHIVE, reviewer, evidence=item.pk, archived_url=COPY, note="A copy."
    )
    return item


@pytest.mark.long
@pytest.mark.parametrize(
    ("results", "is_dead", "shown"),
    [
        ([], True, None),
        ([OK], False, False),
        ([GONE], True, True),
        ([UNREACHABLE], True, False),
        ([UNREACHABLE, UNREACHABLE], True, True),
        ([GONE, OK], False, False),
        ([OK, GONE], True, True),
        ([OK, UNREACHABLE], False, False),
        ([OK, REFUSED, UNREACHABLE], False, False),
        ([OK, UNREACHABLE, UNREACHABLE], True, True),
    ],
)
def test_a_copy_replaces_a_dead_link_once_a_check_has_reached_it_and_until_it_is_dead_too(
    archived, api, client, noon, results, is_dead, shown
):
    record_daily(COPY, *results)
    assert Evidence.objects.dead_links().exists() is is_dead
    link = api().get(f"/api/v1/evidence/{archived.pk}/").json()["link"]
    assert (link["status"], link["archived_dead"]) == ("gone", shown)
    assert (link["archived_checked_at"] is not None) is bool(results)
    page = client.get("/en/PLAN/commitments/1.1/").text
    assert ("(also dead)" in page) is bool(shown)


def test_copies_are_due_like_links_and_have_checks_of_their_own(archived):
    early, late = NOW - timedelta(days=1), NOW + timedelta(days=30)
    assert due_links(early, late) == [(COPY, "")]
    assert link_is_due(COPY, early, late)
    record_daily(COPY, OK)
    assert due_links(early, late) == []
    assert not link_is_due(COPY, early, late)
    assert due_links(late, late) == [(COPY, ""), ("https://example.org/1", "")]
    urls = archived.link_checks.order_by("pk").values_list("url", "status")
    assert list(urls) == [("https://example.org/1", "gone"), (COPY, "ok")]
    piece = Evidence.objects.get(pk=archived.pk)
    assert checks.health_of(piece).dead
    assert not checks.health_of_archive(piece).dead


def test_a_copy_of_one_link_may_be_the_link_of_another(archived, linked):
    linked(COPY)
    assert [address for address, _validator in due_links(NOW, NOW)] == [COPY]
    record_daily(COPY, OK)
    assert [item.link_checks.filter(url=COPY).count() for item in Evidence.objects.all()] == [1, 1]


def test_an_address_that_was_never_checked_somewhere_is_asked_for_whole(archived, linked):
    """Its server must not answer that nothing has changed."""
    linked(COPY)
    versioned = ProbeResult(LinkStatus.OK, "200", fingerprint="aa", validator="v1")
    record_daily(COPY, versioned)
    later = NOW + timedelta(days=30)
    assert (COPY, "v1") in due_links(later, later)
    linked(COPY)
    assert (COPY, "") in due_links(later, later)


def test_a_copy_of_what_was_withdrawn_is_looked_at_no_more(archived, reviewer):
    perform(archived.update, Action.RETRACT, reviewer, note="It was wrong.")
    later = NOW + timedelta(days=30)
    assert due_links(later, later) == []


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
