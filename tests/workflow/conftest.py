from datetime import timedelta

import pytest

from commitments.choices import Action
from tests.steps import NOW, perform, published
from tests.workflow.reader import Reader

HOUR = timedelta(hours=1)


@pytest.fixture
def reader_of(api, duty):
    """`reader_of(first=…, second=…)` is a reader with these names for the updates."""
    return lambda **updates: Reader(api(), updates)


@pytest.fixture
def publish(duty, reporter, reviewer):
    """`publish("active", hours, corrects=…)` publishes on the duty, so many hours after NOW."""

    def publish(status, hours=0, **fields):
        at = NOW + hours * HOUR
        return published(duty, reporter, reviewer, at, status=status, **fields)

    return publish


@pytest.fixture
def retract(reviewer):
    def retract(update, hours):
        return perform(update, Action.RETRACT, reviewer, NOW + hours * HOUR, note="It was wrong.")

    return retract
