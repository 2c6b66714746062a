"""What access tokens may be used for."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from commitments.choices.codes import Codes
from commitments.choices.workflow import Action


class TokenScope(Codes):
    """What a token may be used for besides reading. A scope gives no right that the roles of the
    account do not give."""

    WRITE = "write", _("Write and discard drafts, with their evidence")
    SUBMIT = "submit", _("Submit and recall updates")
    REVIEW = "review", _("Publish, return and rate updates")
    RETRACT = "retract", _("Withdraw updates")
    ARCHIVE = "archive", _("Add archived copies of links")


# The actions that can be asked for over the API.
SCOPE_OF_ACTION = {
    Action.SUBMIT: TokenScope.SUBMIT,
    Action.RECALL: TokenScope.SUBMIT,
    Action.DISCARD: TokenScope.WRITE,
    Action.RETURN: TokenScope.REVIEW,
    Action.PUBLISH: TokenScope.REVIEW,
    Action.RATE: TokenScope.REVIEW,
    Action.RETRACT: TokenScope.RETRACT,
    Action.ARCHIVE: TokenScope.ARCHIVE,
}
