"""What a headline may say of a commitment on two days never says more than its assessments do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commitments.choices import Freshness, Kind, Status, statuses_for
from commitments.rollups import Item, movement_between
from commitments.rollups.comparison import NetChange, change_between

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


@given(days=days())
def test_only_a_rise_between_assessments_that_held_without_a_gap_is_an_improvement(days):
    before, after, gap = days
    rises = (before.status.rule.rank or 0) < (after.status.rule.rank or 0)
    held = not (before.has_lapsed or after.has_lapsed or gap)
    ranked = None not in (before.status.rule.rank, after.status.rule.rank)
    improved = change_between(before, after, after_gap=gap) is NetChange.IMPROVED
    assert improved == (ranked and rises and held)


@given(days=days())
def test_every_fall_is_said(days):
    before, after, gap = days
    falls = movement_between(before.status, after.status).value == "worse"
    assert (change_between(before, after, after_gap=gap) is NetChange.WORSENED) == falls


@given(days=days())
def test_what_counts_as_unknown_has_not_changed_for_the_better(days):
    before, after, gap = days
    if after.has_lapsed:
        change = change_between(before, after, after_gap=gap)
        assert change in (NetChange.LAPSED, NetChange.UNCHANGED, NetChange.WORSENED)


@given(days=days())
def test_one_day_compared_with_itself_is_unchanged(days):
    before, _after, _gap = days
    found = change_between(before, before, after_gap=False)
    assert found is (NetChange.REASSESSED if before.has_lapsed else NetChange.UNCHANGED) or (
        before.has_lapsed and found is NetChange.UNCHANGED
    )


@given(days=days())
def test_evidence_was_found_only_where_the_search_had_found_none(days):
    before, after, gap = days
    change = change_between(before, after, after_gap=gap)
    if change is NetChange.EVIDENCE_FOUND:
        assert before.status is Status.NO_EVIDENCE
        assert after.status.rule.rank is not None
    if change is NetChange.NO_EVIDENCE:
        assert after.status is Status.NO_EVIDENCE
