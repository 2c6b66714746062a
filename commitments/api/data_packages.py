"""The addresses of a plan's tidy tables, and their description as a Data Package."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from commitments.exports.tidy import TIDY_TABLES, TidyTable
from commitments.exports.tidy.package import Descriptor, PackageFacts, data_package
from commitments.models import Plan, Snapshot
from commitments.templatetags.pages import site

# The anchor of the licence on the page of a plan's data.
LICENCE_ANCHOR = "#licence"


def package_facts(
    request: HttpRequest, plan: Plan, at: datetime, query: Mapping[str, str] | None = None
) -> PackageFacts:
    """Return the facts that describe the plan's tables, with their addresses; the address of a
    table has those parameters of `query` that the table accepts."""
    page = request.build_absolute_uri(reverse("pages:data", args=[plan.code]))
    index = request.build_absolute_uri(reverse("api:data", args=[plan.code]))

    def path(table: TidyTable) -> str:
        return request.build_absolute_uri(table_path(plan, table, query or {}))

    publisher = site().operator or site().name
    licence = plan.licence_url or f"{page}{LICENCE_ANCHOR}"
    return PackageFacts(plan, at, index, page, licence, publisher, path)


def table_path(plan: Plan, table: TidyTable, query: Mapping[str, str]) -> str:
    """Return the path of a table, with those parameters of `query` that it accepts."""
    known = {name: value for name, value in query.items() if name in table.parameters}
    address = reverse("api:data-table", args=[plan.code, table.name])
    return f"{address}?{urlencode(known)}" if known else address


@dataclass(frozen=True)
class ListedSnapshot:
    """A snapshot with its address, None if its content was withdrawn, and how to cite it."""

    snapshot: Snapshot
    url: str | None
    citation: str


def listed_snapshots(request: HttpRequest, facts: PackageFacts) -> list[ListedSnapshot]:
    """Return the snapshots of the plan, the latest quarter first; one query."""
    rows = facts.plan.snapshots.made_by(facts.created).listed()
    return [_listed(request, facts, row) for row in rows]


def _listed(request: HttpRequest, facts: PackageFacts, row: Snapshot) -> ListedSnapshot:
    path = reverse("api:data-snapshot", args=[facts.plan.code, row.quarter])
    url = request.build_absolute_uri(path)
    citation = _("%(publisher)s: “%(title)s”, %(quarter)s. SHA-256 %(sha256)s. %(url)s") % {
        "publisher": facts.publisher,
        "title": facts.title,
        "quarter": row.quarter,
        "sha256": row.sha256,
        "url": url,
    }
    return ListedSnapshot(row, None if row.is_withdrawn else url, citation)


def describe_package(
    request: HttpRequest, plan: Plan, at: datetime, query: Mapping[str, str]
) -> Descriptor:
    """Return the Data Package of the plan's tables under these parameters."""
    return data_package(package_facts(request, plan, at, query), TIDY_TABLES.values())
