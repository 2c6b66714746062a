"""The grid of commitments: a row for each, a cell for its status at the end of each year."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from commitments.choices import Movement, PeriodUnit, Status, Tone
from commitments.models import Plan
from commitments.pages.headline import change_headline
from commitments.pages.phrases import criteria_phrase
from commitments.pages.rows import ListedCommitment, ListSubject
from commitments.rollups import Record
from commitments.rollups.comparison import movement_between
from commitments.rollups.findings import FindingCounts
from commitments.rollups.grid import GridCell, GridPeriod, GridRow, grid_of
from commitments.rollups.trend import period_ends
from commitments.texts.lists import COMMAS, join_list
from commitments.texts.phrases import CountedPhrase
from commitments.texts.text import Text

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# Earlier years are on the page of the trend.
MAX_COLUMNS = 12
# A cell of a commitment that is partly fulfilled is deeper the more of its criteria are shown.
SHADES = 3


@dataclass(frozen=True)
class YearCell:
    """A commitment at the end of a period: the day, and the address of its page as of that day.

    `tone` is that of the status, whether or not it has lapsed.
    """

    cell: GridCell
    period: str
    address: str

    @property
    def tone(self) -> Tone:
        return Status(self.cell.item.status).rule.tone

    @property
    def has_lapsed(self) -> bool:
        return self.cell.item.has_lapsed

    @property
    def events(self) -> int:
        return self.cell.events

    @property
    def shade(self) -> int:
        """From 1 to `SHADES`, by the share of criteria shown; where none are answered, the
        middle."""
        findings = self.cell.findings
        return 1 + SHADES // 2 if findings is None else shade_of(findings)

    @property
    def words(self) -> str:
        """What the cell shows, such as “2024: Partly active, 2 of 5 criteria shown, 1 event”."""
        facts = [str(Status(self.cell.item.status).label)]
        if self.has_lapsed:
            facts.append(_("lapsed"))
        if self.cell.findings:
            facts.append(criteria_phrase(self.cell.findings))
        if self.events:
            facts.append(events_phrase(self.events))
        names = {"period": self.period, "facts": join_list(facts, COMMAS)}
        return pgettext("a cell of the grid", "%(period)s: %(facts)s") % names


def shade_of(findings: FindingCounts) -> int:
    """Return how deep a cell is, from 1 to `SHADES`, by the share of criteria that are shown."""
    return min(SHADES, 1 + SHADES * findings.shown // findings.of)


def events_phrase(n: int) -> str:
    """Return “2 events”."""
    return ngettext("%(n)s event", "%(n)s events", n) % {"n": n}


@dataclass(frozen=True)
class CommitmentYears:
    """A commitment with its cells, the earliest first."""

    commitment: ListedCommitment
    cells: list[YearCell]


class PlacedCell(NamedTuple):
    """A cell of a picture of the grid: its place and width in percent, that of its row in
    pixels."""

    x: float
    y: int
    width: float
    tone: Tone
    has_lapsed: bool


@dataclass(frozen=True)
class GridPicture:
    """The grid without words, as small as a card; `height` is in pixels. `first` and `last` are the
    names of its periods at both ends."""

    cells: list[PlacedCell]
    height: int
    first: str
    last: str

    @property
    def tones(self) -> list[Tone]:
        """The tones that occur, for a legend."""
        found = {cell.tone for cell in self.cells}
        return [tone for tone in Tone if tone in found]

    @property
    def has_lapsed(self) -> bool:
        return any(cell.has_lapsed for cell in self.cells)


# The height of a picture's row in pixels; a cell is a little lower.
ROW_HEIGHT = 7


def grid_picture(commitments: Sequence[Any], record: Record, plan: Plan, day: date) -> GridPicture:
    """Return the picture of the grid of commitments by years up to a day; without a query."""
    ends = period_ends(record, plan, PeriodUnit.YEAR, day)[-MAX_COLUMNS:]
    width = 100 / len(ends)
    cells = []
    for line, row in enumerate(commitments):
        for column, end in enumerate(ends):
            item = record[row.pk].item(row.pk, row.kind, end)
            place = round(column * width, 2), line * ROW_HEIGHT, round(width, 2)
            cells.append(PlacedCell(*place, Status(item.status).rule.tone, item.has_lapsed))
    first, last = (PeriodUnit.YEAR.name_of(end) for end in (ends[0], ends[-1]))
    return GridPicture(cells, len(commitments) * ROW_HEIGHT, first, last)


class Heading(NamedTuple):
    """The heading of rows that follow one another: the area, by its number, if it is one."""

    title: Text | StrOrPromise
    area: int | None = None


# Rows without a heading are the plan's or a group's as a whole.
HeadingRule = Callable[[Any], Heading | None]


def by_area(commitment: Any) -> Heading | None:
    """Return the heading of a commitment in the plan's own order."""
    area = commitment.area
    return Heading(area.title, area.number) if area else None


def without_headings(commitment: Any) -> None:
    return None


@dataclass(frozen=True)
class Section:
    """Rows under a heading."""

    heading: Heading | None
    rows: list[CommitmentYears]


@dataclass(frozen=True)
class GridTable:
    """The grid as pages show it. `day` is the day of its last column, `since` the last day of the
    column before it, None where there is none. `headline` says what changed in between."""

    periods: list[str]
    sections: list[Section]
    day: date
    since: date | None = None
    headline: Sequence[CountedPhrase] = ()

    @property
    def cells(self) -> Iterable[YearCell]:
        return (cell for part in self.sections for row in part.rows for cell in row.cells)

    @property
    def width(self) -> int:
        """The number of columns, with those of the commitment and its status."""
        return len(self.periods) + 2

    @property
    def tones(self) -> list[Tone]:
        """The tones that occur, for the legend."""
        found = {cell.tone for cell in self.cells}
        return [tone for tone in Tone if tone in found]

    @property
    def has_partial(self) -> bool:
        """Whether any commitment was partly fulfilled, so that its cell has a shade."""
        return Tone.PARTIAL in self.tones

    @property
    def shades(self) -> range:
        """The shades of a cell that is partly fulfilled, for the legend."""
        return range(1, SHADES + 1)

    @property
    def has_lapsed(self) -> bool:
        """Whether any assessment had lapsed at the end of a period."""
        return any(cell.has_lapsed for cell in self.cells)


def grid_table(
    commitments: Sequence[Any],
    record: Record,
    plan: Plan,
    day: date,
    *,
    clocks: Mapping[str, str],
    heading: HeadingRule = without_headings,
    subject: ListSubject | None = None,
    counted: int | None = None,
) -> GridTable:
    """Return the grid of commitments of a plan by years up to a day, from their record; in one
    query.

    `clocks` are the reader's own, as in the address. Commitments that follow one another under the
    same heading form a section. `subject` is the goal, forum or office whose commitments they are.
    The headline is on the first `counted` of the commitments, or on all.
    """
    found = grid_of(commitments, record, plan, PeriodUnit.YEAR, day)
    periods = found.periods[-MAX_COLUMNS:]
    queries = [urlencode({**clocks, "as_of": period.ends_on}) for period in periods[:-1]]
    # The last column is of the day that is shown.
    queries.append(urlencode(clocks))
    columns = list(zip(periods, queries, strict=True))
    sections = [
        Section(title, [_row(row, plan, columns, subject) for row in rows])
        for title, rows in groupby(found.rows, key=lambda row: heading(row.commitment))
    ]
    headline = _headline(found.periods, found.rows[:counted], record)
    since = periods[-2].ends_on if periods[1:] else None
    return GridTable([period.name for period in periods], sections, day, since, headline)


def _headline(
    periods: Sequence[GridPeriod], rows: Sequence[GridRow], record: Record
) -> list[CountedPhrase]:
    """Return what changed between the ends of the last two periods."""
    if not periods[1:]:
        return []
    first, last = periods[-2:]
    changes: Counter[Movement] = Counter()
    for row in rows:
        before, after = (cell.item for cell in row.cells[-2:])
        has_gap = record[row.commitment.pk].has_gap(first.ends_on, last.ends_on)
        movement = movement_between(
            Status(before.status),
            Status(after.status),
            before_lapsed=before.has_lapsed,
            after_lapsed=after.has_lapsed,
            after_gap=has_gap,
        )
        changes[movement] += 1
    all_known = all(row.cells[-1].tone is not Tone.UNKNOWN for row in rows)
    any_assessed = any(
        cell.item.status != Status.UNASSESSED for row in rows for cell in row.cells[-2:]
    )
    return change_headline(changes, first.name, all_known=all_known, any_assessed=any_assessed)


def _row(
    row: GridRow, plan: Plan, columns: Sequence[tuple[GridPeriod, str]], subject: ListSubject | None
) -> CommitmentYears:
    """Return a row; `columns` are the periods shown, with the query for the day of each."""
    page = reverse("pages:commitment", args=[plan.code, row.commitment.number])
    cells = row.cells[-len(columns) :]
    return CommitmentYears(
        ListedCommitment(row.commitment, subject),
        [
            YearCell(cell, period.name, f"{page}?{query}".removesuffix("?"))
            for cell, (period, query) in zip(cells, columns, strict=True)
        ],
    )
