"""Queries over tables of a million rows do not depend on how a database joins them: what belongs to
a plan, or to what readers follow, is found first."""

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from commitments.choices import Action, SubjectType
from commitments.clocks import Clock
from commitments.db import row_count
from commitments.filters import ChangeFilter, UpdateFilter
from commitments.links.checks import count_checked
from commitments.models import (
    Commitment,
    Decision,
    Evidence,
    Finding,
    Forum,
    Plan,
    PlanFile,
    ProgressUpdate,
)
from commitments.models.querysets.words import SAMPLE, by_frequency
from commitments.roles import ANONYMOUS
from commitments.search import RecordSearch
from commitments.texts.search_terms import search_terms
from commitments.verification.updates import lost_updates
from tests.factories import GoalFactory
from tests.steps import NOW, published

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

JOIN = 'JOIN "commitments_commitment"'


def test_contents_that_changed_a_commitment_are_not_looked_for_at_each_decision(duty):
    rows = Decision.objects.about(Commitment.objects.filter(plan=duty.plan), SubjectType.GOAL, [])
    assert "EXISTS" not in str(rows.query)


def test_the_decisions_on_a_few_commitments_are_found_by_index(duty):
    # PostgreSQL would look through all decisions for one of several alternatives.
    assert " OR " not in str(Decision.objects.about_each([duty.pk]).query)


@pytest.mark.parametrize("chosen", ["goal=1", "forum=FORUM"])
def test_the_changes_of_a_plans_goal_or_forum_are_not_looked_for_in_other_plans(
    chosen, duty, forum
):
    GoalFactory(plan=duty.plan, number=1)
    query = QueryDict(f"{chosen}&plan={duty.plan.code}")
    rows = ChangeFilter(query, Decision.objects.all()).qs
    # Of the decisions, and of the commitments that they are about or changed.
    assert str(rows.query).count('"plan_id" IN') == 3


def test_the_updates_of_a_plan_are_those_of_its_commitments(duty):
    query = QueryDict(f"plan={duty.plan.code}")
    rows = UpdateFilter(query, ProgressUpdate.objects.all(), now=NOW, user=ANONYMOUS).qs
    assert JOIN not in str(rows.query)


@pytest.mark.parametrize("of", ["", "forums/FORUM/"])
def test_the_last_action_on_a_badge_is_not_looked_for_in_other_plans(of, duty, forum, client):
    duty.partnerships.create(forum=forum, quote={"en": "the forum"})
    with CaptureQueriesContext(connection) as captured:
        assert client.get(f"/embed/en/{duty.plan.code}/{of}badge.svg").status_code == 200
    [newest] = [row["sql"] for row in captured if '"effective_on" DESC' in row["sql"]]
    assert '"commitment_id" IN (SELECT' in newest


def test_the_list_of_plan_files_does_not_read_them(duty, administrator, signed_in):
    PlanFile.objects.create(plan=duty.plan, at=NOW, sha256="0" * 64, document={"code": "PLAN"})
    with CaptureQueriesContext(connection) as captured:
        signed_in(administrator).get("/admin/commitments/planfile/")
    assert not [row for row in captured if '"document"' in row["sql"]]


def test_a_forum_that_is_found_is_not_looked_for_in_all_updates(duty):
    periods = Plan.objects.review_periods(Clock(NOW))
    search = RecordSearch(search_terms("lighthouse"), [duty.plan], Clock(NOW), periods)
    sql = str(search.forums().query)
    assert '"commitments_progressupdate_forums"' in sql
    assert 'JOIN "commitments_progressupdate_forums"' not in sql


def test_the_links_of_a_plan_are_those_of_its_commitments(duty, django_assert_num_queries):
    with django_assert_num_queries(1) as captured:
        count_checked(duty.plan)
    assert JOIN not in captured[0]["sql"]


def test_the_evidence_at_a_forum_is_not_that_of_all_its_updates(forum):
    rows = Evidence.objects.at_forums(Forum.objects.all(), ANONYMOUS)
    assert "EXISTS" in str(rows.query)
    assert '"update_id" IN' not in str(rows.query)


def test_the_words_of_texts_for_forums_are_not_read_forum_by_forum(duty, django_assert_num_queries):
    with django_assert_num_queries(1) as captured:
        Forum.objects.search_terms("lighthouse")
    # An index of the column would lead SQLite to read the texts one by one.
    assert 'DISTINCT ("commitments_partnership"."forum_id" + 0)' in captured[0]["sql"]


def test_how_frequent_a_word_is_is_asked_of_the_newest_rows_alone(db, django_assert_num_queries):
    with django_assert_num_queries(1) as captured:
        by_frequency([Commitment, Evidence], search_terms("lighthouse"))
    # PostgreSQL takes the ids above a number that it has yet to find for a third of the table.
    assert captured[0]["sql"].count(f"LIMIT {SAMPLE}") == 2
    assert '"id" > ' not in captured[0]["sql"]


def test_forums_are_counted_one_by_one(duty, django_assert_num_queries):
    with django_assert_num_queries(2) as captured:
        list(Forum.objects.with_commitment_count())
        list(Forum.objects.named_in_plans([duty.plan]))
    # A join would group every forum's commitments by all columns of the forum.
    assert not any('JOIN "commitments_partnership"' in query["sql"] for query in captured)


def test_the_interval_of_a_plan_is_read_from_its_own_contents(duty, django_assert_num_queries):
    with django_assert_num_queries(1) as captured:
        Plan.objects.moved_intervals(Clock(NOW, known_at=NOW))
    # Of all decisions on a plan, few recorded a content of the plan itself.
    assert '"plan_id"' not in captured[0]["sql"]


def test_rows_are_counted_without_the_tables_of_their_other_columns(
    duty, django_assert_num_queries
):
    rows = Commitment.objects.at(Clock(NOW)).values("id")
    with django_assert_num_queries(1) as captured:
        assert row_count(rows) == 1
    with connection.cursor() as cursor:
        explain = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
        cursor.execute(f"{explain} {captured[0]['sql']}")
        plan = str(cursor.fetchall())
    assert "commitments_commitment" in plan
    assert "commitments_progressupdate" not in plan


def test_findings_and_forums_are_not_read_from_all_published_updates(duty):
    # An index has the states of updates; a negated condition is not answered by it.
    findings = Finding.objects.filter(update__in=[1, 2]).with_public_content()
    for rows in (findings, Plan.objects.filter(code=duty.plan.code).with_parts()):
        conditions = re.findall(r'(NOT \(+)?"?\w+"?\."state" IN', str(rows.query))
        assert conditions
        assert all(conditions)


def test_whose_an_update_is_is_asked_of_those_alone_that_were_never_published(reviewer):
    sql = str(ProgressUpdate.objects.visible_to(reviewer).query)
    states, whose = sql.partition(" WHERE ")[2].split(" OR EXISTS", 1)
    assert states.startswith('(NOT ("commitments_progressupdate"."state" IN')
    assert '"author_id"' in whose
    assert "JOIN" not in sql.partition(" WHERE ")[0]


def test_the_hidden_updates_are_found_once_for_all_evidence_and_decisions(reviewer):
    for rows in (Evidence.objects.all(), Decision.objects.all()):
        where = str(rows.visible_to(reviewer).query).partition(" WHERE ")[2]
        assert re.match(r'\(?NOT \("\w+"\."update_id" IN \(SELECT', where)


def test_what_was_recorded_lately_is_found_from_the_end_of_the_ledger(duty, reporter, reviewer):
    day = {"effective_on": date(2026, 6, 1)}
    published(duty, reporter, reviewer, NOW - timedelta(days=2), **day)
    latest = published(duty, reporter, reviewer, NOW, **day).decisions.get(action=Action.PUBLISH)
    rows = Decision.objects.filter(action=Action.PUBLISH)
    assert rows.recorded_since(latest.at).get() == latest
    assert rows.recorded_since(latest.at - timedelta(days=1)).get() == latest
    assert rows.recorded_since(latest.at + timedelta(seconds=1)).count() == 0
    assert rows.recorded_since(latest.at - timedelta(days=9)).count() == 2
    assert "DESC LIMIT 1" in str(rows.recorded_since(NOW).query)


def test_which_commitments_were_added_later_is_one_condition(duty):
    # PostgreSQL finds those first; of several alternatives it asks for each commitment.
    sql = str(Commitment.objects.in_plan_by(Clock(NOW, known_at=NOW)).query)
    assert sql.partition(" WHERE ")[2].startswith("NOT EXISTS(")
    assert " OR EXISTS" not in sql


def test_what_is_missing_is_not_looked_for_in_lists_of_all_updates(db, django_assert_num_queries):
    with django_assert_num_queries(2) as captured:
        assert list(lost_updates()) == []
    # PostgreSQL would read a list that is too long for its memory again for each row.
    assert not any(" IN (SELECT" in query["sql"] for query in captured)
