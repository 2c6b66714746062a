"""Sources that are dated before the event that they are to show."""

from datetime import date

import pytest

from commitments.models import Evidence
from commitments.workflow import has_only_earlier_sources
from tests import steps

DUTY = "/en/PLAN/commitments/1.1/"
SENTENCE = "All sources are dated before the event"
EVENT = date(2026, 5, 20)
BEFORE, AFTER = date(2026, 4, 30), date(2026, 5, 21)


@pytest.mark.parametrize(
    ("dated_on", "precision", "expected"),
    [
        ([BEFORE], "day", True),
        ([BEFORE], "month", True),
        ([BEFORE], "year", False),
        ([BEFORE, date(2026, 5, 19)], "day", True),
        ([BEFORE, date(2026, 5, 19)], "month", False),
        ([BEFORE, EVENT], "day", False),
        ([BEFORE, AFTER], "day", False),
        ([BEFORE, None], "day", False),
        ([None], "day", False),
        ([], "day", False),
    ],
)
def test_sources_are_earlier_if_each_is_dated_before_the_period_of_the_event(
    dated_on, precision, expected
):
    evidence = [Evidence(dated_on=day) for day in dated_on]
    assert has_only_earlier_sources(evidence, EVENT, precision) == expected


def test_internal_evidence_does_not_count():
    evidence = [Evidence(dated_on=BEFORE), Evidence(dated_on=AFTER, public=False)]
    assert has_only_earlier_sources(evidence, EVENT, "day")
    assert not has_only_earlier_sources(evidence[1:], EVENT, "day")


@pytest.fixture
def announced(duty, reporter):
    """A draft of an event that a resolution of an earlier day announces."""
    return steps.draft(
        duty, reporter, effective_on=EVENT, evidence=[{**steps.RESOLUTION, "dated_on": BEFORE}]
    )


@pytest.mark.django_db
def test_a_reviewer_is_told_before_publishing_and_readers_after_it(
    announced, reporter, reviewer, signed_in, flat
):
    steps.perform(announced, "submit", reporter)
    assert SENTENCE in signed_in(reviewer).get(f"/admin/updates/{announced.pk}/").text
    steps.perform(announced, "publish", reviewer)
    assert SENTENCE in flat(DUTY)


@pytest.mark.django_db
def test_of_events_with_a_later_source_and_of_assessments_nothing_is_said(
    duty, reporter, reviewer, flat
):
    earlier = {**steps.RESOLUTION, "dated_on": BEFORE}
    evidence = [earlier, {**steps.REPORT, "dated_on": AFTER}]
    event = steps.published(duty, reporter, reviewer, effective_on=EVENT, evidence=evidence)
    facts = {"status": "active", "event_type": None, "rests_on": [event.pk], "evidence": [earlier]}
    steps.published(duty, reporter, reviewer, **facts)
    assert SENTENCE not in flat(DUTY)
