"""The states of subscribers of webhooks."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from commitments.choices.codes import Codes


class WebhookState(Codes):
    """The state of a subscriber. In any but the first, nothing is sent until an administrator
    resumes it; `stopped` is one that accepted nothing for days, `gone` one that answered that it
    wants no more."""

    ACTIVE = "active", pgettext_lazy("of a webhook subscriber", "Active")
    PAUSED = "paused", _("Paused")
    STOPPED = "stopped", _("Stopped after failures")
    GONE = "gone", _("Turned off by the receiver")
