"""Types of events, and results of findings, as docs/rules.md defines them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from commitments.choices.codes import Codes


class EventType(Codes):
    """What was done, regardless of who says so. The actions come first, from words to effects."""

    STATEMENT = (
        "statement",
        _("Said"),
        _("The plan's owner declared, proposed or supported something in words."),
    )
    PARTICIPATION = (
        "participation",
        _("Took part"),
        _("The plan's owner attended, hosted, negotiated or voted."),
    )
    CONTRIBUTION = (
        "contribution",
        _("Put in"),
        _("The plan's owner gave people, money, training or technology."),
    )
    INSTRUMENT = (
        "instrument",
        _("Brought about"),
        _("An agreement, law, standard or body came about with the owner's part."),
    )
    OUTCOME = ("outcome", _("Effect shown"), _("Sources show an effect of what was done."))
    CONTRARY = (
        "contrary",
        _("Against"),
        _("The plan's owner acted against the commitment."),
    )
    CONTEXT = (
        "context",
        _("Context"),
        _("What others did or said, such as criticism; not an action of the plan's owner."),
    )

    @property
    def is_action(self) -> bool:
        """Return whether the plan's owner acted towards the commitment."""
        return self in ACTIONS


ACTIONS = (
    EventType.STATEMENT,
    EventType.PARTICIPATION,
    EventType.CONTRIBUTION,
    EventType.INSTRUMENT,
    EventType.OUTCOME,
)

# The actions other than statements.
DEEDS = tuple(code for code in ACTIONS if code is not EventType.STATEMENT)

# The events that can meet a milestone: neither a statement nor an action against it does.
MILESTONE_EVENTS = (*DEEDS, EventType.CONTEXT)


class FindingResult(Codes):
    """What an assessment says of one criterion."""

    SHOWN = "shown", _("Shown"), _("Sources show it.")
    IN_PART = "in_part", _("In part"), _("Sources show part of it.")
    NOT_SHOWN = "not_shown", _("Not shown"), _("No source that was found shows it.")
    AGAINST = "against", pgettext_lazy("finding", "Against"), _("Sources show action against it.")
