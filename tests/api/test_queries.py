"""How many queries each answer costs, and how long they are: pinned, and the same for three rows
and for twelve, for two plans and for two hundred.

A number that goes down may be written down; one that goes up, or that grows with the rows or the
plans, is a mistake.
"""

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from commitments.choices import Role
from commitments.clocks import Clock
from commitments.ledger.proofs.checkpoints import sign_checkpoint
from commitments.models import Partnership, Plan
from commitments.workflow import work_queue
from tests import steps
from tests.api.writing import EVENT, Writer, add_what_is_named, assessment, naming_event
from tests.factories import (
    AreaFactory,
    CommitmentFactory,
    CriterionFactory,
    ForumFactory,
    GoalFactory,
    MeetingFactory,
    MilestoneFactory,
    OfficeFactory,
    PlanFactory,
    UserFactory,
)
from tests.steps import NOW, record_loaded

pytestmark = [pytest.mark.alike, pytest.mark.usefixtures("noon")]

CLOCK = "known_at=2026-07-01T04:00:00Z"

# Path, then the queries of an anonymous reader, and of a reviewer, whose roles and offices are
# read where they matter.
TABLE = [
    ("", 0, 0),
    ("plans/", 2, 2),
    ("plans/PLAN/", 2, 2),
    ("goals/", 2, 2),
    ("goals/?plan=PLAN", 3, 3),
    ("areas/", 2, 2),
    ("forums/", 2, 1),
    ("forums/?plan=PLAN", 3, 3),
    ("forums/FORUM-1/", 2, 1),
    ("offices/", 2, 1),
    ("offices/OFFICE-1/", 2, 1),
    ("milestones/", 3, 3),
    ("milestones/?plan=PLAN&commitment=PLAN-1", 4, 4),
    ("meetings/", 5, 5),
    ("meetings/?plan=PLAN&forum=FORUM-1", 11, 11),
    ("codes/", 1, 0),
    ("problems/", 1, 0),
    ("problems/not-found/", 1, 0),
    ("ledger/head/", 2, 1),
    ("commitments/", 4, 4),
    ("commitments/?plan=PLAN", 4, 4),
    (f"commitments/?{CLOCK}", 5, 5),
    ("commitments/?plan=PLAN&goal=1&serves=1&area=1&forum=FORUM-1&office=OFFICE-1", 9, 9),
    ("commitments/?status=active&freshness=current&q=forum&ordering=status", 5, 5),
    ("commitments/PLAN-1/", 4, 4),
    (f"commitments/PLAN-1/?{CLOCK}", 5, 5),
    ("commitments/PLAN-1/history/", 3, 3),
    ("contents/", 2, 1),
    ("contents/commitment/PLAN-1/", 2, 1),
    ("updates/", 6, 8),
    (f"updates/?{CLOCK}", 8, 9),
    ("updates/?plan=PLAN&commitment=PLAN-1&goal=1&forum=FORUM-1&q=meeting", 12, 13),
    ("updates/{update}/", 6, 7),
    ("updates/{update}/content/", 10, 9),
    ("ledger/", 2, 1),
    ("ledger/checkpoint/", 2, 2),
    ("ledger/key/", 1, 1),
    ("ledger/proof/?seq=1", 4, 4),
    ("ledger/consistency/?from=1", 3, 3),
    ("ledger/tile/0/000.p/1", 2, 2),
    ("updates/{update}/proof/", 4, 4),
    ("evidence/", 3, 3),
    (
        "evidence/?plan=PLAN&commitment=PLAN-1&forum=FORUM-1&publisher=The%20institute&q=meeting",
        8,
        8,
    ),
    ("evidence/?kind=resolution&source=official&link=unchecked", 3, 3),
    ("evidence/{item}/", 3, 3),
    ("status/", 3, 3),
    ("status/?plan=PLAN&group_by=goal", 4, 4),
    ("status/?plan=PLAN&group_by=area", 4, 4),
    ("status/grid/?plan=PLAN&by=year", 7, 7),
    ("status/compare/?plan=PLAN&from=2025-07-01", 7, 7),
    ("status/report/?plan=PLAN&from=2025-07-01", 17, 17),
    ("status/agreement/?plan=PLAN", 3, 3),
    ("status/?group_by=kind", 3, 3),
    ("status/?group_by=forum", 5, 5),
    ("status/?group_by=office", 6, 6),
    (f"status/?group_by=forum&{CLOCK}", 6, 6),
]


# Path, then the most characters of SQL that all queries of the answer may have together.
SQL_TABLE = [
    ("commitments/", 23_500),
    (f"commitments/?{CLOCK}", 53_000),
    ("commitments/?active_at=FORUM-1&tone=partial&coverage=dead_links", 14_500),
    ("status/", 8_500),
    ("status/?group_by=forum", 11_000),
    (f"status/?group_by=forum&{CLOCK}", 24_500),
    (f"updates/?{CLOCK}", 15_500),
    ("forums/", 3_000),
    # The days on which something becomes due, on top of what a list shows.
    ("needs_attention", 33_000),
]


def add_rows(numbers, plan, reporter, reviewer):
    """For each number one of everything, each tied to the others of that number."""
    for n in numbers:
        forum = ForumFactory(code=f"FORUM-{n}", parent=ForumFactory(code=f"PARENT-{n}"))
        office = OfficeFactory(code=f"OFFICE-{n}")
        office.members.add(reporter)
        goal, area = GoalFactory(plan=plan, number=n), AreaFactory(plan=plan, number=n)
        PlanFactory(code=f"PLAN_{n}")
        commitment = CommitmentFactory(
            plan=plan, number=f"{n}", position=n, goal=goal, area=area, lead_office=office
        )
        commitment.supporting_goals.add(goal)
        commitment.supporting_offices.add(office)
        Partnership.objects.create(commitment=commitment, forum=forum)
        MilestoneFactory(commitment=commitment)
        MeetingFactory(forum=forum, public=True)
        CriterionFactory(commitment=commitment)
        story = {"forums": [forum], "evidence": (steps.REPORT, steps.RESOLUTION, steps.INTERNAL)}
        author = User.objects.get(pk=reporter.pk)
        first = steps.published(commitment, author, reviewer, status="active", **story)
        if n % 3 == 0:
            steps.submitted(commitment, author, corrects=first, **story)
        steps.retracted(commitment, author, reviewer, **story)


def queries_of(client, path):
    """The queries of an answer."""
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(f"/api/v1/{path}")
    assert answer.status_code == 200, (path, answer.content)
    return queries


def cost(client, path):
    return len(queries_of(client, path))


def sql_length(read):
    """The characters of the statements with which something is read; each parameter is two."""
    lengths = []

    def run(execute, sql, *arguments):
        lengths.append(len(sql))
        return execute(sql, *arguments)

    with connection.execute_wrapper(run):
        read()
    return sum(lengths)


@pytest.mark.parametrize("count", [3, pytest.param(12, marks=pytest.mark.long)])
def test_an_answer_costs_the_same_queries_for_three_rows_and_for_twelve(
    api, plan, reporter, reviewer, count, ledger_key
):
    add_rows(range(1, count + 1), plan, reporter, reviewer)
    record_loaded(plan)
    sign_checkpoint(ledger_key, NOW)
    first = plan.commitments.first().updates.first()
    item = first.evidence.first()
    rows = []
    for path, *_expected in TABLE:
        address = path.format(update=first.pk, item=item.pk)
        # A fresh person: what is known of one lives as long as a request.
        fresh = User.objects.get(pk=reviewer.pk)
        rows.append((path, cost(api(), address), cost(api(fresh), address)))
    assert rows == TABLE
    assert cost(api(User.objects.get(pk=reviewer.pk)), "me/") == 6
    assert len(api().get("/api/v1/commitments/").json()["results"]) == count


@pytest.mark.parametrize("count", [2, pytest.param(9, marks=pytest.mark.long)])
def test_what_a_curator_may_do_with_drafts_costs_the_same_for_few_authors_and_for_many(
    api, duty, curator, count
):
    for _number in range(count):
        steps.draft(duty, UserFactory(roles=[Role.REPORTER]))
    answer = queries_of(api(User.objects.get(pk=curator.pk)), "updates/?state=draft")
    assert len(answer) == 8


@pytest.mark.long
def test_the_sql_is_as_long_for_two_hundred_plans_as_for_two(
    api, plan, reporter, reviewer, curator
):
    def add_plans(numbers):
        """In two time zones, with two review intervals, of which each had the other at first."""
        for n in numbers:
            zone = ("Asia/Shanghai", "America/New_York")[n % 2]
            now, before = ((365, 90), (90, 365))[n % 2]
            added = PlanFactory(code=f"MANY_{n}", time_zone=zone, review_interval_days=before)
            record_loaded(added)
            Plan.objects.filter(pk=added.pk).update(review_interval_days=now)

    def lengths():
        paths = [path for path, _most in SQL_TABLE if "/" in path]
        answers = {path: sql_length(lambda path=path: queries_of(api(), path)) for path in paths}
        clock, person = Clock(NOW), User.objects.get(pk=curator.pk)
        for rows in (work_queue.needs_attention, work_queue.milestones_ahead):
            answers[rows.__name__] = sql_length(lambda rows=rows: list(rows(person, clock)))
        return answers

    add_rows(range(1, 4), plan, reporter, reviewer)
    add_plans(range(2))
    with_two = lengths()
    add_plans(range(2, 200))
    with_two_hundred = lengths()
    assert with_two_hundred == with_two
    assert {path: n for path, n in with_two.items() if n > dict(SQL_TABLE).get(path, 23_000)} == {}


# What is written, then the statements that create, submit and publish it.
WRITES = {
    "event": (11, 12, 15),
    "event that names everything": (19, 13, 16),
    "assessment": (16, 17, 20),
    "correction": (12, 12, 19),
}


@pytest.mark.parametrize("count", [1, pytest.param(9, marks=pytest.mark.long)])
def test_a_write_costs_the_same_queries_for_few_rows_and_for_many(
    client, office_duty, colleague, reviewer, forum, count
):
    add_what_is_named(office_duty)
    events = [steps.published(office_duty, colleague, reviewer) for _number in range(count)]
    bodies = {
        "event": EVENT,
        "event that names everything": naming_event(forum, count=count),
        "assessment": assessment(events),
        "correction": EVENT | {"corrects": events[0].pk},
    }
    writer = Writer(client, colleague=colleague, reviewer=reviewer)
    costs = {}
    for name, body in bodies.items():
        writer.counts = []
        answer = writer.act("colleague", "submit", writer.create("colleague", body))
        writer.act("reviewer", "publish", answer)
        costs[name] = tuple(writer.counts)
    assert costs == WRITES
