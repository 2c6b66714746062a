"""How a set of commitments stood at the end of each month, quarter or year: the same roll-ups as
`rollups`, read from the claims at once instead of day by day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from commitments.choices import Codes, Freshness, Status
from commitments.clocks import Clock, days_before
from commitments.models import Plan, ProgressUpdate
from commitments.querysets import CommitmentQuerySet
from commitments.rollups import ALL, Group, Item, group

# The latest so many are told.
MOST = 600


class Step(Codes):
    MONTH = "month", "Month", "月"
    QUARTER = "quarter", "Quarter", "季度"
    YEAR = "year", "Year", "年"

    @property
    def months(self) -> int:
        return {Step.MONTH: 1, Step.QUARTER: 3, Step.YEAR: 12}[self]

    def name_of(self, day: date) -> str:
        """`2024-05`, `2024-Q2` or `2024`."""
        if self is Step.MONTH:
            return f"{day.year:04}-{day.month:02}"
        quarter = f"-Q{(day.month + 2) // 3}" if self is Step.QUARTER else ""
        return f"{day.year:04}{quarter}"

    def end_of(self, day: date) -> date:
        """The last day of the period that this day lies in."""
        last = (day.month - 1) // self.months * self.months + self.months
        if last == 12:  # noqa: PLR2004 - December
            return date(day.year, 12, 31)
        return date(day.year, last + 1, 1) - timedelta(days=1)


@dataclass(frozen=True)
class Period:
    """`ends_on` is the day that is looked at: of the last period the reader's own."""

    name: str
    ends_on: date
    group: Group


@dataclass(frozen=True)
class Claim:
    """What an update says of a commitment from its day on."""

    commitment: int
    effective_on: date
    status: Status

    def freshness(self, day: date, interval: int) -> Freshness:
        """As `CommitmentQuerySet` has it in SQL."""
        if self.status.rule.settled:
            return Freshness.SETTLED
        if self.effective_on >= days_before(day, interval):
            return Freshness.CURRENT
        if self.effective_on >= days_before(day, 2 * interval):
            return Freshness.DUE
        return Freshness.LAPSED


def held_since(updates: Iterable[ProgressUpdate], interval: int) -> ProgressUpdate | None:
    """Of updates that count, the latest first: the one from which on the current status was
    claimed, without another between and without lapsing."""
    since: ProgressUpdate | None = None
    for row in updates:
        if row.status is None:
            continue
        claim = Claim(row.commitment_id, row.effective_on, Status(row.status))
        if since is not None and (
            row.status != since.status
            or claim.freshness(since.effective_on, interval) is Freshness.LAPSED
        ):
            break
        since = row
    return since


def trend(commitments: CommitmentQuerySet, plan: Plan, step: Step, clock: Clock) -> list[Period]:
    """Of commitments of one plan, from its adoption (or the first claim, if that is earlier) to the
    day of the clock. Two queries."""
    return trend_of(dict(commitments.order_by().values_list("id", "kind")), plan, step, clock)


def trend_of(kinds: Mapping[int, str], plan: Plan, step: Step, clock: Clock) -> list[Period]:
    """The same of commitments that were read before: their kinds by id. One query."""
    day = clock.day(plan.time_zone)
    return periods(kinds, list(_claims(kinds, day, clock)), plan, step, day)


def periods(
    kinds: Mapping[int, str], claims: list[Claim], plan: Plan, step: Step, day: date
) -> list[Period]:
    """The same of claims that were read before, up to that day: the lowest first. No query."""
    first = min([day, *(claim.effective_on for claim in claims[:1]), plan.adopted_on or day])
    standing: dict[int, Claim] = {}
    found, waiting = [], iter([*claims, None])
    claim = next(waiting)
    for ends_on in _ends(first, day, step):
        while claim is not None and claim.effective_on <= ends_on:
            # The highest of a commitment's claims comes last.
            standing[claim.commitment] = claim
            claim = next(waiting)
        items = _items(kinds, standing, ends_on, plan.review_interval_days)
        found.append(Period(step.name_of(ends_on), ends_on, group(items, ALL)))
    return found[-MOST:]


def _ends(first: date, last: date, step: Step) -> Iterator[date]:
    end = step.end_of(first)
    while end < last:
        yield end
        end = step.end_of(end + timedelta(days=1))
    yield last


def _claims(commitments: Iterable[int], day: date, clock: Clock) -> Iterator[Claim]:
    """The lowest first."""
    rows: Any = ProgressUpdate.objects.counting(clock).claims().reverse()
    rows = rows.filter(commitment__in=list(commitments), effective_on__lte=day)
    for commitment, effective_on, status in rows.values_list(
        "commitment", "effective_on", "status"
    ):
        yield Claim(commitment, effective_on, Status(status))


def _items(
    kinds: Mapping[int, str], standing: dict[int, Claim], day: date, interval: int
) -> Iterator[Item]:
    for pk, kind in kinds.items():
        claim = standing.get(pk)
        if claim is None:
            yield Item(pk, kind, Status.UNASSESSED, None)
        else:
            yield Item(pk, kind, claim.status, claim.freshness(day, interval))
