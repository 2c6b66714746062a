"""`verify_ledger` names changes of what updates find and rest on, made behind the application."""

import pytest

from commitments.choices import Action
from commitments.models import Basis, Commitment, Finding
from commitments.workflow import FindingFields
from tests.factories import CriterionFactory
from tests.steps import NOW, RESOLUTION, perform, published, record_loaded
from tests.verification.tampering import change, differs, sql, verify

pytestmark = [pytest.mark.long, pytest.mark.alike, pytest.mark.django_db]


@pytest.fixture
def assessed(duty, reporter, reviewer):
    """An assessment of two criteria that rests on an event and, as context, on another."""
    for position, key in enumerate("ab", start=1):
        CriterionFactory(commitment=duty, key=key, position=position)
    record_loaded(duty.plan)
    event, context = (
        published(duty, reporter, reviewer, event_type=event_type, criteria=["a"])
        for event_type in ("instrument", "context")
    )
    assessment = published(
        duty,
        reporter,
        reviewer,
        event_type=None,
        evidence=[],
        status="partly_active",
        findings={"a": FindingFields("shown", [event.pk]), "b": FindingFields("not_shown")},
        rests_on=[context.pk],
    )
    return assessment, event, context


def test_an_untouched_assessment_has_no_differences(assessed):
    assert verify() == []


@pytest.mark.parametrize("result", ["in_part", "against", "not_shown"])
def test_a_changed_finding_is_named(assessed, result):
    assessment, *_events = assessed
    finding = Finding.objects.get(criterion__key="a")
    change("finding", "result", result, finding.pk)
    assert differs(assessment, Action.SUBMIT)[0] in verify()


def test_a_finding_taken_away_is_named(assessed):
    assessment, *_events = assessed
    sql("DELETE FROM commitments_finding WHERE result = %s", "not_shown")
    assert differs(assessment, Action.SUBMIT)[0] in verify()


def test_another_event_in_a_finding_is_named(assessed):
    assessment, _event, context = assessed
    finding = Finding.objects.get(criterion__key="a")
    sql(
        "UPDATE commitments_finding_events SET progressupdate_id = %s WHERE finding_id = %s",
        context.pk,
        finding.pk,
    )
    assert differs(assessment, Action.SUBMIT)[0] in verify()


def test_an_event_taken_from_what_it_rests_on_is_named(assessed):
    assessment, _event, context = assessed
    basis = Basis.objects.get(update=assessment, event=context)
    sql("DELETE FROM commitments_basis WHERE id = %s", basis.pk)
    assert differs(assessment, Action.SUBMIT)[0] in verify()


def test_context_that_is_made_to_count_is_named(assessed):
    assessment, event, context = assessed
    basis = Basis.objects.get(update=assessment, event=context)
    change("basis", "counts", True, basis.pk)
    counts = {assessment.pk: True, event.pk: True, context.pk: True}
    expected = counts | {context.pk: False}
    [line] = verify()
    place = f"update {assessment.pk}.bases: is "
    assert line.startswith(place)
    held, said = line.removeprefix(place).split("; according to its content it should be ")
    assert (_plain(held), _plain(said)) == (counts, expected)


def _plain(text):
    pairs = (pair.split(": ") for pair in text.strip("{}").split(", "))
    return {int(key): value == "True" for key, value in pairs}


def test_a_changed_type_or_period_is_named(assessed):
    assessment, event, _context = assessed
    change("progressupdate", "event_type", "outcome", event.pk)
    assert verify() == differs(event, Action.SUBMIT)
    change("progressupdate", "event_type", "instrument", event.pk)
    change("progressupdate", "covers_from", "2026-01-01", assessment.pk)
    assert verify() == differs(assessment, Action.SUBMIT)


def test_a_chain_that_no_correction_made_is_named(assessed):
    _assessment, event, context = assessed
    change("progressupdate", "chain_id", event.pk, context.pk)
    assert verify() == [
        f"update {context.pk}.chain: is {event.pk}; according to its content it should be "
        f"{context.pk}"
    ]


def test_a_correction_that_hides_what_it_changed_is_named(assessed, reporter, reviewer):
    _assessment, event, _context = assessed
    correction = published(
        Commitment.objects.get(number="1.1"),
        reporter,
        reviewer,
        corrects=event,
        event_type="instrument",
        criteria=["a"],
        evidence=[RESOLUTION],
    )
    assert verify() == []
    change("progressupdate", "changes_event", False, correction.pk)
    assert verify() == [
        f"update {correction.pk}.changes_event: is False; according to its content it should be "
        "True"
    ]
    perform(correction, Action.RETRACT, reviewer, NOW, note="The source was withdrawn.")
    assert len(verify()) == 1
