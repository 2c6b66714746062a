"""What an update more or less does to roll-ups, and what it leaves as it was."""

from datetime import timedelta
from itertools import product

import pytest

from commitments.choices import Action, Kind
from commitments.clocks import Clock
from commitments.models import Partnership
from commitments.rollups import GROUPINGS
from tests.examples import sampled
from tests.factories import AreaFactory, CommitmentFactory, GoalFactory
from tests.rollups.reports import report_at
from tests.steps import NOW, TODAY, perform, published

pytestmark = pytest.mark.alike


@pytest.fixture
def make(plan, forum):
    """`make()` creates a duty with a goal, an area and a partner forum."""
    goal, area = GoalFactory(plan=plan), AreaFactory(plan=plan)

    def make():
        commitment = CommitmentFactory(plan=plan, goal=goal, area=area)
        Partnership.objects.create(commitment=commitment, forum=forum)
        return commitment

    return make


def report(group_by):
    return report_at(Clock(NOW), group_by)


def figures(result):
    """Return the figures of all groups, by key and kind."""
    groups = [result.total, *result.groups]
    return {(group.key, kind): vars(group.kinds[kind]) for group in groups for kind in Kind}


def differing(before, after):
    return {name for key in before for name in before[key] if before[key][name] != after[key][name]}


# A quick run has every age with one grouping, and every grouping with one age.
AGES = sampled(
    product(GROUPINGS, [100, 366, 0, 3000]),
    kind=lambda group_by, age: (group_by, age if group_by == "goal" else None),
)


@pytest.mark.parametrize(("group_by", "age"), AGES)
def test_an_event_more_moves_at_most_the_number_that_acted(
    group_by, age, make, forum, reporter, reviewer
):
    """And a retraction of it moves that back."""
    assessed, other = make(), make()
    published(assessed, reporter, reviewer, status="active")
    states = [figures(report(group_by))]
    day = TODAY - timedelta(days=age)
    event = published(other, reporter, reviewer, effective_on=day, forums=[forum])
    states.append(figures(report(group_by)))
    perform(event, Action.RETRACT, reviewer, note="Wrong.")
    states.append(figures(report(group_by)))
    assert differing(states[0], states[1]) == ({"acted"} if age <= 365 else set())
    assert states[2] == states[0]


def test_a_retraction_may_revive_an_older_assessment_and_moves_nothing_else(
    make, reporter, reviewer
):
    first, second = make(), make()
    published(first, reporter, reviewer, status="active")
    day = TODAY - timedelta(days=9)
    published(second, reporter, reviewer, status="partly_active", effective_on=day)
    before = figures(report(None))
    newer = published(second, reporter, reviewer, status="inactive", event_type=None)
    assert differing(before, figures(report(None))) == {"counts", "tones"}
    perform(newer, Action.RETRACT, reviewer, note="Wrong.")
    assert figures(report(None)) == before


def test_withdrawing_what_an_assessment_rests_on_only_widens_the_bounds(make, reporter, reviewer):
    commitment = make()
    event = published(commitment, reporter, reviewer)
    fields = {"event_type": None, "rests_on": [event.pk]}
    published(commitment, reporter, reviewer, status="active", **fields)
    duties = report(None).total.kinds[Kind.STANDING]
    assert (duties.fulfilled, duties.reading) == ((1, 1), "fulfilled")
    perform(event, Action.RETRACT, reviewer, note="Wrong.")
    duties = report(None).total.kinds[Kind.STANDING]
    assert (duties.fulfilled, duties.reading) == ((0, 1), "unknown")
    assert duties.acted == {"any": 0, "beyond_statements": 0}
