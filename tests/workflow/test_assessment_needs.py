"""What an assessment needs before it can be submitted: the methodology's table of statuses."""

from datetime import date

import pytest

from commitments import workflow
from commitments.choices import Action, State
from commitments.exceptions import ActionRefused
from commitments.models import Decision, ProgressUpdate
from commitments.texts.text import Text
from tests.methodology import ASSESSMENTS
from tests.steps import (
    INTERNAL,
    NOW,
    REPORT,
    RESOLUTION,
    STATEMENT,
    TODAY,
    draft,
    perform,
    published,
    submitted,
)
from tests.words import en_zh

pytestmark = pytest.mark.alike


def lacking(update, author):
    """Submit an update and return the paths of the problems; none if it was submitted."""
    try:
        perform(update, Action.SUBMIT, author)
    except ActionRefused as refusal:
        paths = [problem.path for problem in refusal.problems]
    else:
        paths = []
    state = ProgressUpdate.objects.get(pk=update.pk).state
    decisions = Decision.objects.filter(update=update).count()
    expected = (State.DRAFT, 0) if paths else (State.SUBMITTED, 1)
    assert (state, decisions) == expected
    return paths


BY_LEVEL = {0: [INTERNAL], 1: [STATEMENT, INTERNAL], 2: [RESOLUTION], 3: [REPORT, STATEMENT]}
COMMITMENTS = {"deliverable": "deliverable", "standing": "duty"}
NEEDS = [
    (status, COMMITMENTS[kind], row.least_evidence)
    for status, row in ASSESSMENTS.items()
    for kind in row.kinds
]


@pytest.mark.parametrize(("status", "kind", "least"), NEEDS)
def test_an_assessment_without_its_least_evidence_cannot_be_submitted(
    request, reporter, status, kind, least
):
    commitment = request.getfixturevalue(kind)
    if status == "not_achieved":
        commitment.due_on = date(2026, 6, 30)
        commitment.save()
    note = en_zh("The archive was searched.")
    for level, evidence in BY_LEVEL.items():
        update = draft(commitment, reporter, status=status, evidence=evidence, search_note=note)
        assert lacking(update, reporter) == ([] if level >= least else [("evidence",)]), level


@pytest.mark.parametrize(
    "status", [status for status, row in ASSESSMENTS.items() if row.evidence == "search note"]
)
def test_these_assessments_need_a_search_note_whatever_the_evidence(duty, reporter, status):
    update = draft(duty, reporter, status=status, evidence=[REPORT])
    assert lacking(update, reporter) == [("search_note",)]
    note = en_zh("", "已查阅档案，未见记录。")
    update = workflow.edit_draft(update, by=reporter, at=NOW, search_note=note)
    assert lacking(update, reporter) == []


@pytest.mark.parametrize(
    ("due_on", "submittable"),
    [(None, False), (date(2026, 7, 2), False), (TODAY, False), (date(2026, 6, 30), True)],
)
def test_not_achieved_needs_a_due_date_before_the_day_of_the_assessment(
    deliverable, reporter, due_on, submittable
):
    deliverable.due_on = due_on
    deliverable.save()
    update = draft(deliverable, reporter, status="not_achieved")
    assert lacking(update, reporter) == ([] if submittable else [("status",)])


@pytest.mark.parametrize(
    ("changed", "lacks"),
    [({}, []), ({"effective_on": date(2026, 6, 29)}, [("status",)])],
)
def test_not_achieved_can_be_corrected_after_the_due_date_was_postponed(
    deliverable, reporter, reviewer, changed, lacks
):
    deliverable.due_on = date(2026, 6, 30)
    deliverable.save()
    found = published(deliverable, reporter, reviewer, status="not_achieved")
    deliverable.due_on = date(2027, 6, 30)
    deliverable.save()
    update = draft(deliverable, reporter, status="not_achieved", corrects=found, **changed)
    assert lacking(update, reporter) == lacks
    again = draft(deliverable, reporter, status="not_achieved")
    assert lacking(again, reporter) == [("status",)]


def test_what_internal_evidence_alone_supports_is_not_submitted(duty, reporter):
    update = draft(duty, reporter, status="inactive", evidence=[INTERNAL])
    assert lacking(update, reporter) == [("evidence",)]
    public = {**STATEMENT, "public": True}
    update = draft(duty, reporter, status="active", evidence=[INTERNAL, public])
    assert lacking(update, reporter) == [("evidence",)]


def test_everything_that_is_lacking_is_named_at_once(deliverable, reporter):
    update = draft(deliverable, reporter, status="not_achieved", evidence=[], summary=Text())
    assert sorted(lacking(update, reporter)) == [("evidence",), ("status",), ("summary",)]


def test_an_event_needs_a_source(duty, reporter):
    assert lacking(draft(duty, reporter, evidence=[]), reporter) == [("evidence",)]


@pytest.mark.parametrize("summary", [en_zh("A meeting."), en_zh("", "会议召开。")])
def test_one_language_is_enough(duty, reporter, summary):
    assert submitted(duty, reporter, summary=summary).state == State.SUBMITTED


BLANKS = en_zh("  \n", "　")


@pytest.mark.parametrize("summary", [Text(), BLANKS])
def test_an_empty_summary_can_be_saved_but_not_submitted(duty, reporter, summary):
    update = draft(duty, reporter, summary=summary)
    assert lacking(update, reporter) == [("summary",)]


def test_a_search_note_of_blanks_is_none(duty, reporter):
    update = draft(duty, reporter, status="no_evidence", search_note=BLANKS)
    assert lacking(update, reporter) == [("search_note",)]
