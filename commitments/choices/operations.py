"""The states of a site's regular tasks, and the health of its parts."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from commitments.choices.codes import Codes


class RunState(Codes):
    """The state of a run of a regular task. A run is lost if its end was never recorded."""

    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    LOST = "lost", _("Lost")


class Health(Codes):
    """The health of a part of the site. If a part has failed, the site cannot serve. What is late
    or running low needs the operator, but readers notice nothing yet."""

    OK = "ok", _("In order")
    WARNING = "warning", _("Needs attention")
    FAILED = "failed", pgettext_lazy("of a part of the site", "Failed")
