"""The grid of commitments: a row for each commitment, with a cell for its status at the end of each
year."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from commitments.addresses import path_to
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

# Earlier years are on the page over time.
MAX_COLUMNS = 12
# The more criteria of a partly fulfilled commitment are shown, the deeper the colour of its cell.
SHADES = 3


@dataclass(frozen=True)
class YearCell:
    """A commitment at the end of a period: the day, and the address of its page as of that day.

    `tone` is the tone of the status, whether or not the assessment has lapsed. `facts` are those of
    `facts_phrase`.
    """

    cell: GridCell
    period: str
    address: str
    facts: str

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
        """The shade from 1 to `SHADES`, by the share of criteria that are shown; the middle one if
        no criterion is answered."""
        findings = self.cell.findings
        return 1 + SHADES // 2 if findings is None else shade_of(findings)

    @property
    def words(self) -> str:
        """The content of the cell in words: “2024: Partly active, 2 of 5 criteria shown, 1
        event”."""
        names = {"period": self.period, "facts": self.facts}
        return pgettext("a cell of the grid", "%(period)s: %(facts)s") % names


def facts_phrase(
    status: Status, has_lapsed: bool, findings: FindingCounts | None, events: int
) -> str:
    """Return “Partly active, lapsed, 2 of 5 criteria shown, 1 event”, without what is not so."""
    facts = [str(status.label)]
    if has_lapsed:
        facts.append(_("lapsed"))
    if findings:
        facts.append(criteria_phrase(findings))
    if events:
        facts.append(events_phrase(events))
    return join_list(facts, COMMAS)


def shade_of(findings: FindingCounts) -> int:
    """Return the shade of a cell, from 1 to `SHADES`, by the share of criteria that are shown."""
    return min(SHADES, 1 + SHADES * findings.shown // findings.of)


def events_phrase(n: int) -> str:
    """Return “2 events”."""
    return ngettext("%(n)s event", "%(n)s events", n) % {"n": n}


@dataclass(frozen=True)
class CommitmentYears:
    """A commitment with its cells, earliest first."""

    commitment: ListedCommitment
    cells: list[YearCell]


class PlacedCell(NamedTuple):
    """A cell in a picture of the grid: its position and width in percent, and the position of its
    row in pixels."""

    x: float
    y: int
    width: float
    tone: Tone
    has_lapsed: bool


@dataclass(frozen=True)
class GridPicture:
    """The grid without words, small enough for a card. `height` is in pixels; `first` and `last`
    are the names of its first and last period."""

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


# The height in pixels of a row in a picture; a cell is a little lower.
ROW_HEIGHT = 7


def grid_picture(commitments: Sequence[Any], record: Record, plan: Plan, day: date) -> GridPicture:
    """Return the picture of a grid of commitments by year up to a day; no query."""
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
    """The heading of consecutive rows: the area, with its number if it has one."""

    title: Text | StrOrPromise
    area: int | None = None


# Rows without a heading belong to the plan or the group as a whole.
HeadingRule = Callable[[Any], Heading | None]


def by_area(commitment: Any) -> Heading | None:
    """Return the heading of a commitment where commitments are in the plan's own order."""
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
    """The grid as pages show it. `day` is the day of its last column; `since` is the last day of
    the column before it, None if there is none. `headline` says what changed in between."""

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
        """The number of columns, including those for the commitment and its status."""
        return len(self.periods) + 2

    @property
    def tones(self) -> list[Tone]:
        """The tones that occur, for the legend."""
        found = {cell.tone for cell in self.cells}
        return [tone for tone in Tone if tone in found]

    @property
    def has_partial(self) -> bool:
        """Whether any cell is partly fulfilled and so has a shade."""
        return Tone.PARTIAL in self.tones

    @property
    def shades(self) -> range:
        """The shades of partly fulfilled cells, for the legend."""
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
    counted: Sequence[Any] | None = None,
) -> GridTable:
    """Return the grid of commitments of a plan by year up to a day, built from their record; one
    query.

    `clocks` are the reader's own, as in the address. Consecutive commitments with the same heading
    form a section. `subject` is the goal, forum or office that the commitments belong to. The
    headline covers the `counted` commitments, which must be in the record too; by default, those of
    the grid.
    """
    found = grid_of(commitments, record, plan, PeriodUnit.YEAR, day)
    periods = found.periods[-MAX_COLUMNS:]
    queries = [urlencode({**clocks, "as_of": period.ends_on}) for period in periods[:-1]]
    # The last column is for the day shown.
    queries.append(urlencode(clocks))
    columns = list(zip(periods, queries, strict=True))
    # Many cells say the same.
    describe = cache(facts_phrase)
    sections = [
        Section(title, [_row(row, plan, columns, subject, describe) for row in rows])
        for title, rows in groupby(found.rows, key=lambda row: heading(row.commitment))
    ]
    headline = _headline(found.periods, commitments if counted is None else counted, record)
    since = periods[-2].ends_on if periods[1:] else None
    return GridTable([period.name for period in periods], sections, day, since, headline)


def _headline(
    periods: Sequence[GridPeriod], commitments: Iterable[Any], record: Record
) -> list[CountedPhrase]:
    """Return what changed between the ends of the last two periods, in phrases."""
    if not periods[1:]:
        return []
    first, last = periods[-2:]
    changes: Counter[Movement] = Counter()
    all_known, any_assessed = True, False
    for row in commitments:
        own = record[row.pk]
        before, after = (own.item(row.pk, row.kind, period.ends_on) for period in (first, last))
        movement = movement_between(
            Status(before.status),
            Status(after.status),
            before_lapsed=before.has_lapsed,
            after_lapsed=after.has_lapsed,
            after_gap=own.has_gap(first.ends_on, last.ends_on),
        )
        changes[movement] += 1
        all_known &= after.tone is not Tone.UNKNOWN
        any_assessed |= {before.status, after.status} != {Status.UNASSESSED}
    return change_headline(changes, first.name, all_known=all_known, any_assessed=any_assessed)


def _row(
    row: GridRow,
    plan: Plan,
    columns: Sequence[tuple[GridPeriod, str]],
    subject: ListSubject | None,
    describe: Callable[[Status, bool, FindingCounts | None, int], str],
) -> CommitmentYears:
    """Return the row of a commitment. `columns` are the periods shown, each with the query for its
    day; `describe` is `facts_phrase`."""
    page = path_to("pages:commitment", plan.code, row.commitment.number)
    cells = []
    for cell, (period, query) in zip(row.cells[-len(columns) :], columns, strict=True):
        address = f"{page}?{query}".removesuffix("?")
        status, has_lapsed = Status(cell.item.status), cell.item.has_lapsed
        facts = describe(status, has_lapsed, cell.findings, cell.events)
        cells.append(YearCell(cell, period.name, address, facts))
    return CommitmentYears(ListedCommitment(row.commitment, subject), cells)
