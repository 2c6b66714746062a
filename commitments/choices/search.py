"""What a search finds."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from commitments.choices.codes import Codes


class HitKind(Codes):
    """The kinds of search results, in the order in which they are shown."""

    FORUM = "forum", _("Partner forums")
    COMMITMENT = "commitment", _("Commitments")
    ASSESSMENT = "assessment", _("Assessments")
    EVENT = "event", _("Events")
    SOURCE = "source", pgettext_lazy("found by a search", "Sources")
    PUBLISHER = "publisher", pgettext_lazy("of sources", "Publishers")
