"""The table of commitments in the columns of the Open Government Partnership (OGP).

See `docs/ogp-export.md`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from commitments.choices import Kind, Status
from commitments.exports.columns import (
    Column,
    ColumnList,
    Columns,
    attribute_getter,
    column,
)
from commitments.exports.commitments import COMMITMENT_COLUMNS, CommitmentRow, nested_getter
from commitments.texts.text import Text

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# OGP measures completion. Statuses that say nothing about completion are left empty.
COMPLETION = {
    Status.COMPLETED: "Complete",
    Status.SUBSTANTIAL: "Substantial",
    Status.STARTED: "Limited",
    Status.NOT_STARTED: "Not Started",
    Status.NO_EVIDENCE: "No Evidence Available",
}


def completion(row: CommitmentRow) -> str:
    """Return OGP's value for completion; "NA" for a standing duty, which is never complete."""
    return "NA" if row.commitment.kind == Kind.STANDING else COMPLETION.get(row.status, "")


def _in_one_language(text: Text | None) -> str:
    """Return the words in the language of the column names, or else in the text's own first
    language: OGP's columns have only one language."""
    return "" if text is None else text.in_language(settings.LANGUAGE_CODE)


def _text_column(name: str, path: str, meaning: StrOrPromise) -> Column:
    text_of = attribute_getter(path)
    return Column(name, lambda row: _in_one_language(text_of(row)), meaning)


_supporting_names = nested_getter("named_offices", "name")


def _supporting_offices(row: CommitmentRow) -> str:
    return "; ".join(map(_in_one_language, _supporting_names(row)))


def _end_date(row: CommitmentRow) -> date | None:
    day: date | None = row.commitment.known_due_on or row.commitment.known_ends_on
    return day


_STANDARD_COLUMNS: Columns = (
    column("Commitment Unique Identifier", "commitment.code", _("Public identifier")),
    column(
        "Country/Locality",
        "commitment.plan.locality",
        _("Country or locality of the plan, if given"),
    ),
    column(
        "Action Plan Number",
        "commitment.plan.plan_number",
        _("Number of the action plan, if given"),
    ),
    column("Commitment Number", "commitment.number", _("Number in the plan")),
    _text_column("Theme", "commitment.area.title", _("Action area title")),
    _text_column("Commitment Title", "commitment.title", _("Short title, written for the tracker")),
    _text_column(
        "Short Title",
        "commitment.title",
        _("Same as Commitment Title; the plan has no short titles"),
    ),
    _text_column("Full Text", "commitment.text", _("Verbatim text")),
    column("Start Date", "commitment.start_on", _("Start date")),
    Column("End Date", _end_date, _("Due date, or day on which a standing duty ends")),
    _text_column("Lead Institution", "commitment.lead_office.name", _("Lead office")),
    Column("Supporting Institution(s)", _supporting_offices, _("Supporting offices")),
    Column(
        "Completion (Progress Report)",
        completion,
        _("Derived from the status; see the table below"),
    ),
    column("URL", "url", _("URL of the commitment's page")),
)

# Our columns without an equivalent in OGP's table. Their names in the file begin with "x_".
_EXTRA_COLUMNS = (
    "plan",
    "kind",
    "status",
    "status_label",
    "tone",
    "effective_on",
    "date_precision",
    "published_at",
    "update",
    "evidence_level",
    "freshness",
    "schedule",
    "area",
    "area_title",
    "goal",
    "supporting_goals",
    "title",
    "text",
    "forums",
    "as_of",
    "known_at",
)
_BY_NAME = {column.name: column for column in COMMITMENT_COLUMNS}

OGP_COLUMNS: ColumnList = (
    *_STANDARD_COLUMNS,
    *(replace(_BY_NAME[name], name=f"x_{name}") for name in _EXTRA_COLUMNS),
)
