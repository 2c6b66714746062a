"""The page over time: which dates it offers, its numbers as a file, what it draws, and when
changes of status were published. What changed between two dates is in `test_compare`."""

import csv
import re
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.utils.html import strip_tags

from commitments.choices import Action, Kind
from commitments.models import ProgressUpdate
from commitments.pages.changes import MAX_MOVES, change_days
from tests import steps
from tests.factories import CommitmentFactory, GoalFactory
from tests.fixtures.plans import LOADED_AT

pytestmark = [
    pytest.mark.long,
    pytest.mark.alike,
    pytest.mark.django_db,
    pytest.mark.usefixtures("a_day_later"),
]

LATER = LOADED_AT + timedelta(hours=1)
TIME, FILE = "/en/PLAN/time/", "/en/PLAN/time.csv"


def rows_of(client, query=""):
    answer = client.get(f"{FILE}{query}")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer["Content-Disposition"]
    return list(csv.DictReader(answer.content.decode("utf-8-sig").splitlines()))


@pytest.fixture
def lapsed(duty, deliverable, reporter, reviewer):
    """A duty last assessed in 2022, and a deliverable assessed this year."""
    steps.published(duty, reporter, reviewer, status="active", effective_on=date(2022, 5, 1))
    day = date(2026, 1, 1)
    steps.published(deliverable, reporter, reviewer, status="started", effective_on=day)
    return duty


@pytest.mark.long
def test_the_usual_dates_are_links_if_the_plan_was_adopted_by_then(flat, lapsed):
    lapsed.plan.adopted_on = date(2025, 1, 15)
    lapsed.plan.save()
    page = flat(TIME)
    form = re.search(r'<form class="since offers".*?</form>', page)[0]
    assert re.findall(r"since=([\d-]+)", form) == ["2025-01-15"]
    assert '<strong aria-current="true">1 year</strong>' in form
    lapsed.plan.adopted_on = date(2017, 3, 1)
    lapsed.plan.save()
    form = re.search(r'<form class="since offers".*?</form>', flat(f"{TIME}?kind=standing"))[0]
    links = re.findall(r'href="([^"]+)"', form)
    assert [re.search(r"since=([\d-]+)", link)[1] for link in links] == ["2024-07-02", "2017-03-01"]
    assert all("kind=standing" in link for link in links)
    assert '<input type="hidden" name="kind" value="standing">' in form


def test_the_file_has_the_numbers_of_the_table(client, flat, lapsed):
    page = flat(TIME)
    tables = re.findall(r'<table class="numbers">(.*?)</table>', page)
    [standing] = [table for table in tables if "Standing duty · Counts as" in table]
    lines = [strip_tags(line).split() for line in re.findall(r"<tr>(.*?)</tr>", standing)[1:]]
    rows = [row for row in rows_of(client) if row["kind"] == Kind.STANDING]
    shown = [
        [row[name] for name in ("period", "tone_fulfilled", "tone_unknown", "lapsed")]
        for row in rows
    ]
    assert shown == lines
    assert shown[-1] == ["2026", "0", "1", "1"]
    assert rows[-1]["ends_on"] == "2026-07-02"
    assert rows[-1]["status_active"] == "1"
    assert rows[-1]["status_started"] == ""


def test_the_file_has_the_selection_and_clock_of_the_page(client, flat, lapsed):
    query = "?kind=deliverable&as_of=2026-06-30"
    [address] = re.findall(r'href="(/en/PLAN/time.csv[^"]*)"', flat(TIME + query))
    assert address == FILE + query
    rows = rows_of(client, query)
    assert {row["kind"] for row in rows} == {Kind.DELIVERABLE}
    assert rows[-1]["ends_on"] == "2026-06-30"


@pytest.mark.parametrize("query", ["?status=active", "?kind=duty", "?as_of=soon"])
def test_a_mistake_in_the_query_of_the_file_leads_to_the_page_that_says_so(client, lapsed, query):
    answer = client.get(FILE + query)
    assert (answer.status_code, answer["Location"]) == (302, TIME + query)
    assert "ignored" in client.get(answer["Location"]).content.decode()


def test_a_lapse_is_drawn_as_one_with_its_number(flat, lapsed):
    page = flat(TIME)
    columns = re.findall(r"<li>(.*?)</svg>(\d+)</a>", page)
    drawn = {year for column, year in columns if 'class="lapsed"' in column}
    assert drawn == {"2024", "2025", "2026"}
    assert "of which lapsed" in page
    last = [column for column, year in columns if year == "2026" and "lapsed" in column]
    assert ">1</text>" in last[0]


def test_moves_of_status_are_listed_by_the_day_of_publication(flat, lapsed, reporter, reviewer):
    update = steps.published(lapsed, reporter, reviewer, status="partly_active")
    steps.published(lapsed, reporter, reviewer)
    steps.perform(update, Action.RETRACT, reviewer, note="Wrong year.")
    page = flat(TIME).partition('id="published"')[2]
    assert re.findall(r'<time datetime="(\d{4}-\d\d-\d\d)">', page) == ["2026-07-01"]
    assert page.count("Assessed to") == 4
    assert "update withdrawn" in page
    assert "Event of" not in page


def test_changes_are_put_under_their_day_in_the_plans_time_zone_with_moves_first():
    def change(hour, changes_status):
        at = datetime(2026, 7, 1, tzinfo=UTC) + timedelta(hours=hour)
        return SimpleNamespace(decision=SimpleNamespace(at=at), changes_status=changes_status)

    newest, other, move, older = changes = [
        change(17, True),
        change(15, False),
        change(14, True),
        change(-9, False),
    ]
    days = change_days(changes, "Asia/Shanghai")
    assert [(day.day.isoformat(), day.moves, day.others) for day in days] == [
        ("2026-07-02", [newest], []),
        ("2026-07-01", [move], [other]),
        ("2026-06-30", [], [older]),
    ]


@pytest.mark.long
def test_only_the_latest_moves_are_listed(flat, lapsed, reporter, reviewer):
    for n in range(MAX_MOVES + 2):
        status = "active" if n % 2 else "partly_active"
        steps.published(lapsed, reporter, reviewer, status=status)
    assert flat(TIME).count('<p class="when') == MAX_MOVES


def test_moves_are_those_of_what_was_effective_on_the_day_shown(flat, lapsed, reporter, reviewer):
    day = date(2025, 3, 1)
    steps.published(lapsed, reporter, reviewer, status="partly_active", effective_on=day)
    assert flat(f"{TIME}?as_of=2025-03-01").count('<p class="when') == 2
    assert flat(f"{TIME}?as_of=2025-02-28").count('<p class="when') == 1


def test_what_was_loaded_from_a_file_is_no_move(flat, load_record, reviewer):
    load_record("2.2")
    page = "/en/ISCC/time/?as_of=2026-07-01"
    assert 'id="published"' not in flat(page)
    for loaded in ProgressUpdate.objects.filter(status__isnull=False).latest_first():
        steps.perform(loaded, Action.RETRACT, reviewer, LATER, note="Wrong year.")
    [moves] = re.findall('id="published".*', flat(page))
    assert "update withdrawn" in moves


def test_moves_are_those_of_the_selection(flat, lapsed, reporter, reviewer):
    other = CommitmentFactory(plan=lapsed.plan, number="7", position=7)
    other.goal = GoalFactory(plan=lapsed.plan, number=7)
    other.save()
    steps.published(other, reporter, reviewer, status="active")
    assert flat(f"{TIME}?goal=7").count('<p class="when') == 1


@pytest.mark.parametrize(("query", "most"), [("", 12), ("?goal=1", 12)])
def test_the_page_costs_few_queries(client, lapsed, query, most, django_assert_max_num_queries):
    GoalFactory(plan=lapsed.plan, number=1)
    with django_assert_max_num_queries(most):
        client.get(f"{TIME}{query}")
