"""Days as staff type them."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.widgets import AdminDateWidget
from django.db import models

from commitments.filters import StrictDateField


class PlainDateField(StrictDateField):
    """A day from the year down, whichever way the calendar of the page writes it; never as
    month and day that might be day and month."""

    formats = ("%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日")


# For an admin page or inline: all its days.
DAYS: dict[Any, Any] = {models.DateField: {"form_class": PlainDateField, "widget": AdminDateWidget}}
