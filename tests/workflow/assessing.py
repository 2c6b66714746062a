"""Steps of tests of assessments that rest on events."""

from commitments.choices import Action
from commitments.exceptions import ActionRefused
from commitments.models import Criterion
from commitments.workflow import FindingFields
from tests.steps import NOW, draft, perform
from tests.words import en_zh

LOOKED = en_zh("Looked through the records.")
CRITERIA = ("a", "b", "c")
SHOWN, IN_PART, NOT_SHOWN, AGAINST = "shown", "in_part", "not_shown", "against"


def add_criteria(commitment, keys=CRITERIA, at=NOW):
    """Add criteria and return the commitment."""
    Criterion.objects.bulk_create(
        Criterion(
            commitment=commitment, key=key, position=n, text=en_zh(f"Show {key}."), added_at=at
        )
        for n, key in enumerate(keys, start=1)
    )
    return commitment


def findings(*results, events=(), **more):
    """Return findings for the criteria in order; those that show something name the events."""
    rows = dict(zip(CRITERIA, results, strict=False))
    ids = [event.pk for event in events]
    named = {
        key: FindingFields(code, () if code == NOT_SHOWN else ids) for key, code in rows.items()
    }
    return named | more


def assess(commitment, author, status, found, **fields):
    """Create the draft of an assessment that is no event and has no evidence of its own."""
    fields = {"event_type": None, "evidence": (), "search_note": LOOKED} | fields
    return draft(commitment, author, status=status, findings=found, **fields)


def publish(update, author, reviewer, at=NOW):
    """Submit and publish a draft."""
    perform(update, Action.SUBMIT, author, at)
    return perform(update, Action.PUBLISH, reviewer, at)


def refusals(update, by, action=Action.SUBMIT, at=NOW):
    """Perform an action and return the paths of the problems; none if it was performed."""
    try:
        perform(update, action, by, at)
    except ActionRefused as refusal:
        return [problem.path for problem in refusal.problems]
    return []
