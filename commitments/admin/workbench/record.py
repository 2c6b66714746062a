"""An update that is only read."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from commitments import workflow
from commitments.access import policies
from commitments.admin.erase_links import erase_url
from commitments.admin.workbench.actions import offered_actions
from commitments.admin.workbench.base import log_address
from commitments.admin.workbench.subject import update_context
from commitments.choices import EDITABLE_STATES, State
from commitments.models import ProgressUpdate

if TYPE_CHECKING:
    from commitments.roles import Person


def record_context(user: Person, update: ProgressUpdate, at: datetime) -> dict[str, object]:
    """Return what the page of an update shows that is not edited."""
    is_correctable = workflow.correction_refused(update) is None
    may_correct = is_correctable and policies.may_report(user, update.commitment)
    correction = f"{log_address(update.commitment.code)}?corrects={update.pk}"
    return {
        "actions": offered_actions(user, update),
        "correction": correction if may_correct else "",
        "corrections": list(
            ProgressUpdate.objects.visible_to(user).filter(
                corrects=update.pk, state__in=(*EDITABLE_STATES, State.SUBMITTED)
            )
        ),
        "erase_url": erase_url(user, update),
        **update_context(user, update, at),
    }
