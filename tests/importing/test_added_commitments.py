"""A commitment that an amendment adds is in no answer that was given before."""

import csv
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from commitments.clocks import Clock
from commitments.ledger.hashing import format_utc
from commitments.models import Commitment, Decision

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("loaded_harbour")]

ADDED = {
    "number": "A.9",
    "kind": "standing",
    "title": {"en": "Keep the lamps lit"},
    "text": {"en": "The lamps of the pier are lit at night."},
    "forums": [{"code": "BAY-TABLE", "quote": {"en": "pier"}}],
}

DOORS = ["list", "status", "grid", "table", "page", "of all", "badge"]


@pytest.fixture
def times(harbour, amend):
    """Times before and after the commitment A.9 was added to the plan HARBOUR."""
    before = timezone.now()
    harbour["commitments"].append(ADDED)
    amend(harbour)
    return format_utc(before), format_utc(timezone.now())


def answers(client, known_at):
    """Return how many commitments each door shows at a time."""
    query = f"plan=HARBOUR&known_at={known_at}"
    status = client.get(f"/api/v1/status/?{query}").json()
    grid = client.get(f"/api/v1/status/grid/?{query}&by=year").json()
    table = client.get(f"/api/v1/data/HARBOUR/commitments.csv?known_at={known_at}")
    lines = b"".join(table).decode("utf-8-sig").splitlines(keepends=True)
    page = client.get(f"/en/HARBOUR/commitments/?known_at={known_at}")
    [of_all] = re.findall(r"\d+ of (\d+) commitments", page.text)
    badge = client.get(f"/embed/en/HARBOUR/badge.svg?known_at={known_at}")
    [in_badge] = set(re.findall(r"(\d+) commitments", badge.text))
    return {
        "list": client.get(f"/api/v1/commitments/?{query}").json()["count"],
        "status": status["total"]["commitments"],
        "grid": len(grid["commitments"]),
        "table": len([*csv.DictReader(lines)]),
        "page": len(set(re.findall(r"/en/HARBOUR/commitments/([AB][.]\d)/", page.text))),
        "of all": int(of_all),
        "badge": int(in_badge),
    }


def test_an_earlier_answer_is_given_without_it(client, times):
    before, after = times
    assert answers(client, before) == dict.fromkeys(DOORS, 7)
    assert answers(client, after) == dict.fromkeys(DOORS, 8)
    assert client.get(f"/api/v1/commitments/HARBOUR-A.9/?known_at={before}").status_code == 404
    assert client.get(f"/api/v1/commitments/HARBOUR-A.9/?known_at={after}").status_code == 200


def test_an_answer_after_it_was_added_has_it_whatever_became_of_it_later(
    harbour, amend, times, client
):
    _before, after = times
    harbour["commitments"][-1] |= {"title": {"en": "Keep all lamps lit"}}
    amend(harbour)
    assert answers(client, after) == dict.fromkeys(DOORS, 8)


def test_no_table_of_data_has_anything_of_it(client, times):
    before, _after = times
    package = client.get(f"/api/v1/data/HARBOUR/datapackage.json?known_at={before}").json()
    for resource in package["resources"]:
        rows = b"".join(client.get(f"{resource['path']}"))
        assert (b"A.9" in rows, b"Keep the lamps" in rows) == (False, False), resource["name"]


def test_no_page_leads_on_to_it(client, times):
    link = re.compile(r'rel="next" href="/en/HARBOUR/commitments/([^/]+)/')
    pages = [client.get(f"/en/HARBOUR/commitments/B.3/?known_at={at}").text for at in times]
    assert [link.findall(page) for page in pages] == [[], ["A.9"]]


def test_a_plan_has_those_with_which_it_was_loaded_at_all_times(times):
    loaded_at = Decision.objects.earliest("seq").at
    clock = Clock(timezone.now(), known_at=loaded_at - timedelta(days=1))
    assert Commitment.objects.at(clock).count() == 7
