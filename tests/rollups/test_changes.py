"""What is said of a commitment on two days never says more than its assessments do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commitments.choices import Freshness, Kind, Movement, Status, statuses_for
from commitments.rollups import Item, movement_between

pytestmark = pytest.mark.alike


@st.composite
def days(draw):
    """Two items of one commitment, and whether an assessment lapsed in between."""
    kind = draw(st.sampled_from(list(Kind)))
    statuses = st.sampled_from([*statuses_for(kind), Status.UNASSESSED])

    def item():
        status = draw(statuses)
        lapses = status is not Status.UNASSESSED and not status.rule.settled
        freshness = draw(st.sampled_from([Freshness.CURRENT, Freshness.LAPSED]))
        return Item(1, kind, status, freshness if lapses else None)

    return item(), item(), draw(st.booleans())


def movement(before, after, gap):
    return movement_between(
        Status(before.status),
        Status(after.status),
        before_lapsed=before.has_lapsed,
        after_lapsed=after.has_lapsed,
        after_gap=gap,
    )


@given(days=days())
def test_only_a_rise_between_assessments_that_held_without_a_gap_is_an_improvement(days):
    before, after, gap = days
    rises = (before.status.rule.rank or 0) < (after.status.rule.rank or 0)
    held = not (before.has_lapsed or after.has_lapsed or gap)
    ranked = None not in (before.status.rule.rank, after.status.rule.rank)
    improved = movement(before, after, gap) is Movement.BETTER
    assert improved == (ranked and rises and held)


@given(days=days())
def test_every_fall_is_said(days):
    before, after, gap = days
    old, new = before.status.rule.rank, after.status.rule.rank
    falls = old is not None and new is not None and new < old
    assert (movement(before, after, gap) is Movement.WORSE) == falls


@given(days=days())
def test_what_counts_as_unknown_has_not_changed_for_the_better(days):
    before, after, gap = days
    if after.has_lapsed:
        change = movement(before, after, gap)
        assert change in (Movement.LAPSED, Movement.UNCHANGED, Movement.WORSE)


@given(days=days())
def test_one_day_compared_with_itself_is_unchanged(days):
    before, _after, _gap = days
    assert movement(before, before, gap=False) is Movement.UNCHANGED


@given(days=days())
def test_what_lapsed_since_the_earlier_day_is_never_unchanged(days):
    before, after, gap = days
    if after.has_lapsed and not before.has_lapsed:
        assert movement(before, after, gap) is not Movement.UNCHANGED


@given(days=days())
def test_what_had_no_assessment_on_the_earlier_day_was_not_reassessed(days):
    before, after, gap = days
    if before.status is Status.UNASSESSED:
        assert movement(before, after, gap) is not Movement.REASSESSED


@given(days=days())
def test_evidence_is_found_or_gone_only_between_no_evidence_and_a_status_on_the_scale(days):
    before, after, gap = days
    change = movement(before, after, gap)
    if change is Movement.EVIDENCE_FOUND:
        assert before.status is Status.NO_EVIDENCE
        assert after.status.rule.rank is not None
    if change is Movement.NO_LONGER_EVIDENCED:
        assert before.status.rule.rank is not None
        assert after.status is Status.NO_EVIDENCE
