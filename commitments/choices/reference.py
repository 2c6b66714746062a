"""Kinds of forums, the visibility of plans, the precision of dates, and what curators maintain."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from commitments.choices.codes import Codes


class ForumKind(Codes):
    UN_BODY = "un_body", _("United Nations body")
    INTERNATIONAL_ORGANISATION = "international_organisation", _("International organisation")
    REGIONAL_ORGANISATION = "regional_organisation", _("Regional organisation")
    DIALOGUE = "dialogue", _("Dialogue")
    MULTISTAKEHOLDER = "multistakeholder", _("Multistakeholder body")
    SUMMIT_OR_CONFERENCE = "summit_or_conference", _("Summit or conference")
    INITIATIVE = "initiative", _("Initiative")
    BILATERAL = "bilateral", _("Bilateral channel")
    TRADE_AGREEMENT = "trade_agreement", _("Trade agreement")


class Visibility(Codes):
    """Who may see a plan.

    A draft is for staff: nothing on it is published, and once it is public it never becomes a draft
    again. An archived plan is kept as it is, and marked.
    """

    DRAFT = "draft", pgettext_lazy("plan", "In preparation")
    PUBLIC = "public", pgettext_lazy("plan", "Public")
    ARCHIVED = "archived", pgettext_lazy("plan", "Archived")


class SecondRating(Codes):
    """Whether a second person answers the criteria of an assessment before it is published, without
    having seen what its author found."""

    NONE = "none", _("Review only")
    BLIND = "blind", _("Review with a blind second rating")


class DatePrecision(Codes):
    DAY = "day", pgettext_lazy("period", "Date")
    MONTH = "month", pgettext_lazy("period", "Month")
    YEAR = "year", pgettext_lazy("period", "Year")


class SubjectType(Codes):
    """What curators maintain, and decisions record the content of.

    Plans share forums, offices and publishers; the others belong to one plan.
    """

    PLAN = "plan", _("Plan")
    GOAL = "goal", _("Strategic goal")
    AREA = "area", _("Action area")
    COMMITMENT = "commitment", _("Commitment")
    FORUM = "forum", _("Partner forum")
    OFFICE = "office", _("Office")
    PUBLISHER = "publisher", pgettext_lazy("of sources", "Publisher")
