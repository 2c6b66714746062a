"""Roll-ups of commitments grouped by goal, area, forum, office or kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Value
from django.utils.translation import gettext_lazy as _

from commitments.choices import Kind
from commitments.models import Commitment, Forum, Office, Partnership, Plan
from commitments.models.querysets import CommitmentQuerySet, ProgressUpdateQuerySet
from commitments.models.querysets.forum_tree import ForumTree
from commitments.models.querysets.lookups import among
from commitments.rollups.groups import ALL, Group, group
from commitments.rollups.items import Item, items_of


@dataclass(frozen=True)
class Report:
    """The roll-up of a set of commitments, in total and by group.

    `total` counts each commitment once, even if groups overlap.
    """

    total: Group
    groups: list[Group]
    overlapping: bool


def report(
    commitments: CommitmentQuerySet,
    group_by: str | None,
    activity: ProgressUpdateQuerySet,
    plan: Plan | None = None,
) -> Report:
    """Return the roll-up of commitments selected `at` a clock.

    `group_by` is a key of `GROUPINGS`, or None for the total alone; `activity` are the updates that
    are activity at forums under the clock; `plan` is the one from which they were selected, if it
    is only one. Commitments without a goal, area, forum or office form a last group with key None.
    Raise ValueError if the commitments are of several plans and the grouping is `within_plan`.
    """
    items = items_of(commitments)
    total = group(items, ALL)
    if group_by is None:
        return Report(total, groups=[], overlapping=False)
    grouping = GROUPINGS[group_by]
    selection = SelectedItems(items, activity, plan.pk if plan else None)
    return Report(total, grouping.groups(selection), grouping.overlapping)


def breakdowns(
    items: list[Item], groupings: Iterable[str], activity: ProgressUpdateQuerySet
) -> dict[str, list[Group]]:
    """Return the groups of each grouping, by its name. `items` are of one plan; `activity` as for
    `report`."""
    selection = SelectedItems(items, activity)
    return {name: GROUPINGS[name].groups(selection) for name in groupings}


@dataclass(frozen=True)
class SelectedItems:
    """The commitments that are grouped; `activity` as for `report`, `plan` the id of the only plan
    that was asked for, None if it was not asked for one."""

    items: list[Item]
    activity: ProgressUpdateQuerySet
    plan: int | None = None

    @property
    def plans(self) -> set[int | None]:
        """The ids of the plans asked for, or else of those that the commitments are of."""
        return {item.plan for item in self.items} if self.plan is None else {self.plan}


GroupMaker = Callable[[SelectedItems], list[Group]]


@dataclass(frozen=True)
class Grouping:
    """A way to group commitments. `overlapping`: a commitment may be in several groups.

    `within_plan`: keys are numbers, which identify a goal or area within one plan only.
    """

    groups: GroupMaker
    overlapping: bool = False
    within_plan: bool = False


def _by_kind(selected: SelectedItems) -> list[Group]:
    return [
        group(
            (item for item in selected.items if item.kind == kind),
            kind.label,
            by="kind",
            key=kind.value,
        )
        for kind in Kind
    ]


def _by_number(field: str) -> GroupMaker:
    """Return a function that groups by goal or area, in the order of their numbers.

    Goals and areas without commitments are included.
    """

    def groups(selected: SelectedItems) -> list[Group]:
        plans = selected.plans
        if len(plans) > 1:
            raise ValueError(f"grouping by {field} needs one plan: numbers are a plan's own")
        members: dict[int | None, list[Item]] = defaultdict(list)
        for item in selected.items:
            members[getattr(item, field)].append(item)
        model: Any = Commitment._meta.get_field(field).related_model
        result = [
            group(members[row.number], row.title, by=field, key=str(row.number))
            for row in model.objects.filter(plan__in=plans).order_by("number")
        ]
        if members[None]:
            result.append(group(members[None], NOT_GROUPED, by=field))
        return result

    return groups


def _by_office(selected: SelectedItems) -> list[Group]:
    items = selected.items
    ids = [item.id for item in items]
    lead = Commitment.objects.filter(among("", ids), lead_office__isnull=False)
    support = Commitment.supporting_offices.through.objects.filter(among("commitment", ids))
    offices: dict[int, set[int]] = defaultdict(set)
    for office, commitment in (
        *lead.values_list("lead_office", "id"),
        *support.values_list("office", "commitment"),
    ):
        offices[office].add(commitment)
    rows = Office.objects.filter(pk__in=offices).order_by("code")
    by_id = {item.id: item for item in items}
    groups = [
        group(_select(by_id, offices[row.pk]), row.name, by="office", key=row.code) for row in rows
    ]
    return groups + _not_grouped(items, offices, "office")


@dataclass(frozen=True)
class ForumRow:
    """A forum with its commitments, and the number of these with recent activity there.

    `ForumTree` defines which commitments and which activity count as the forum's; activity is
    recent within two review intervals.
    """

    forum: Forum
    items: list[Item]
    active: int


def forum_rows(items: list[Item], activity: ProgressUpdateQuerySet) -> list[ForumRow]:
    """Return the forums through which the commitments of these items are carried out, by code;
    `activity` as for `report`."""
    of_items = among("commitment", [item.id for item in items])
    partnerships = Partnership.objects.filter(of_items)
    there = activity.filter(of_items, forums__isnull=False)
    pairs = partnerships.values_list(Value(False), "forum", "commitment").union(
        there.order_by().values_list(Value(True), "forums", "commitment")
    )
    linked: dict[int, set[int]] = defaultdict(set)
    active: dict[int, set[int]] = defaultdict(set)
    for is_activity, forum, commitment in pairs:
        (active if is_activity else linked)[forum].add(commitment)
    forums = list(Forum.objects.in_order())
    tree = ForumTree.of(forums)
    by_id = {item.id: item for item in items}
    rows = []
    for forum_row in forums:
        members = _union(linked, tree.commitments_through(forum_row.pk))
        if members:
            active_members = members & _union(active, tree.activity_through(forum_row.pk))
            rows.append(ForumRow(forum_row, _select(by_id, members), len(active_members)))
    return rows


def _by_forum(selected: SelectedItems) -> list[Group]:
    rows = forum_rows(selected.items, selected.activity)
    groups = [
        group(row.items, row.forum.name, by="forum", key=row.forum.code, active_at_forum=row.active)
        for row in rows
    ]
    members = {row.forum.pk: {item.id for item in row.items} for row in rows}
    return groups + _not_grouped(selected.items, members, "forum")


def _union(sets: Mapping[int, set[int]], keys: Iterable[int]) -> set[int]:
    return {member for key in keys for member in sets.get(key, ())}


def _select(by_id: Mapping[int, Item], ids: set[int]) -> list[Item]:
    return [by_id[pk] for pk in sorted(ids & by_id.keys())]


def _not_grouped(items: list[Item], members: Mapping[int, set[int]], by: str) -> list[Group]:
    """Return the group of the items that are in no other group, if there are any."""
    grouped = {member for ids in members.values() for member in ids}
    rest = [item for item in items if item.id not in grouped]
    return [group(rest, NOT_GROUPED, by=by)] if rest else []


NOT_GROUPED = _("Not assigned")

GROUPINGS: dict[str, Grouping] = {
    "goal": Grouping(_by_number("goal"), within_plan=True),
    "area": Grouping(_by_number("area"), within_plan=True),
    "forum": Grouping(_by_forum, overlapping=True),
    "office": Grouping(_by_office, overlapping=True),
    "kind": Grouping(_by_kind),
}
