"""Dates in the admin."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import models

from commitments.form_fields import StrictDateField


class PlainDateField(StrictDateField):
    """A date from year to day, as the calendars of the interface's languages write it.
    `03/04/2026` would be ambiguous."""

    input_formats = ("%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日")


class DayInput(forms.DateInput):
    """The browser's own date input, whose “today” is the user's."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


# For `formfield_overrides`: all date fields of an admin page or inline.
DAYS: dict[Any, Any] = {models.DateField: {"form_class": PlainDateField, "widget": DayInput}}
