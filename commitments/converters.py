"""What an address may hold in place of a name; the rest leads nowhere."""

from __future__ import annotations

from django.urls import register_converter
from django.urls.converters import StringConverter

from commitments.models.plans import PLAN_CODE

# A null character is in no name, and PostgreSQL takes none.
NAME = r"[^/\x00]+"


class NameConverter(StringConverter):
    regex = NAME


class PlanConverter(StringConverter):
    """Other addresses, such as a browser's `favicon.ico`, are no plan's."""

    regex = PLAN_CODE.removeprefix("^").removesuffix(r"\Z")


register_converter(NameConverter, "name")
register_converter(PlanConverter, "plan")
