"""The grid and the comparison over REST: they say of each commitment what the lists say of it."""

from collections import Counter
from datetime import date

import pytest

from commitments.choices import Action
from tests import steps
from tests.factories import CommitmentFactory, CriterionFactory
from tests.fixtures import worlds
from tests.words import en_zh

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("a_day_later")]

GRID = "status/grid/?plan=PLAN&by=year"


@pytest.fixture(scope="module", autouse=True)
def world(django_db_setup, django_db_blocker):
    with worlds.shared_world(django_db_blocker):
        build()
        yield


def build():
    """Create a duty that is assessed twice with years between, with events of several types, and a
    deliverable; both have criteria. A third commitment has nothing."""
    reporter, reviewer, _curator = worlds.people()
    plan = worlds.the_plan()
    duty, deliverable = worlds.the_duty(plan), worlds.the_deliverable(plan)
    plan.adopted_on = date(2020, 3, 1)
    plan.save()
    for commitment in (duty, deliverable):
        CriterionFactory(commitment=commitment, key="a")
        CriterionFactory(commitment=commitment, key="b", position=2)
    CommitmentFactory(plan=plan, number="1.9", position=9, title=en_zh("Rest"))
    people = (reporter, reviewer)
    steps.published(duty, *people, status="active", effective_on=date(2021, 5, 1))
    for event_type, day in (
        ("statement", date(2022, 2, 1)),
        ("context", date(2022, 3, 1)),
        ("contribution", date(2022, 4, 1)),
        ("context", date(2023, 3, 1)),
        ("contrary", date(2023, 4, 1)),
    ):
        steps.published(duty, *people, event_type=event_type, effective_on=day)
    steps.published(duty, *people, status="partly_active", effective_on=date(2025, 5, 1))
    gone = steps.published(duty, *people, status="contrary", effective_on=date(2026, 5, 1))
    steps.perform(gone, Action.RETRACT, reviewer, note="The source was withdrawn.")
    steps.published(deliverable, *people, status="started", effective_on=date(2024, 5, 1))


@pytest.mark.long
def test_a_cell_says_what_the_list_says_at_the_end_of_its_period(get, world):
    grid = get(GRID)
    assert [row["code"] for row in grid["commitments"]] == ["PLAN-1.1", "PLAN-1.2", "PLAN-1.9"]
    names = [period["period"] for period in grid["periods"]]
    assert names == ["2020", "2021", "2022", "2023", "2024", "2025", "2026"]
    for index, period in enumerate(grid["periods"]):
        listed = get(f"commitments/?plan=PLAN&as_of={period['ends_on']}")["results"]
        for row, commitment in zip(grid["commitments"], listed, strict=True):
            cell, status = row["cells"][index], commitment["status"]
            assert (cell["status"], cell["update"]) == (status["code"], status["update"])
            assert cell["lapsed"] == (status["freshness"] == "lapsed")
            assert cell["findings"] == commitment["findings"]
            assert cell["overdue"] == (commitment["schedule"] == "overdue")
    today = get("commitments/?plan=PLAN")["results"]
    for row, commitment in zip(grid["commitments"], today, strict=True):
        assert row["last_action"] == commitment["last_action"]
        assert row["schedule"] == commitment["schedule"]


@pytest.mark.long
def test_the_tones_of_a_column_are_those_of_the_trend(get, world):
    grid, trend = get(GRID), get("status/trend/?plan=PLAN&by=year")
    for index, period in enumerate(trend["periods"]):
        tones = Counter(row["cells"][index]["tone"] for row in grid["commitments"])
        both = Counter(period["standing"]["tones"]) + Counter(period["deliverable"]["tones"])
        assert tones == both


def test_a_cell_counts_the_events_of_its_period_and_names_what_says_most(get, world):
    cells = get(GRID)["commitments"][0]["cells"]
    assert [(cell["events"], cell["event_type"]) for cell in cells] == [
        (0, None),
        (1, "participation"),
        (3, "contribution"),
        (2, "contrary"),
        (0, None),
        (1, "participation"),
        (0, None),
    ]


def test_the_grid_takes_the_filters_and_both_clocks(get, world):
    standing = get(f"{GRID}&kind=deliverable")["commitments"]
    assert [row["code"] for row in standing] == ["PLAN-1.2"]
    before = get(f"{GRID}&known_at=2026-06-30T00:00:00Z")["commitments"]
    assert {cell["status"] for row in before for cell in row["cells"]} == {"unassessed"}
    earlier = get(f"{GRID}&as_of=2022-03-15")
    assert earlier["periods"][-1] == {"period": "2022", "ends_on": "2022-03-15"}
    assert earlier["commitments"][0]["cells"][-1]["events"] == 2


def test_the_comparison_counts_what_it_lists(get, world):
    answer = get("status/compare/?plan=PLAN&from=2021-12-31")
    assert answer["from"] == "2021-12-31"
    assert answer["as_of"] == "2026-07-02"
    rows = {row.pop("code"): row for row in answer["commitments"]}
    said_of = {row["code"]: row for row in get("commitments/?plan=PLAN")["results"]}
    assert rows == {
        "PLAN-1.1": {
            "before": "active",
            "before_lapsed": False,
            "after": "partly_active",
            "after_lapsed": False,
            "movement": "worse",
            "after_gap": True,
            "criteria_changed": False,
            "last_action": said_of["PLAN-1.1"]["last_action"],
            "schedule": "none",
        },
        "PLAN-1.2": {
            "before": "unassessed",
            "before_lapsed": False,
            "after": "started",
            "after_lapsed": True,
            "movement": "lapsed",
            "after_gap": False,
            "criteria_changed": False,
            "last_action": said_of["PLAN-1.2"]["last_action"],
            "schedule": "none",
        },
        "PLAN-1.9": {
            "before": "unassessed",
            "before_lapsed": False,
            "after": "unassessed",
            "after_lapsed": False,
            "movement": "unchanged",
            "after_gap": False,
            "criteria_changed": False,
            "last_action": None,
            "schedule": "none",
        },
    }
    counted = Counter(row["movement"] for row in rows.values())
    assert {code: n for code, n in answer["counts"].items() if n} == counted


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("status/grid/?plan=PLAN", "by"),
        ("status/grid/?by=year", "plan"),
        ("status/grid/?plan=PLAN&by=week", "by"),
        ("status/compare/?plan=PLAN", "from"),
        ("status/compare/?plan=PLAN&from=2021", "from"),
        ("status/compare/?plan=PLAN&from=2026-07-03", "from"),
        ("status/compare/?plan=PLAN&from=2025-01-01&from=2025-02-01", "from"),
        ("status/compare/?from=2025-01-01", "plan"),
    ],
)
def test_what_is_missing_or_none_is_refused_with_its_name(api, plan, query, parameter):
    answer = api().get(f"/api/v1/{query}")
    assert answer.status_code == 400
    assert [error["parameter"] for error in answer.json()["errors"]] == [parameter]


def test_the_page_compares_as_the_api_does(get, flat, world):
    answer = get("status/compare/?plan=PLAN&from=2021-12-31")
    page = flat("/en/PLAN/time/?since=2021-12-31")
    assert f'<a href="#worse">{answer["counts"]["worse"]}</a> worsened' in page
    assert "after a gap" in page


@pytest.mark.parametrize("by", ["year", "month"])
def test_the_first_day_of_the_calendar_has_a_grid_without_events(get, world, by):
    grid = get(f"status/grid/?plan=PLAN&by={by}&as_of=0001-01-01")
    assert [cell["events"] for row in grid["commitments"] for cell in row["cells"]] == [0, 0, 0]
