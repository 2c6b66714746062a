"""What is to go is announced in the answers that depend on it."""

from datetime import UTC, datetime

import pytest

from commitments.api import deprecations
from commitments.api.deprecations import Deprecation

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

SINCE, SUNSET = datetime(2027, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)


@pytest.fixture
def announced(monkeypatch):
    """The list of goals, and a parameter of the list of areas."""
    found = (
        Deprecation("api:goal-list", SINCE, SUNSET),
        Deprecation("api:area-list", SINCE, SUNSET, parameter="plan"),
    )
    monkeypatch.setattr(deprecations, "DEPRECATIONS", found)


@pytest.mark.parametrize("address", ["goals/", "areas/?plan=NONE", "goals/?stauts=1"])
def test_an_answer_that_depends_on_it_says_since_when_and_until_when(api, announced, address):
    answer = api().get(f"/api/v1/{address}")
    assert answer.headers["Deprecation"] == "@1798761600"
    assert answer.headers["Sunset"] == "Sat, 01 Jan 2028 00:00:00 GMT"


def test_other_answers_say_nothing(api, announced):
    for address in ("areas/", "forums/"):
        assert not {"Deprecation", "Sunset"} & set(api().get(f"/api/v1/{address}").headers)


def test_all_is_promised_for_twelve_months_at_least():
    for item in deprecations.DEPRECATIONS:
        assert (item.sunset - item.since).days >= 365
