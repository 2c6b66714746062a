"""Which assessment is the current one, on a day and by what was public at a time."""

from datetime import date, timedelta

import pytest

from commitments.choices import Action
from tests.clocks.standing import DAY, SECOND, stands
from tests.steps import NOW, TODAY, draft, perform, published


def assessment(commitment, **clock):
    return stands(commitment, **clock).assessment_status


def test_without_a_published_assessment_a_commitment_is_unassessed(duty, reporter, reviewer):
    draft(duty, reporter, status="active")
    published(duty, reporter, reviewer, status=None)
    row = stands(duty)
    assert (row.assessment_status, row.assessment_id, row.freshness) == ("unassessed", None, None)
    assert (row.assessment_effective_on, row.assessment_published_at, row.assessment_level) == (
        None,
        None,
        0,
    )
    assert row.update_count == 1


def test_a_backdated_publication_never_displaces_a_later_date(duty, reporter, reviewer):
    published(duty, reporter, reviewer, status="active", effective_on=date(2026, 3, 1))
    before = date(2026, 2, 28)
    published(duty, reporter, reviewer, NOW + DAY, status="inactive", effective_on=before)
    assert assessment(duty, now=NOW + DAY) == "active"
    assert assessment(duty, now=NOW + DAY, as_of=before) == "inactive"


@pytest.mark.long
def test_of_one_day_the_later_publication_counts_and_of_one_time_the_later_id(
    duty, reporter, reviewer
):
    first = draft(duty, reporter, status="active")
    second = draft(duty, reporter, status="inactive")
    for update, at in ((second, NOW), (first, NOW + SECOND)):
        perform(perform(update, Action.SUBMIT, reporter, at), Action.PUBLISH, reviewer, at)
    for clock in ({}, {"as_of": TODAY}, {"known_at": NOW + SECOND}):
        assert assessment(duty, now=NOW + DAY, **clock) == "active"
    third = published(duty, reporter, reviewer, NOW + SECOND, status="contrary")
    for clock in ({}, {"as_of": TODAY}, {"known_at": NOW + SECOND}):
        assert stands(duty, now=NOW + DAY, **clock).assessment_id == third.pk


def test_an_assessment_has_its_dates_and_evidence(duty, reporter, reviewer):
    fields = {"effective_on": date(2026, 5, 2), "date_precision": "month", "status": "active"}
    update = published(duty, reporter, reviewer, **fields)
    published(duty, reporter, reviewer, status=None)
    for clock in ({}, {"as_of": TODAY}, {"known_at": NOW}):
        row = stands(duty, **clock)
        assert (row.day, row.assessment_id, row.assessment_level) == (TODAY, update.pk, 3)
        assert (row.assessment_effective_on, row.assessment_precision) == (
            date(2026, 5, 31),
            "month",
        )
        assert (row.assessment_published_at, row.update_count) == (NOW, 2)


@pytest.mark.long
def test_known_at_gives_what_was_public_then(duty, reporter, reviewer):
    day, hour = date(2026, 6, 1), timedelta(hours=1)
    wrong = published(duty, reporter, reviewer, status="active", effective_on=day)
    fields = {"status": "inactive", "corrects": wrong, "effective_on": day - DAY}
    right = published(duty, reporter, reviewer, NOW + hour, **fields)
    perform(right, Action.RETRACT, reviewer, NOW + 2 * hour, note="The source was withdrawn.")
    perform(wrong, Action.RETRACT, reviewer, NOW + 3 * hour, note="The source was withdrawn.")
    then = {
        NOW - SECOND: "unassessed",
        NOW: "active",
        NOW + hour - SECOND: "active",
        NOW + hour: "inactive",
        NOW + 2 * hour - SECOND: "inactive",
        NOW + 2 * hour: "unassessed",  # a retracted correction does not revive the original
        NOW + 3 * hour: "unassessed",
    }
    assert {at: assessment(duty, now=NOW + DAY, known_at=at) for at in then} == then
    assert (
        assessment(duty, now=NOW + DAY, as_of=TODAY)
        == assessment(duty, now=NOW + DAY)
        == "unassessed"
    )


def test_as_of_alone_uses_all_that_is_recorded_since(duty, reporter, reviewer):
    day = date(2020, 5, 1)
    wrong = published(duty, reporter, reviewer, status="active", effective_on=day)
    fields = {"status": "inactive", "corrects": wrong, "effective_on": day}
    published(duty, reporter, reviewer, NOW + DAY, **fields)
    assert assessment(duty, now=NOW + DAY, as_of=day) == "inactive"
    assert assessment(duty, now=NOW + DAY, as_of=day, known_at=NOW) == "active"
    assert assessment(duty, now=NOW + DAY, as_of=day - DAY, known_at=NOW) == "unassessed"
