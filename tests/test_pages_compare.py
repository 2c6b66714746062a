"""What became of each commitment between two days: the page of that."""

import re
from datetime import date

import pytest

from tests import steps
from tests.markup import words
from tests.steps import TODAY

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("a_day_later")]

COMPARE = "/en/PLAN/compare/"


def turns(page):
    """By heading, the numbers of the commitments below it with their statuses then and now."""
    parts = re.split('<h2 id="', page)[1:]
    return {
        part[: part.index('"')]: [
            (number, *re.findall(r'data-status="(\w+)"', row))
            for number, row in re.findall(r'<p class="number">(\S+)</p>(.*?)</li>', part)
        ]
        for part in parts
    }


@pytest.fixture
def turned(duty, deliverable, reporter, reviewer):
    """1.1 was active and is so in part; 1.2 was started, and its claim lapsed."""
    steps.published(duty, reporter, reviewer, status="active", effective_on=date(2025, 3, 1))
    steps.published(duty, reporter, reviewer, status="partly_active", effective_on=TODAY)
    early = date(2024, 3, 1)
    steps.published(deliverable, reporter, reviewer, status="started", effective_on=early)
    return duty


def test_what_became_of_each_commitment_between_two_days(flat, turned):
    page = flat(f"{COMPARE}?since=2025-06-30")
    assert turns(page) == {
        "worse": [("1.1", "active", "partly_active")],
        "lost": [("1.2", "started", "started")],
    }
    assert "From 30 June 2025 to 2 July 2026: Worse 1, Better 0, No longer known 1," in words(page)
    page = flat(f"{COMPARE}?since=2024-02-29&as_of=2025-06-30")
    assert turns(page) == {
        "found": [("1.1", "unassessed", "active"), ("1.2", "unassessed", "started")]
    }
    assert "From 29 February 2024 to 30 June 2025:" in words(page)


def test_a_year_is_compared_where_no_day_is_asked_for(flat, turned):
    assert "From 2 July 2025 to 2 July 2026:" in words(flat(COMPARE))
    assert "From 2 July 2026 to 2 July 2026:" in words(flat(f"{COMPARE}?since=2026-07-02"))
    page = flat(f"{COMPARE}?as_of=2024-02-29")
    assert "From 28 February 2023 to 29 February 2024:" in words(page)


def test_both_days_are_looked_at_by_what_was_known(flat, turned):
    page = flat(f"{COMPARE}?since=2025-06-30&known_at=2026-06-30T00:00:00Z")
    assert turns(page) == {}
    assert "unchanged 2." in words(page)


@pytest.mark.parametrize(
    ("since", "said"),
    [
        ("yesterday", "since: Give a day such as 2026-06-30. It was ignored."),
        ("2026-07-03", "since: This day is after the one that is looked at."),
        ("", None),
    ],
)
def test_a_day_that_cannot_be_compared_with_is_told_and_a_year_taken(flat, turned, since, said):
    page = flat(f"{COMPARE}?since={since}")
    assert said is None or said in page
    assert "From 2 July 2025 to 2 July 2026:" in words(page)


def test_two_days_cost_a_fixed_number_of_queries(client, turned, django_assert_num_queries):
    with django_assert_num_queries(3):
        client.get(f"{COMPARE}?since=2025-06-30")
