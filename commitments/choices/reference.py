"""Kinds of forums, and the precision of dates."""

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


class DatePrecision(Codes):
    DAY = "day", pgettext_lazy("period", "Date")
    MONTH = "month", pgettext_lazy("period", "Month")
    YEAR = "year", pgettext_lazy("period", "Year")
