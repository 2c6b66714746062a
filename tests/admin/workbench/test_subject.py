"""What the pages of the workbench show of a commitment beside an update."""

import pytest

from commitments.admin.workbench.subject import status_panel
from commitments.choices import Action
from commitments.models import Commitment
from tests.steps import NOW, REPORT, RESOLUTION, STATEMENT, perform, published
from tests.workflow.assessing import NOT_SHOWN, SHOWN, add_criteria, assess, findings, publish

pytestmark = pytest.mark.alike


def sources(duty):
    panel = status_panel(Commitment.objects.get(pk=duty.pk), NOW)
    return {item.title["en"] for item in panel.sources}


def test_the_sources_beside_an_update_are_those_that_count_behind_the_assessment(
    duty, reporter, reviewer
):
    add_criteria(duty)
    people = (reporter, reviewer)
    event = published(duty, *people, evidence=[REPORT])
    aside = published(duty, *people, event_type="context", evidence=[STATEMENT])
    found = findings(SHOWN, NOT_SHOWN, NOT_SHOWN, events=[event])
    publish(assess(duty, reporter, "partly_active", found, rests_on=[aside.pk]), *people)
    assert sources(duty) == {"Report of an institute"}
    correction = published(duty, *people, corrects=event, evidence=[RESOLUTION])
    assert sources(duty) == {"Resolution 1"}
    perform(correction, Action.RETRACT, reviewer, note="The source was withdrawn.")
    assert sources(duty) == set()
