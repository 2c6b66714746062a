"""The states of what a site does regularly, and of its parts."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from commitments.choices.codes import Codes


class RunState(Codes):
    """The state of a run of a regular task. One is lost if nothing was heard of its end."""

    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    LOST = "lost", _("Lost")


class Health(Codes):
    """The health of a part of the site. With one that has failed, the site cannot serve; what is
    late or low needs its operator, but readers notice nothing yet."""

    OK = "ok", _("In order")
    WARNING = "warning", _("Needs attention")
    FAILED = "failed", pgettext_lazy("of a part of the site", "Failed")
