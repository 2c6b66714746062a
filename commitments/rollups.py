"""What a set of commitments amounts to: counts, bounds and a reading, for each kind apart.

No percent, no weights, no averages. A claim that is unknown or has lapsed is never counted as
fulfilled; it only widens the bounds. `docs/methodology.md` gives the reasons.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from commitments.bilingual import Text
from commitments.choices import Freshness, Kind, Status, Tone, statuses_for
from commitments.clocks import Clock
from commitments.lineage import Lineage
from commitments.models import Commitment, Forum, Office, Partnership, ProgressUpdate
from commitments.querysets import CommitmentQuerySet
from commitments.readings import Reading, Turn


@dataclass(frozen=True)
class Item:
    """One commitment as it stands under the reader's clocks, with the numbers of its goal and
    area."""

    id: int
    kind: str
    status: str
    freshness: str | None
    goal: int | None = None
    area: int | None = None
    plan: int | None = None

    @property
    def tone(self) -> Tone:
        """The effective tone: apart if the status is; unknown if it is or the claim has lapsed."""
        tone = Status(self.status).rule.tone
        if tone is not Tone.APART and self.freshness == Freshness.LAPSED:
            return Tone.UNKNOWN
        return tone

    @property
    def unanswered(self) -> bool:
        """Whether one would be asked about it: nothing is known, nothing was done, or something
        adverse was."""
        return self.tone in (Tone.UNKNOWN, Tone.NONE, Tone.ADVERSE)


# From bad to good; what is unknown or set apart has no place among them.
RANKS = (Tone.ADVERSE, Tone.NONE, Tone.PARTIAL, Tone.FULFILLED)


def turn(before: Item, after: Item) -> Turn | None:
    """What became of a commitment between two days; None if its status is the same and counts the
    same."""
    then, now = before.tone, after.tone
    if then is now:
        return None if before.status == after.status else Turn.OTHER
    if then in RANKS and now in RANKS:
        return Turn.BETTER if RANKS.index(now) > RANKS.index(then) else Turn.WORSE
    if Tone.APART in (then, now):
        return Turn.OTHER
    return Turn.LOST if now is Tone.UNKNOWN else Turn.FOUND


@dataclass(frozen=True)
class KindRollUp:
    """One kind's part of a group. `counts` are by status, `tones` by effective tone; `of` counts
    all; `assessable` those not set apart; `fulfilled` is the least and the most that can be
    fulfilled, given what is unknown."""

    counts: Mapping[str, int]
    tones: Mapping[str, int]
    of: int
    assessable: int
    fulfilled: tuple[int, int]
    adverse: int
    reading: Reading


@dataclass(frozen=True)
class Group:
    """A set of commitments under one key of a grouping; all of them where `by` is None.
    `active_at_forum` only where the key is a forum."""

    by: str | None
    key: str | None
    label: Text
    commitments: int
    kinds: Mapping[Kind, KindRollUp]
    freshness: Mapping[str, int]
    active_at_forum: int | None = None

    @property
    def tones(self) -> Mapping[Tone, int]:
        """By effective tone, both kinds together."""
        parts = self.kinds.values()
        return {tone: sum(part.tones[tone.value] for part in parts) for tone in Tone}


@dataclass(frozen=True)
class Report:
    """`total` counts each commitment once, also where the groups overlap."""

    total: Group
    groups: list[Group]
    overlapping: bool


def roll_up(items: Iterable[Item], kind: Kind) -> KindRollUp:
    """Counts, bounds and the reading of those of one kind."""
    mine = [item for item in items if item.kind == kind]
    tones = Counter(item.tone for item in mine)
    statuses = Counter(item.status for item in mine)
    low = tones[Tone.FULFILLED]
    return KindRollUp(
        counts={
            status.value: statuses[status.value]
            for status in (Status.UNASSESSED, *statuses_for(kind))
        },
        tones={tone.value: tones[tone] for tone in Tone},
        of=len(mine),
        assessable=len(mine) - tones[Tone.APART],
        fulfilled=(low, low + tones[Tone.UNKNOWN]),
        adverse=tones[Tone.ADVERSE],
        reading=_reading(tones, len(mine)),
    )


def _reading(tones: Counter[Tone], of: int) -> Reading:
    if of == tones[Tone.APART]:
        return Reading.EMPTY
    if tones[Tone.FULFILLED] == of:
        return Reading.FULFILLED
    if tones[Tone.FULFILLED] or tones[Tone.PARTIAL]:
        return Reading.SOME
    if not tones[Tone.UNKNOWN]:
        return Reading.NONE
    return Reading.UNKNOWN


def group(
    items: Iterable[Item],
    label: Text,
    *,
    by: str | None = None,
    key: str | None = None,
    active_at_forum: int | None = None,
) -> Group:
    """The roll-up of these commitments."""
    items = list(items)
    ages = Counter(item.freshness for item in items)
    return Group(
        by=by,
        key=key,
        label=label,
        commitments=len(items),
        kinds={kind: roll_up(items, kind) for kind in Kind},
        freshness={code.value: ages[code.value] for code in Freshness},
        active_at_forum=active_at_forum,
    )


def items_of(commitments: CommitmentQuerySet) -> list[Item]:
    """Of commitments that were asked for `at` a clock; one query."""
    rows: Any = commitments.order_by()
    rows = rows.values_list(
        "id", "kind", "claim_status", "freshness", "goal__number", "area__number", "plan"
    )
    return [Item(*row) for row in rows]


def items_from(rows: Iterable[Any]) -> list[Item]:
    """Of commitments that were read `at` a clock with their goals and areas; no query."""
    return [
        Item(
            row.pk,
            row.kind,
            row.claim_status,
            row.freshness,
            row.goal and row.goal.number,
            row.area and row.area.number,
            row.plan_id,
        )
        for row in rows
    ]


def total(rows: Iterable[Any]) -> Group:
    """The roll-up of commitments that were read as for `items_from`; no query."""
    return group(items_from(rows), ALL)


def report(commitments: CommitmentQuerySet, group_by: str | None, clock: Clock) -> Report:
    """The roll-up of commitments that were asked for `at` this clock.

    `group_by` is a key of `GROUPINGS`, or None for the total alone. Commitments without a goal,
    area, forum or office form a group with key None.
    """
    items = items_of(commitments)
    whole = group(items, ALL)
    if group_by is None:
        return Report(whole, groups=[], overlapping=False)
    grouping = GROUPINGS[group_by]
    return Report(whole, grouping.groups(commitments, items, clock), grouping.overlapping)


def breakdowns(
    commitments: CommitmentQuerySet, items: list[Item], groupings: Iterable[str], clock: Clock
) -> dict[str, list[Group]]:
    """The groups by each of these groupings, of commitments of one plan that were asked for `at`
    this clock; `items` are these commitments."""
    return {name: GROUPINGS[name].groups(commitments, items, clock) for name in groupings}


@dataclass(frozen=True)
class Grouping:
    groups: Callable[[CommitmentQuerySet, list[Item], Clock], list[Group]]
    overlapping: bool = False
    # Keys that are numbers mean something within one plan only.
    within_plan: bool = False


def _by_kind(commitments: CommitmentQuerySet, items: list[Item], clock: Clock) -> list[Group]:
    return [
        group((item for item in items if item.kind == kind), kind.label, by="kind", key=kind.value)
        for kind in Kind
    ]


def _by_number(field: str) -> Callable[[CommitmentQuerySet, list[Item], Clock], list[Group]]:
    """By goal or area: every one of the plan, also those without commitments."""

    def groups(commitments: CommitmentQuerySet, items: list[Item], clock: Clock) -> list[Group]:
        plans = {item.plan for item in items}
        if len(plans) > 1:
            raise ValueError(f"grouping by {field} needs one plan: numbers are a plan's own")
        members: dict[int | None, list[Item]] = defaultdict(list)
        for item in items:
            members[getattr(item, field)].append(item)
        model: Any = Commitment._meta.get_field(field).related_model
        found = [
            group(members[row.number], row.title, by=field, key=str(row.number))
            for row in model.objects.filter(plan__in=plans).order_by("number")
        ]
        if members[None]:
            found.append(group(members[None], NOT_GROUPED, by=field))
        return found

    return groups


def _by_office(commitments: CommitmentQuerySet, items: list[Item], clock: Clock) -> list[Group]:
    ids = commitments.order_by().values("pk")
    lead = Commitment.objects.filter(pk__in=ids, lead_office__isnull=False)
    support = Commitment.supporting_offices.through.objects.filter(commitment__in=ids)
    offices: dict[int, set[int]] = defaultdict(set)
    for office, commitment in (
        *lead.values_list("lead_office", "id"),
        *support.values_list("office", "commitment"),
    ):
        offices[office].add(commitment)
    rows = Office.objects.filter(pk__in=offices).order_by("code")
    found = [
        group(_among(items, offices[row.pk]), row.name, by="office", key=row.code) for row in rows
    ]
    return found + _rest(items, offices, "office")


@dataclass(frozen=True)
class ForumRow:
    """A forum with the commitments that are its own, its parts' or of predecessors of either, and
    with how many of them there was activity there lately."""

    forum: Forum
    items: list[Item]
    active: int


def forum_rows(commitments: CommitmentQuerySet, items: list[Item], clock: Clock) -> list[ForumRow]:
    """The forums through which these commitments are carried out, by code."""
    ids = commitments.order_by().values("pk")
    linked: dict[int, set[int]] = defaultdict(set)
    partnerships = Partnership.objects.filter(commitment__in=ids)
    for forum, commitment in partnerships.values_list("forum", "commitment"):
        linked[forum].add(commitment)
    active: dict[int, set[int]] = defaultdict(set)
    for forum, commitment in ProgressUpdate.objects.filter(commitment__in=ids).activity(clock):
        active[forum].add(commitment)
    forums = list(Forum.objects.in_order())
    lineage = Lineage((row.pk, row.parent_id, row.successor_of_id) for row in forums)
    found = []
    for row in forums:
        members = _union(linked, lineage.commitments_through(row.pk))
        if members:
            acted = members & _union(active, lineage.activity_through(row.pk))
            found.append(ForumRow(row, _among(items, members), len(acted)))
    return found


def _by_forum(commitments: CommitmentQuerySet, items: list[Item], clock: Clock) -> list[Group]:
    rows = forum_rows(commitments, items, clock)
    found = [
        group(row.items, row.forum.name, by="forum", key=row.forum.code, active_at_forum=row.active)
        for row in rows
    ]
    return found + _rest(
        items, {row.forum.pk: {item.id for item in row.items} for row in rows}, "forum"
    )


def _union(sets: Mapping[int, set[int]], keys: Iterable[int]) -> set[int]:
    return {member for key in keys for member in sets.get(key, ())}


def _among(items: Iterable[Item], ids: set[int]) -> list[Item]:
    return [item for item in items if item.id in ids]


def _rest(items: list[Item], members: Mapping[int, set[int]], by: str) -> list[Group]:
    """The group of those in no other, if there are any."""
    grouped = {member for ids in members.values() for member in ids}
    rest = [item for item in items if item.id not in grouped]
    return [group(rest, NOT_GROUPED, by=by)] if rest else []


ALL = Text("All", "全部")
NOT_GROUPED = Text("None of these", "以上各项之外")

GROUPINGS: dict[str, Grouping] = {
    "goal": Grouping(_by_number("goal"), within_plan=True),
    "area": Grouping(_by_number("area"), within_plan=True),
    "forum": Grouping(_by_forum, overlapping=True),
    "office": Grouping(_by_office, overlapping=True),
    "kind": Grouping(_by_kind),
}
