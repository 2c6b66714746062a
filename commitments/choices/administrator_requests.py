"""The states of what an administrator asks for."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from commitments.choices.codes import Codes


class RequestState(Codes):
    """The state of a request that a second administrator has to confirm."""

    OPEN = "open", _("Waiting for a second administrator")
    CONFIRMED = "confirmed", _("Confirmed by a second administrator")
    DONE = "done", _("Done without a second administrator")
    DECLINED = "declined", _("Declined")
    RECALLED = "recalled", _("Recalled")
