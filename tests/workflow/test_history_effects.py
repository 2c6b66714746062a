"""In any history, publishing or withdrawing an update changes nothing that it should not.

What was known just before and just after a publication or a withdrawal is compared, on one day.
"""

from dataclasses import asdict

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from hypothesis import given, settings

from commitments import rollups
from commitments.choices import Kind
from commitments.clocks import Clock
from commitments.models import Commitment
from commitments.rollups.items import items_of
from tests.examples import examples
from tests.workflow.player import EVERY_EXAMPLE, EXAMPLE, TICK, Player

OF_EVENTS = {"acted", "acted_beyond_statements", "overdue"}


@pytest.fixture
def check_effects(reporter, reviewer, curator):
    """`check_effects(**example)` plays a history and checks what each of its updates moved."""

    def check(zone, interval, history, readings):
        people = (User.objects.get(pk=who.pk) for who in (reporter, reviewer, curator))
        with transaction.atomic():
            player = Player(zone, interval, *people)
            for event in history:
                player.play(event)
            for update, time, withdrawn in lone_changes(player):
                check_change(player, update, time, withdrawn)
            transaction.set_rollback(True)

    return check


def lone_changes(player):
    """Yield each update that was published or withdrawn, with the time of that and whether it was
    withdrawn, where nothing else happened at that time and no clock had gone back."""
    ends = [at for row in player.model.public() for at in (row.published_at, row.retracted_at)]
    amended = {at for at, *_more in [*player.model.intervals, *player.model.dates]}
    amended |= {at for row in player.model.criteria for at in (row.added_at, row.retired_at)}
    corrected = {row.corrects for row in player.model.public()}
    # The clock was set back between an event and an assessment that rests on it.
    out_of_order = {
        event.pk
        for row in player.model.public()
        for event in rested_on(row)
        if event.published_at and event.published_at > row.published_at
    }
    for row in player.model.public():
        for at, withdrawn in ((row.published_at, False), (row.retracted_at, True)):
            alone = at and ends.count(at) == 1 and at not in amended
            plain = not row.corrects and row not in corrected and row.pk not in out_of_order
            if alone and plain and at <= player.head:
                yield row, at, withdrawn


def rested_on(update):
    """Return the events on which an assessment rests."""
    return [
        *update.named,
        *(event for _result, events in update.findings.values() for event in events),
    ]


def check_change(player, update, time, withdrawn):
    now, own = player.now(), player.rows[update.number].pk
    before, after = (
        {item.id: item for item in items_at(Clock(now, as_of=day_of(player), known_at=at))}
        for at in (time - TICK, time)
    )
    assert {pk for pk in before if before[pk] != after[pk]} <= {own}
    old, new = before[own], after[own]
    moved = {name for name, value in asdict(old).items() if value != asdict(new)[name]}
    sign = -1 if withdrawn else 1
    assert sign * (new.acted - old.acted) >= 0
    assert sign * (new.acted_beyond_statements - old.acted_beyond_statements) >= 0
    if update.status is None and not withdrawn:
        assert moved <= OF_EVENTS
        assert new.overdue <= old.overdue
    elif update.status is None:
        # An assessment that rested on it may lapse, which widens the bounds and changes no status.
        assert moved <= OF_EVENTS | {"freshness"}
        assert new.overdue >= old.overdue
        for kind in Kind:
            wide, narrow = (rollups.roll_up(rows.values(), kind) for rows in (after, before))
            assert wide.fulfilled[0] <= narrow.fulfilled[0]
            assert wide.fulfilled[1] >= narrow.fulfilled[1]


def items_at(clock):
    return items_of(Commitment.objects.at(clock))


def day_of(player):
    """Return the latest day that every time of the history allows."""
    return player.model.local_day(player.now())


@pytest.mark.long
@pytest.mark.alike
@settings(max_examples=2, **EVERY_EXAMPLE)
@given(**EXAMPLE)
def test_an_update_moves_its_own_commitment_only(check_effects, **example):
    check_effects(**example)


@pytest.mark.long
@settings(max_examples=examples(30), **EVERY_EXAMPLE)
@given(**EXAMPLE)
def test_an_update_moves_its_own_commitment_only_in_many_histories(check_effects, **example):
    check_effects(**example)
