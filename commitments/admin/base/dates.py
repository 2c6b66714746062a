"""Dates in the admin."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.db import models

from commitments.choices import DatePrecision
from commitments.clocks import parse_partial_date
from commitments.form_fields import StrictDateField


class PlainDateField(StrictDateField):
    """A date from year to day, in every way in which `parse_partial_date` reads one."""

    def to_python(self, value: str | date | None) -> date | None:
        parsed = parse_partial_date(value) if isinstance(value, str) else None
        is_day = parsed is not None and parsed.precision is DatePrecision.DAY
        return super().to_python(str(parsed) if is_day else value)


class DayInput(forms.DateInput):
    """The browser's own date input, whose “today” is the user's."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


# For `formfield_overrides`: all date fields of an admin page or inline.
DAYS: dict[Any, Any] = {models.DateField: {"form_class": PlainDateField, "widget": DayInput}}
