"""Bars and columns of roll-ups, as the numbers and phrases that the templates show."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from commitments.choices import Codes, Freshness, Kind, Schedule, Status, Tone
from commitments.clocks import days_before
from commitments.pages.phrases import acted_text, activity_period, commitments_phrase
from commitments.rollups import Group, KindRollUp
from commitments.rollups.trend import TrendPeriod
from commitments.texts.lists import DOTS, with_separators
from commitments.texts.phrases import CountedPhrase, counted_phrases

# The length, in percent of a full column, from which a segment has room for its number.
MIN_LENGTH_OF_NUMBER = 11
# Filters of the list of commitments that select what a number counts; None if no filters do.
Filters = Mapping[str, Any] | None
# A number with the filters that select what it counts, and the phrase in which it is shown.
BarFact = tuple[dict[str, Any], int | str, str]
# A row of a table: its name, and each number with the filters that select what it counts.
NumberRow = tuple[str, list[tuple[int, Mapping[str, Any]]]]


@dataclass(frozen=True)
class Segment:
    """The commitments of one tone in a bar: start and length in percent of the full length.

    `lapsed` is the number of commitments among them whose assessment has lapsed.
    """

    tone: Tone
    count: int
    start: float
    length: float
    lapsed: int = 0

    @property
    def alt(self) -> str:
        """The text alternative: “Unknown 5 (3 lapsed)”."""
        text = f"{self.tone.label} {self.count}"
        if not self.lapsed:
            return text
        return _("%(count)s (%(n)s lapsed)") % {"count": text, "n": self.lapsed}

    @property
    def top(self) -> float:
        """The distance from the top, in percent, in a column that is filled from the bottom."""
        return round(100 - self.start - self.length, 2)

    @property
    def middle(self) -> float:
        """The distance of the segment's middle from the top of such a column, in percent."""
        return round(self.top + self.length / 2, 2)

    @property
    def has_room(self) -> bool:
        """Return whether the number fits into the segment in such a column."""
        return self.length >= MIN_LENGTH_OF_NUMBER

    @property
    def lapsed_length(self) -> float:
        """The length of the lapsed part, at the end of the segment, in percent."""
        return round(self.length * self.lapsed / self.count, 2)


@dataclass(frozen=True)
class Bar:
    """The commitments of one kind in a group, by effective tone. `interval` is the plan's review
    interval in days; `acted_since` is the first day of the current interval."""

    kind: Kind
    part: KindRollUp
    segments: list[Segment]
    interval: int
    acted_since: date

    @property
    def alt(self) -> str:
        """The text alternative: “Fulfilled 2, Adverse 1”."""
        comma = pgettext("between counts", ", ")
        return comma.join(segment.alt for segment in self.segments)

    @property
    def facts(self) -> list[CountedPhrase]:
        """What the summary does not say: the reading with the facts beside it, and the bounds of
        “fulfilled” unless no commitment can be fulfilled. The code of a phrase with a number holds
        the filters of the commitments that it counts."""
        counted = [*self._reading(), *self._fulfilled()]
        return counted_phrases(
            (filters | {"kind": self.kind.value}, n, text, following)
            for (filters, n, text), following in with_separators(counted, DOTS)
        )

    @property
    def short_facts(self) -> list[str]:
        """The kind, and the reading with the facts beside it."""
        return [str(self.kind.label), *(text % {"n": n} for _filters, n, text in self._reading())]

    @property
    def statuses(self) -> list[tuple[Status, int]]:
        """The statuses that occur, each with its number of commitments."""
        return [(Status(code), n) for code, n in self.part.counts.items() if n]

    def _fulfilled(self) -> list[BarFact]:
        low, high = self.part.fulfilled
        if high == 0:
            return []
        text = _("%(n)s fulfilled")
        if low < high:
            message = _("%(n)s fulfilled; up to %(high)s if the unknown ones are")
            text = message % {"n": "%(n)s", "high": high}
        return [({"tone": Tone.FULFILLED.value}, low, text)]

    def _reading(self) -> list[BarFact]:
        """Return the reading, and how many commitments were acted on, are adverse and are
        overdue."""
        adverse, overdue, acted = self.part.adverse, self.part.overdue, self.part.acted
        text = acted_text(acted, self.interval)
        facts: list[BarFact] = [
            ({}, "", str(self.part.reading.label)),
            ({"acted_since": self.acted_since}, acted["any"] or "", text),
        ]
        if adverse:
            facts.append(({"tone": Tone.ADVERSE.value}, adverse, _("%(n)s adverse")))
        if overdue:
            facts.append(({"schedule": Schedule.OVERDUE.value}, overdue, _("%(n)s overdue")))
        return facts


@dataclass(frozen=True)
class ChartRow:
    """A group of a grouping, with bars on a scale that all its groups share.

    `filters` select its commitments and `interval` is the plan's review interval in days. `parts`
    are the rows of a forum's parts; activity at a forum that `has_successors` includes theirs.
    """

    group: Group
    bars: list[Bar]
    filters: Filters
    interval: int
    parts: Sequence[ChartRow] = ()
    has_successors: bool = False

    @property
    def count(self) -> str:
        return commitments_phrase(self.group.commitments)

    @property
    def count_filters(self) -> Filters:
        return self.filters if self.group.commitments else None

    @property
    def before_activity(self) -> str:
        """The separator between the number of commitments and the activity."""
        match self.group.active_at_forum:
            case None:
                return ""
            case 0:
                return pgettext("between clauses", "; ")
            case _n:
                return pgettext("between counts", ", ")

    @property
    def activity(self) -> str:
        """How many of the commitments have recent activity at the forum, in words."""
        active = self.group.active_at_forum
        if active is None:
            return ""
        values = {"active": active, "period": activity_period(self.interval)}
        if self.has_successors:
            some = _("%(active)s with activity recorded there or at its successors %(period)s")
            none = _("no activity recorded there or at its successors %(period)s")
        else:
            some = _("%(active)s with activity recorded there %(period)s")
            none = _("no activity recorded there %(period)s")
        return (some if active else none) % values

    @property
    def activity_filters(self) -> Filters:
        if not self.group.active_at_forum or self.filters is None:
            return None
        return {**self.filters, "active_at": self.group.key}


def bars(group: Group, interval: int, day: date, scale: int | None = None) -> list[Bar]:
    """Return a bar for each kind of which the group has commitments.

    `interval` is the plan's review interval in days, `day` is the day of the roll-up, and `scale`
    is the number of commitments at full length; by default, all of the kind.
    """
    since = days_before(day, interval)
    return [
        Bar(kind, part, _segments(part, scale or part.of), interval, since)
        for kind, part in group.kinds.items()
        if part.of
    ]


def chart_rows(groups: Iterable[Group], by: str, interval: int, day: date) -> list[ChartRow]:
    """Return a row for each group of a grouping, on one scale: the largest group has a bar of full
    length. `interval` is the plan's review interval in days, `day` the day of the roll-up."""
    groups = list(groups)
    largest = max((part.of for group in groups for part in group.kinds.values()), default=0)
    return [
        ChartRow(
            group,
            bars(group, interval, day, largest),
            {by: group.key} if group.key else None,
            interval,
        )
        for group in groups
    ]


def forum_chart_rows(groups: Iterable[Group], interval: int, day: date) -> list[ChartRow]:
    """Return rows for the forums as `chart_rows` does, without the group of commitments that name
    no forum."""
    return chart_rows([group for group in groups if group.key], "forum", interval, day)


def _segments(part: KindRollUp, scale: int) -> list[Segment]:
    segments, before = [], 0
    for tone in Tone:
        count = part.tones[tone.value]
        if count:
            start, length = 100 * before / scale, 100 * count / scale
            lapsed = part.lapsed if tone is Tone.UNKNOWN else 0
            segments.append(Segment(tone, count, round(start, 2), round(length, 2), lapsed))
            before += count
    return segments


@dataclass(frozen=True)
class ChartColumn:
    """One kind's commitments at a period's end."""

    name: str
    bar: Bar
    filters: Mapping[str, Any]


@dataclass(frozen=True)
class NumberTable:
    """The numbers behind the columns of a chart: a row for each column, with a number for each code
    that occurs."""

    by: str
    title: str
    codes: list[Codes]
    rows: list[NumberRow]


@dataclass(frozen=True)
class Series:
    """The columns of one kind, with the tones that occur in them and their numbers."""

    kind: Kind
    of: int
    columns: list[ChartColumn]
    tones: list[Tone]
    tables: list[NumberTable]

    @property
    def count(self) -> str:
        return commitments_phrase(self.of)

    @property
    def has_lapsed(self) -> bool:
        """Return whether an assessment has lapsed at the end of any period."""
        return any(column.bar.part.lapsed for column in self.columns)


def series(
    periods: Iterable[TrendPeriod], filters: Mapping[str, Any], interval: int
) -> list[Series]:
    """Return a series for each kind of which there are commitments.

    `filters` are those that selected all of the commitments; `interval` is the plan's review
    interval in days.
    """
    found: dict[Kind, list[ChartColumn]] = defaultdict(list)
    periods = list(periods)
    for period in periods:
        # The last period ends on the date shown, which links keep anyway.
        day = {} if period is periods[-1] else {"as_of": period.ends_on}
        for bar in bars(period.group, interval, period.ends_on):
            column_filters = {**filters, "kind": bar.kind.value, **day}
            found[bar.kind].append(ChartColumn(period.name, bar, column_filters))
    return [_series(kind, columns) for kind, columns in found.items()]


def _series(kind: Kind, columns: list[ChartColumn]) -> Series:
    parts = [column.bar.part for column in columns]
    tones = [tone for tone in Tone if any(part.tones[tone.value] for part in parts)]
    codes = [code for code in parts[0].counts if any(part.counts[code] for part in parts)]
    statuses = [Status(code) for code in codes]
    lapsed = [Freshness.LAPSED] if any(part.lapsed for part in parts) else []
    tables = [
        NumberTable(
            "tone", _("Counts as"), [*tones, *lapsed], _numbers(columns, [*tones, *lapsed])
        ),
        NumberTable("status", _("Status"), [*statuses], _numbers(columns, statuses)),
    ]
    return Series(kind, parts[0].of, columns, tones, tables)


def _numbers(columns: Iterable[ChartColumn], codes: Sequence[Codes]) -> list[NumberRow]:
    """Return a row for each column: how many of its commitments have each of these codes."""

    def number(column: ChartColumn, code: Codes) -> tuple[int, Mapping[str, Any]]:
        part = column.bar.part
        match code:
            case Tone():
                return part.tones[code.value], {**column.filters, "tone": code.value}
            case Freshness():
                return part.lapsed, {**column.filters, "freshness": code.value}
            case _:
                return part.counts[code.value], {**column.filters, "status": code.value}

    return [(column.name, [number(column, code) for code in codes]) for column in columns]
