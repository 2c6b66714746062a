"""The tidy tables of a plan as a Data Package (version 2.0 of the standard)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from commitments.exports.columns import Column
from commitments.exports.tidy.fields import Field
from commitments.exports.tidy.tables import FORMAT_VERSION, ForeignKey, TidyTable
from commitments.ledger import format_utc
from commitments.models import Plan

PROFILES = "https://datapackage.org/profiles/2.0/"
# How to read the CSV files. All values are the defaults of the standard.
DIALECT = {
    "$schema": f"{PROFILES}tabledialect.json",
    "header": True,
    "delimiter": ",",
    "lineTerminator": "\r\n",
    "quoteChar": '"',
    "doubleQuote": True,
    "skipInitialSpace": False,
}
Descriptor = dict[str, Any]


@dataclass(frozen=True)
class PackageFacts:
    """The facts about a plan's data set, apart from its tables.

    `identifier` is the address that names the data, and `homepage` the address of the page about
    it; both are empty in a copy without an address of its own. `licence` is the address of the
    licence terms, `publisher` is who runs the site, and `path` returns the location of a table.
    """

    plan: Plan
    created: datetime
    identifier: str
    homepage: str
    licence: str
    publisher: str
    path: Callable[[TidyTable], str]

    @property
    def title(self) -> str:
        return _("%(plan)s: commitments and record") % {"plan": self.plan.title}

    @property
    def description(self) -> str:
        parts = [
            _(
                "The commitments of a published action plan, and an evidenced, reviewed record of "
                "progress on each, as tables with one row for each thing."
            ),
            _(
                "In text, an apostrophe precedes what a spreadsheet could take for a formula; take "
                "one away to restore the text. An empty cell is a missing value."
            ),
            str(self.plan.notice),
        ]
        return "\n\n".join(part for part in parts if part)

    @property
    def version(self) -> str:
        """The format version of the tables, with the revision of the plan's record as its third
        number."""
        return f"{FORMAT_VERSION}.{self.plan.revision}"

    @property
    def source(self) -> str:
        """The plan and its issuer."""
        return ", ".join(str(text) for text in (self.plan.title, self.plan.issuer) if text)


def data_package(facts: PackageFacts, tables: Iterable[TidyTable]) -> Descriptor:
    """Return the descriptor of a plan's Data Package in the active language."""
    plan = facts.plan
    descriptor: Descriptor = {
        "$schema": f"{PROFILES}datapackage.json",
        "name": plan.code.lower(),
        "title": facts.title,
        "description": facts.description,
        "version": facts.version,
        "created": format_utc(facts.created),
        "sources": [{"title": facts.source}],
        "contributors": [{"title": facts.publisher, "roles": ["publisher"]}],
        "resources": [_resource(facts, table) for table in tables],
    }
    if facts.identifier:
        descriptor |= {"id": facts.identifier, "homepage": facts.homepage}
    if plan.licence:
        descriptor["licenses"] = [{"path": facts.licence, "title": str(plan.licence)}]
    return descriptor


def _resource(facts: PackageFacts, table: TidyTable) -> Descriptor:
    return {
        "$schema": f"{PROFILES}dataresource.json",
        "name": table.name,
        "type": "table",
        "path": facts.path(table),
        "title": str(table.title),
        "description": str(table.description),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": DIALECT,
        "schema": table_schema(table, facts.plan),
    }


def table_schema(table: TidyTable, plan: Plan) -> Descriptor:
    """Return the Table Schema of a table, in the languages of a plan."""
    schema: Descriptor = {
        "$schema": f"{PROFILES}tableschema.json",
        "fields": [_field(column) for column in table.columns_of(plan)],
        "missingValues": [""],
        "primaryKey": list(table.primary_key),
    }
    if table.foreign_keys:
        schema["foreignKeys"] = [_foreign_key(key) for key in table.foreign_keys]
    return schema


def _field(column: Column) -> Descriptor:
    if not isinstance(column, Field):
        return {"name": column.name, "type": "string", "description": str(column.meaning)}
    described: Descriptor = {
        "name": column.name,
        "type": column.type,
        "description": str(column.meaning),
    }
    if column.codes and column.type == "string":
        described["categories"] = [
            {"value": code.value, "label": str(code.label)} for code in column.codes
        ]
    if column.required:
        described["constraints"] = {"required": True}
    return described


def _foreign_key(key: ForeignKey) -> Descriptor:
    reference: Descriptor = {"fields": list(key.referenced)}
    if key.table:
        reference["resource"] = key.table
    return {"fields": list(key.columns), "reference": reference}
