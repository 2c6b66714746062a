"""The addresses of a plan's tidy tables, and their description as a Data Package."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from commitments.exports.tidy import TIDY_TABLES, TidyTable
from commitments.exports.tidy.package import Descriptor, PackageFacts, data_package
from commitments.models import Plan
from commitments.templatetags.pages import site

# The place on the page of a plan's data that states its terms.
LICENCE_ANCHOR = "#licence"


def package_facts(
    request: HttpRequest, plan: Plan, at: datetime, query: Mapping[str, str] | None = None
) -> PackageFacts:
    """Return what a description of the plan's tables says, with their addresses; each table has
    those of the parameters in `query` that it knows."""
    page = request.build_absolute_uri(reverse("pages:data", args=[plan.code]))
    index = request.build_absolute_uri(reverse("api:data", args=[plan.code]))

    def path(table: TidyTable) -> str:
        return request.build_absolute_uri(table_path(plan, table, query or {}))

    publisher = site().operator or site().name
    return PackageFacts(plan, at, index, page, f"{page}{LICENCE_ANCHOR}", publisher, path)


def table_path(plan: Plan, table: TidyTable, query: Mapping[str, str]) -> str:
    """Return the path of a table, with those of these parameters that it knows."""
    known = {name: value for name, value in query.items() if name in table.parameters}
    address = reverse("api:data-table", args=[plan.code, table.name])
    return f"{address}?{urlencode(known)}" if known else address


def described(
    request: HttpRequest, plan: Plan, at: datetime, query: Mapping[str, str]
) -> Descriptor:
    """Return the Data Package of the plan's tables under these parameters."""
    return data_package(package_facts(request, plan, at, query), TIDY_TABLES.values())
