"""`load_updates` loads events and assessments with criteria, findings and periods, and refuses what
breaks the rules of the methodology, with its place in the file."""

from datetime import date

import pytest
from django.core.management.base import CommandError

from commitments import workflow
from commitments.choices import State
from commitments.workflow import FindingFields
from tests.documents import ABSENT, ANSWERED, UPDATES, edited, everything, said
from tests.importing.test_load_updates import by_reference
from tests.steps import NOW

pytestmark = [pytest.mark.long, pytest.mark.alike, pytest.mark.django_db]

EVENT, ASSESSMENT, SEARCH = ANSWERED["updates"]
SHOWN_BY_ITSELF = {"result": "shown"}


@pytest.fixture(autouse=True)
def world(plan, duty, deliverable, forum, criteria, reporter, reviewer, noon):
    """The same as in `test_load_updates`, where the standing commitment has two criteria."""


@pytest.fixture
def refused(load):
    """Return the lines of the error of the edited file; check that nothing was written."""

    def refused(*edits):
        before = everything()
        with pytest.raises(CommandError) as refusal:
            load(edited(ANSWERED, *edits))
        assert everything() == before
        return said(refusal.value)[1:]

    return refused


def another(**changes):
    """Return a second event on the same commitment."""
    return EVENT | {"external_ref": "event-2"} | changes


# What is loaded


def test_an_event_has_its_type_and_the_criteria_that_it_bears_on(load):
    load(ANSWERED)
    event = by_reference()["event-1"]
    assert (event.event_type, event.status, event.covers_from) == ("participation", None, None)
    assert [row.key for row in event.criteria.all()] == ["a"]


def test_an_assessment_has_a_period_and_findings_with_the_events_that_show_them(load):
    load(ANSWERED)
    event, update = by_reference()["event-1"], by_reference()["status-1"]
    assert (update.event_type, update.status) == (None, "partly_active")
    assert (str(update.covers_from), str(update.effective_on)) == ("2024-01-01", "2024-12-31")
    assert workflow.saved_findings(update) == {
        "a": FindingFields("shown", [event.pk]),
        "b": FindingFields("not_shown", []),
    }


def test_an_assessment_rests_on_the_events_of_its_findings_though_it_does_not_repeat_them(load):
    load(ANSWERED)
    event, update = by_reference()["event-1"], by_reference()["status-1"]
    assert workflow.saved_events(update) == [event.pk]
    assert workflow.evidence_level(update) == 3


def test_an_event_that_no_finding_names_is_context_and_does_not_count(load):
    load(
        edited(
            ANSWERED,
            ("updates", [EVENT, another(), ASSESSMENT | {"rests_on": ["event-2", "event-1"]}]),
        )
    )
    rows = by_reference()
    counts = {row.event: row.counts for row in rows["status-1"].bases.all()}
    assert counts == {rows["status-1"]: True, rows["event-1"]: True, rows["event-2"]: False}


def test_findings_of_an_event_that_is_an_assessment_too_mean_itself(load, duty):
    both = EVENT | {
        "status": "active",
        "covers_from": "2024-01-01",
        "findings": {"a": SHOWN_BY_ITSELF, "b": SHOWN_BY_ITSELF},
    }
    document = edited(ANSWERED, ("updates", [both]))
    load(document)
    update = by_reference()["event-1"]
    assert (update.event_type, update.status) == ("participation", "active")
    assert workflow.saved_findings(update) == {
        "a": FindingFields("shown", []),
        "b": FindingFields("shown", []),
    }
    assert workflow.saved_events(update) == []
    duty.refresh_from_db()
    assert duty.status_update == update
    assert load(document) == "Plan PLAN: already loaded: 1.\n"


def test_an_assessment_may_rest_on_an_event_that_an_earlier_file_brought(load):
    load(edited(ANSWERED, ("updates", [EVENT])))
    load(edited(ANSWERED, ("updates", [ASSESSMENT])))
    rows = by_reference()
    assert workflow.saved_events(rows["status-1"]) == [rows["event-1"].pk]


def test_an_event_that_the_file_corrects_may_be_named_by_either_reference(load):
    correction = another(corrects="event-1", evidence=EVENT["evidence"][:1])
    findings = {
        "a": {"result": "shown", "events": ["event-1"]},
        "b": {"result": "shown", "events": ["event-2"]},
    }
    assessment = ASSESSMENT | {"findings": findings, "status": "active"}
    load(edited(ANSWERED, ("updates", [EVENT, correction, assessment])))
    rows = by_reference()
    assert (rows["event-1"].state, rows["status-1"].state) == (State.SUPERSEDED, State.PUBLISHED)


def test_an_assessment_and_its_events_may_wait_for_review_together(load):
    load(ANSWERED, publish_as=None)
    assert {row.state for row in by_reference().values()} == {State.SUBMITTED}


# What is refused

NO_CRITERION = "This commitment has no criterion “z”; its criteria: a, b."
NO_ACTION = (
    "“Partly active” does not follow from the findings. They permit: No evidence of fulfilment "
    "found, Not acted on, Cannot be assessed as written and No longer pursued. Codes: "
    "no_evidence, inactive, not_verifiable, withdrawn."
)
NEITHER = "Choose an event type, a status, or both."
MISPLACED = "This belongs to an assessment: choose a status, or leave it empty."
# The constraint `update_period_in_order` refuses it before the workflow can say why.
ON_A_PLAIN_EVENT = [
    ("updates.0.covers_from", "2024-01-01", "covers_from"),
    ("updates.0.findings", {"a": SHOWN_BY_ITSELF}, "findings"),
]


@pytest.mark.parametrize(
    ("path", "value", "place", "message"),
    [
        # criteria and findings
        ("updates.1.findings.z", {"result": "not_shown"}, "findings.z", NO_CRITERION),
        (
            "updates.1.findings.b",
            ABSENT,
            "findings.b",
            "Enter what was found of criterion b.",
        ),
        (
            "updates.1.findings.b.result",
            "shown",
            "findings.b.events",
            "Name the event that shows this.",
        ),
        (
            "updates.1.status",
            "active",
            "status",
            "“Active” does not follow from the findings. They permit: Partly active, Cannot be "
            "assessed as written and No longer pursued. Codes: partly_active, not_verifiable, "
            "withdrawn.",
        ),
        # the period
        (
            "updates.1.covers_from",
            ABSENT,
            "covers_from",
            "Enter the first day of the period that is assessed.",
        ),
        (
            "updates.1.covers_from",
            "2025-01-01",
            "covers_from",
            "The period begins after the date of the assessment.",
        ),
        (
            "updates.1.covers_from",
            "2022-12-31",
            "covers_from",
            "The period is 731 days long; at most 730 are allowed.",
        ),
        ("updates.1.covers_from", "2024-06-01", "status", NO_ACTION),
        (
            "updates.2.covers_from",
            "2024-01-01",
            "covers_from",
            "Only an assessment of a standing duty covers a period.",
        ),
    ],
)
def test_an_assessment_that_breaks_a_rule_is_refused_with_its_place(
    refused, path, value, place, message
):
    update = ANSWERED["updates"][int(path.split(".")[1])]["external_ref"]
    assert refused((path, value)) == [f"update {update}, {place.replace('.', ', ')}: {message}"]


@pytest.mark.parametrize("event_type", ["context", "contrary"])
def test_a_duty_is_not_acted_on_by_what_is_no_action(refused, event_type):
    assert refused(("updates.0.event_type", event_type)) == [
        f"update status-1, status: {NO_ACTION}"
    ]


def test_what_a_finding_shows_is_no_evidence_where_no_event_shows_it(refused):
    lines = refused(("updates.1.findings.a.events", ABSENT))
    # In the order of the file: `evidence`, which it does not have, stands for the whole update.
    assert lines[0].startswith("update status-1, evidence: “Partly active” requires public")
    assert lines[1] == "update status-1, findings, a, events: Name the event that shows this."


def test_a_period_of_two_review_intervals_is_allowed(load):
    load(edited(ANSWERED, ("updates.1.covers_from", "2023-01-01")))
    assert str(by_reference()["status-1"].covers_from) == "2023-01-01"


def test_a_period_does_not_begin_before_the_plan(plan, refused):
    plan.adopted_on = date(2024, 2, 1)
    plan.save()
    assert refused() == [
        "update status-1, covers_from: The plan was not adopted until 1 February 2024.",
    ]


def test_an_event_is_not_before_the_plan(plan, refused):
    plan.adopted_on = date(2024, 6, 1)
    plan.save()
    assert refused(("updates", [EVENT])) == [
        "update event-1, effective_on: The plan was not adopted until 1 June 2024."
    ]


def test_an_event_needs_a_source(refused):
    assert refused(("updates", [EVENT | {"evidence": []}])) == [
        "update event-1, evidence: An event requires a source."
    ]


def test_an_update_is_an_event_or_an_assessment(refused):
    plain = {key: value for key, value in EVENT.items() if key != "event_type"}
    assert refused(("updates", [plain])) == [f"update event-1, event_type: {NEITHER}"]


@pytest.mark.parametrize(("path", "value", "place"), ON_A_PLAIN_EVENT)
def test_what_belongs_to_an_assessment_is_refused_of_a_plain_event(refused, path, value, place):
    lines = refused((path, value))
    assert lines[0] == f"update event-1, {place}: {MISPLACED}"


def test_a_plain_event_rests_on_no_other(refused):
    second = another(rests_on=["event-1"])
    assert refused(("updates", [EVENT, second])) == [f"update event-2, rests_on: {MISPLACED}"]


def test_an_event_bears_on_criteria_of_its_commitment(refused):
    assert refused(("updates", [EVENT | {"criteria": ["a", "z"]}])) == [
        f"update event-1, criteria z: {NO_CRITERION}"
    ]


def test_an_assessment_does_not_rest_on_a_later_event(load, refused):
    load(edited(ANSWERED, ("updates", [EVENT, another(effective_on="2025-01-31")])))
    later = by_reference()["event-2"]
    message = f"Event {later.pk} is dated after this assessment."
    assert refused(("updates.1.rests_on", ["event-2"])) == [f"update status-1, rests_on: {message}"]


def test_an_assessment_does_not_rest_on_one_that_is_no_event(load, refused):
    load(ANSWERED)
    second = ASSESSMENT | {"external_ref": "status-3", "rests_on": ["event-1", "status-1"]}
    assert refused(("updates.3", second)) == [
        "update status-3, rests_on status-1: “status-1” is not an event"
    ]


def test_a_replaced_criterion_is_not_answered(load, refused, criteria):
    criteria[1].retired_at = NOW
    criteria[1].save()
    assert refused() == ["update status-1, findings, b: Criterion b has been replaced."]


def test_without_criteria_a_status_of_progress_needs_an_action_in_the_period(refused, criteria):
    for row in criteria:
        row.delete()
    event, assessment, _search = UPDATES["updates"]
    context = event | {"event_type": "context"}
    assert refused(("updates", [context, assessment])) == [
        "update status-1, rests_on: “Active” requires an action in the period: name an event of a "
        "type that is an action."
    ]


def test_a_criterion_may_have_any_key(load, criteria):
    """Even one under which a file has texts elsewhere."""
    criteria[1].key = "note"
    criteria[1].save()
    findings = {"a": ASSESSMENT["findings"]["a"], "note": {"result": "not_shown"}}
    load(edited(ANSWERED, ("updates.1.findings", findings)))
    assert by_reference()["status-1"].findings.count() == 2
