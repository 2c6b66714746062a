"""What the page of a commitment reads: in few queries, and the same as what others read."""

import re
from datetime import date

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import transaction
from django.test import RequestFactory
from hypothesis import given, settings

from commitments import ledger
from commitments.models import Partnership, ProgressUpdate
from commitments.pages.commitments import CommitmentPage
from commitments.workflow import FindingFields
from tests.examples import examples
from tests.factories import (
    CriterionFactory,
    ForumFactory,
    GoalFactory,
    MilestoneFactory,
    OfficeFactory,
)
from tests.steps import NOW, REPORT, RESOLUTION, published
from tests.words import en_zh
from tests.workflow.player import EVERY_EXAMPLE, EXAMPLE, Player

DUTY, DELIVERABLE = "/en/PLAN/commitments/1.1/", "/en/PLAN/commitments/1.2/"
KNOWN_AT = "?known_at=2026-07-01T04:00:00Z"

few_and_many = pytest.mark.parametrize("count", [1, 12])


@pytest.fixture
def tell(reporter, reviewer):
    """`tell(commitment, status, count, **fields)` publishes so many events and assessments that
    rest on them, with all that updates can name."""

    def tell(commitment, status, count, **fields):
        for number in range(count):
            forum = ForumFactory(code=f"F{number}")
            Partnership.objects.create(commitment=commitment, forum=forum)
            named = {"forums": [forum], "evidence": [REPORT, RESOLUTION], **fields}
            event = published(commitment, reporter, reviewer, criteria=["a"], **named)
            findings = {key: FindingFields("shown", [event.pk]) for key in "ab"}
            published(commitment, reporter, reviewer, status=status, findings=findings, **named)

    return tell


def with_criteria(commitment):
    for key in "ab":
        CriterionFactory(commitment=commitment, key=key)
    return commitment


@pytest.mark.alike
@few_and_many
@pytest.mark.usefixtures("a_day_later")
@pytest.mark.parametrize(
    ("query", "most"), [("", 10), pytest.param(KNOWN_AT, 11, marks=pytest.mark.long)]
)
def test_the_page_costs_few_queries(
    client, duty, tell, count, query, most, django_assert_max_num_queries
):
    duty.supporting_goals.add(GoalFactory(plan=duty.plan))
    tell(with_criteria(duty), "active", count)
    with django_assert_max_num_queries(most):
        page = client.get(f"{DUTY}{query}").text
    assert page.count('id="update-') == 2 * count


@pytest.mark.alike
@pytest.mark.parametrize(("with_forum", "queries"), [(False, 5), (True, 6)])
def test_without_updates_and_forums_there_is_less_to_read(
    client, duty, with_forum, queries, django_assert_num_queries
):
    if with_forum:
        Partnership.objects.create(commitment=duty, forum=ForumFactory())
    with django_assert_num_queries(queries):
        client.get(DUTY)


@pytest.mark.long
@pytest.mark.alike
@few_and_many
@pytest.mark.usefixtures("a_day_later")
@pytest.mark.parametrize(("query", "most"), [("", 12), (KNOWN_AT, 13)])
def test_offices_and_dates_cost_a_query_each(
    client, deliverable, tell, count, query, most, django_assert_max_num_queries
):
    deliverable.supporting_goals.add(GoalFactory(plan=deliverable.plan))
    milestone = MilestoneFactory(commitment=deliverable, key="m1", due_on=date(2026, 6, 30))
    tell(with_criteria(deliverable), "completed", count, meets=[milestone.key])
    deliverable.supporting_offices.add(OfficeFactory(code="HELP"))
    with django_assert_max_num_queries(most):
        page = client.get(f"{DELIVERABLE}{query}").text
    assert page.count("Meets milestones: m1") == 2 * count
    assert ("HELP" in page, "met 1 July 2026" in page) == (True, True)


@pytest.mark.alike
@pytest.mark.usefixtures("a_day_later")
def test_what_is_no_longer_in_use_is_shown_where_updates_name_it_only(
    get_page, deliverable, reporter, reviewer
):
    with_criteria(deliverable).criteria.filter(key="b").update(retired_at=NOW)
    for key in ("m1", "m2"):
        MilestoneFactory(commitment=deliverable, key=key, title=en_zh(f"Step {key}"))
    published(deliverable, reporter, reviewer, criteria=["a", "b"], meets=["m1", "m2"])
    deliverable.known_dates.filter(milestone__key="m2").update(known_until=NOW)
    page = get_page(DELIVERABLE)
    assert "Bears on criteria: a and b<" in page
    assert "Meets milestones: m1 and m2<" in page
    said = "This milestone has been dropped since."
    assert f"m2: Step m2 · {said}" in page
    assert (page.count("Step m1"), page.count("Step m2"), page.count(said)) == (1, 1, 1)
    assert re.findall(r'<span class="key">(\w+)</span>', page) == ["a"]


def page_of(number, clock):
    """Return the page of a commitment under a clock, as it is before it answers."""
    page = CommitmentPage()
    parameters = {name: value.isoformat() for name, value in clock.items()}
    page.setup(RequestFactory().get("/", parameters), plan="PLAN", number=number)
    return page


def in_any_order(record):
    """Return the parts of a record; milestones have no order."""
    dates = sorted(map(str, record.dates.milestones))
    return vars(record) | {"dates": (record.dates.due_on, record.dates.ends_on, dates)}


def named_by(update):
    """Return what an update names, by relation."""
    return {
        "forums": {forum.code for forum in update.forums.all()},
        "criteria": {row.key for row in update.criteria.all()},
        "meets": {row.key for row in update.meets.all()},
        "bases": {(row.pk, row.event_id, row.event.chain_id) for row in update.bases.all()},
        "findings": [
            (row.pk, row.criterion, row.result, {event.pk for event in row.events.all()})
            for row in update.findings.all()
        ],
    }


def compare(page):
    read = page.read_record([page.commitment.pk])[page.commitment.pk]
    assert in_any_order(page.dated_record) == in_any_order(read)
    for update in page.updates:
        other = ProgressUpdate.objects.get(pk=update.pk)
        assert named_by(update) == named_by(other)
        version = ledger.current_version()
        assert ledger.canonical_content(update, version) == ledger.canonical_content(other, version)


@pytest.mark.alike
@pytest.mark.usefixtures("a_day_later")
def test_the_page_reads_actions_that_were_moved_beyond_its_day(duty, reporter, reviewer):
    event = published(duty, reporter, reviewer, effective_on=date(2026, 3, 10))
    fields = {"event_type": None, "rests_on": [event.pk], "covers_from": date(2026, 1, 1)}
    day, moved = date(2026, 3, 31), date(2026, 5, 10)
    published(duty, reporter, reviewer, status="active", effective_on=day, **fields)
    published(duty, reporter, reviewer, corrects=event, effective_on=moved)
    page = page_of(duty.number, {"as_of": day})
    [assessment] = page.dated_record.assessments
    assert assessment.acted_on == moved
    compare(page)


@pytest.mark.long
@pytest.mark.alike
@settings(max_examples=examples(20), **EVERY_EXAMPLE)
@given(**EXAMPLE)
def test_the_page_reads_what_others_read_after_any_history(
    reporter, reviewer, curator, zone, interval, history, readings
):
    people = (User.objects.get(pk=who.pk) for who in (reporter, reviewer, curator))
    with transaction.atomic():
        player = Player(zone, interval, *people)
        for event in history:
            player.play(event)
        with time_machine.travel(player.now(), tick=False):
            for clock in [{}, *map(player.clock, readings)]:
                for number in player.rows:
                    compare(page_of(number, clock))
        transaction.set_rollback(True)
