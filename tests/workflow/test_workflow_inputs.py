"""The arguments of `workflow`: unknown ones are refused, also characters that nobody sees, and
outdated objects are read again."""

import pytest

from commitments import workflow
from commitments.choices import Action, State
from commitments.exceptions import ActionRefused, InvalidInput
from commitments.models import Evidence, ProgressUpdate
from tests.steps import NOW, REPORT, draft, perform, published, submitted

LINK = {**REPORT, "citation": "", "url": "https://example.org/report"}
ARCHIVED = "https://archive.example.org/report"

pytestmark = [pytest.mark.alike, pytest.mark.django_db]


def test_a_detail_that_the_action_does_not_take_is_refused(duty, reporter, reviewer):
    update = submitted(duty, reporter)
    with pytest.raises(TypeError, match="not a detail of publish: archived_url"):
        perform(update, Action.PUBLISH, reviewer, archived_url=ARCHIVED)
    update.refresh_from_db()
    assert update.state == State.SUBMITTED


def test_an_action_needs_the_expected_revision(duty, reporter, reviewer):
    update = submitted(duty, reporter)
    with pytest.raises(ActionRefused):
        workflow.perform(update, Action.PUBLISH, by=reviewer, at=NOW, expected_revision=None)


def test_a_citation_that_reads_otherwise_than_it_is_recorded_is_refused(duty, reporter):
    citation = {"title": "Gazette", "kind": "report", "source": "official"}
    piece = citation | {"citation": "Gazette \u202e7 yaM"}
    with pytest.raises(InvalidInput) as caught:
        draft(duty, reporter, evidence=[piece])
    assert [problem.path for problem in caught.value.problems] == [("evidence", 0, "citation")]


@pytest.mark.parametrize("wrong", ["abc", "1", None, 999_999])
def test_only_the_id_of_a_link_is_archived(wrong, duty, reporter, reviewer):
    update = published(duty, reporter, reviewer, evidence=[LINK])
    with pytest.raises(ActionRefused, match="is not possible yet"):
        perform(update, Action.ARCHIVE, reviewer, evidence=wrong, archived_url=ARCHIVED)
    assert Evidence.objects.get().archived_url == ""


def test_what_is_corrected_is_read_again(duty, reporter, reviewer):
    target = published(duty, reporter, reviewer)
    perform(target, Action.RETRACT, reviewer, note="The source was withdrawn.")
    stale = ProgressUpdate(pk=target.pk, commitment=duty, state=State.PUBLISHED)
    with pytest.raises(InvalidInput):
        draft(duty, reporter, corrects=stale)


def test_a_stale_object_does_not_hinder_a_correction(duty, reporter, reviewer):
    target = published(duty, reporter, reviewer)
    target.state = State.SUBMITTED
    assert draft(duty, reporter, corrects=target).corrects_id == target.pk
