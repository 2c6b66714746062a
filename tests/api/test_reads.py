"""Answers from queries and serializers that a process keeps: each is that of its own request."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from commitments.clocks import Clock
from commitments.models import Partnership
from commitments.texts.text import Text
from tests import steps
from tests.factories import CommitmentFactory, CriterionFactory, ForumFactory, GoalFactory
from tests.steps import NOW

pytestmark = pytest.mark.usefixtures("noon")

DAYS_UNTIL_LAPSED = 3 * 366


def test_what_belongs_to_a_commitment_keeps_its_order_and_that_of_its_languages(get, api, duty):
    """PostgreSQL's `jsonb` would put the shorter tag first."""
    for number in (12, 9):
        duty.supporting_goals.add(GoalFactory(plan=duty.plan, number=number))
    for code in ("ZULU", "ALPHA"):
        forum = ForumFactory(code=code, name=Text({"zh-Hans": "论坛", "en": code, "zh": "论坛"}))
        Partnership.objects.create(commitment=duty, forum=forum)
    for position, key in ((2, "a"), (1, "b")):
        quote = Text({"zh-Hans": "参与", "en": "take part"})
        CriterionFactory(commitment=duty, key=key, position=position, quote=quote)
    [row] = get("commitments/")["results"]
    assert row == get("commitments/PLAN-1.1/")
    assert row["supporting_goals"] == [9, 12]
    assert [forum["code"] for forum in row["forums"]] == ["ZULU", "ALPHA"]
    assert [criterion["key"] for criterion in row["criteria"]] == ["b", "a"]
    assert list(row["forums"][0]["name"]) == ["zh-Hans", "en", "zh"]
    assert list(row["criteria"][0]["quote"]) == ["zh-Hans", "en"]


@pytest.mark.alike
def test_freshness_is_that_of_the_day_on_which_it_is_asked_for(get, noon, duty, reporter, reviewer):
    steps.published(duty, reporter, reviewer, status="active")
    answers = []
    for days in (0, DAYS_UNTIL_LAPSED, 0):
        noon.move_to(NOW + timedelta(days=days))
        for path in ("commitments/", "commitments/PLAN-1.1/"):
            answer = get(path)
            [row] = answer.get("results", [answer])
            answers.append(row["status"]["freshness"])
    assert answers == ["current", "current", "lapsed", "lapsed", "current", "current"]


@pytest.mark.alike
def test_addresses_are_those_at_which_the_caller_asked(api, duty, settings):
    settings.ALLOWED_HOSTS = ["*"]
    hosts = []
    for host in ("one.example", "two.example", "one.example"):
        [row] = api().get("/api/v1/commitments/", HTTP_HOST=host).json()["results"]
        hosts.append(row["url"].split("/")[2])
    assert hosts == ["one.example", "two.example", "one.example"]


@pytest.mark.alike
@pytest.mark.parametrize(("page_size", "queries"), [(1, 5), (2, 5), (3, 4), (4, 4)])
def test_rows_are_counted_only_if_the_first_page_does_not_tell_how_many_there_are(
    api, duty, page_size, queries
):
    for number in ("1.2", "1.3"):
        CommitmentFactory(plan=duty.plan, number=number)
    with CaptureQueriesContext(connection) as asked:
        answer = api().get(f"/api/v1/commitments/?page_size={page_size}").json()
    assert (answer["count"], len(asked)) == (3, queries)
    assert (answer["next"] is None) == (page_size >= 3)


@pytest.mark.alike
@pytest.mark.parametrize("query", ["", "&freshness=lapsed", "&ordering=-last_action"])
def test_commitments_are_selected_and_counted_without_their_updates(api, deliverable, duty, query):
    with CaptureQueriesContext(connection) as asked:
        api().get(f"/api/v1/commitments/?page_size=1{query}").json()
    selecting = [
        row["sql"]
        for row in asked
        if row["sql"].startswith(("SELECT COUNT(", 'SELECT "commitments_commitment"."id" AS'))
    ]
    assert selecting
    assert [sql for sql in selecting if "commitments_progressupdate" in sql] == []


@pytest.mark.alike
@pytest.mark.parametrize(
    "clock",
    [
        Clock(NOW),
        Clock(NOW, as_of=date(2025, 1, 1)),
        Clock(NOW, known_at=NOW - timedelta(days=9)),
    ],
)
def test_the_clock_of_a_day_differs_by_the_time_alone(clock):
    later = Clock(NOW + timedelta(hours=1), clock.as_of, clock.known_at)
    assert clock.of_day == later.of_day
    assert (clock.of_day.as_of, clock.of_day.known_at) == (clock.as_of, clock.known_at)
    assert clock.of_day.day("UTC") == clock.day("UTC")
