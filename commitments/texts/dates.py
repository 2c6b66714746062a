"""How dates are written, in the reader's language."""

from __future__ import annotations

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import pgettext_lazy

# Translated in the catalogues of the interface: Django's own formats have none for a month or a
# year.
DATE_FORMATS = {
    "day": pgettext_lazy("format of a date", "j F Y"),
    "month": pgettext_lazy("format of a month", "F Y"),
    "year": pgettext_lazy("format of a year", "Y"),
    "time": pgettext_lazy("format of a time", "j F Y, H:i"),
    "clock": pgettext_lazy("format of a time of a known day", "H:i"),
}


def written_date(day: date, precision: str = "day") -> str:
    """Return a date, or the month or year that it represents."""
    return date_format(day, str(DATE_FORMATS[precision]))
