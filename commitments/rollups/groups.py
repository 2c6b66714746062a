"""Counts, bounds and readings of a set of commitments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from commitments.choices import Freshness, Kind, Reading, Status, Tone, statuses_for
from commitments.rollups.items import Item, items_from
from commitments.texts.text import Text

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class KindRollUp:
    """The roll-up of the commitments of one kind.

    `counts` is by status, `tones` by effective tone. `of` is the number of all commitments,
    `assessable` that of those not excluded from assessment. `fulfilled` is the lower and the upper
    bound: the fulfilled alone, and together with the unknown. `acted` counts those with an action
    within one review interval, under `any`, and those with one that is more than a statement, under
    `beyond_statements`. `adverse`, `lapsed` and `overdue` count the commitments that readers must
    know about, whatever the reading: those with an adverse assessment, those whose assessment has
    lapsed, which are among the unknown, and those past one of their dates.
    """

    counts: Mapping[str, int]
    tones: Mapping[str, int]
    of: int
    assessable: int
    fulfilled: tuple[int, int]
    acted: Mapping[str, int]
    adverse: int
    lapsed: int
    overdue: int
    reading: Reading


@dataclass(frozen=True)
class Group:
    """The roll-up of the commitments under one key of a grouping; of all if `by` is None.

    `active_at_forum` is None unless the group is a forum's.
    """

    by: str | None
    key: str | None
    label: Text | StrOrPromise
    commitments: int
    kinds: Mapping[Kind, KindRollUp]
    freshness: Mapping[str, int]
    active_at_forum: int | None = None

    @property
    def tones(self) -> Mapping[Tone, int]:
        """Return the counts by effective tone, of both kinds together."""
        parts = self.kinds.values()
        return {tone: sum(part.tones[tone.value] for part in parts) for tone in Tone}


def roll_up(items: Iterable[Item], kind: Kind) -> KindRollUp:
    """Return the roll-up of the items of one kind."""
    of_kind = [item for item in items if item.kind == kind]
    tones = Counter(item.tone for item in of_kind)
    statuses = Counter(item.status for item in of_kind)
    low = tones[Tone.FULFILLED]
    return KindRollUp(
        counts={
            status.value: statuses[status.value]
            for status in (Status.UNASSESSED, *statuses_for(kind))
        },
        tones={tone.value: tones[tone] for tone in Tone},
        of=len(of_kind),
        assessable=len(of_kind) - tones[Tone.APART],
        fulfilled=(low, low + tones[Tone.UNKNOWN]),
        acted={
            "any": sum(item.acted for item in of_kind),
            "beyond_statements": sum(item.acted_beyond_statements for item in of_kind),
        },
        adverse=tones[Tone.ADVERSE],
        lapsed=sum(item.has_lapsed for item in of_kind),
        overdue=sum(item.overdue for item in of_kind),
        reading=_reading(tones, len(of_kind)),
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
    label: Text | StrOrPromise,
    *,
    by: str | None = None,
    key: str | None = None,
    active_at_forum: int | None = None,
) -> Group:
    """Return the roll-up of these items. `by` and `key` name the group within a grouping."""
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


def total(rows: Iterable[Any]) -> Group:
    """Return the roll-up of rows as `items_from` takes them, without a query."""
    return group(items_from(rows), ALL)


ALL = _("All")
