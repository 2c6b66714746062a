"""Assessments in a plan whose assessments are rated blind."""

import pytest

from commitments.choices import Action, SecondRating
from commitments.exceptions import ActionRefused
from tests.steps import NOW, TODAY, perform, published, rated
from tests.workflow.assessing import AGAINST, IN_PART, NOT_SHOWN, SHOWN, assess, findings

# By what the author found. The duty has three criteria.
ALL = (SHOWN, SHOWN, SHOWN)
SOME = (SHOWN, IN_PART, NOT_SHOWN)
NOTHING = (NOT_SHOWN, NOT_SHOWN, NOT_SHOWN)
OPPOSED = (SHOWN, AGAINST, NOT_SHOWN)


def rate_blind(plan):
    """Have the assessments of a plan rated blind."""
    plan.second_rating = SecondRating.BLIND
    plan.save()
    return plan


def event_on(commitment, author, reviewer, **fields):
    """Publish an event with a report of an institute."""
    return published(commitment, author, reviewer, effective_on=TODAY, **fields)


def assessed(commitment, author, event, results=SOME, status="partly_active", at=NOW, **fields):
    """Submit an assessment that rests on an event, by default alone."""
    found = findings(*results, events=[event])
    update = assess(commitment, author, status, found, rests_on=[event.pk], at=at, **fields)
    return perform(update, Action.SUBMIT, author, at)


def rate(update, by, event, results=SOME, status=None, at=NOW):
    """Rate an assessment by the same event."""
    return rated(update, by, findings(*results, events=[event]), status, at)


def refused(update, by, action=Action.PUBLISH, **details):
    """Return the messages with which an action is refused."""
    with pytest.raises(ActionRefused) as refusal:
        perform(update, action, by, **details)
    return [problem.message for problem in refusal.value.problems]
