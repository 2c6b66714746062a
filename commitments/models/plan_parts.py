"""The goals, areas, forums and offices that commitments of a plan belong to, read together.

Pages with filters need them several times: to understand what is chosen, to offer what there is,
and to count. The tables are alike, so one query reads them all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from typing import Any, Literal, NamedTuple

from django.db.models import CharField, IntegerField, QuerySet, TextField, Value
from django.db.models.functions import Cast

from commitments.models.commitments import Commitment, Partnership
from commitments.models.forums import Forum, Office
from commitments.models.plans import ActionArea, Plan, StrategicGoal
from commitments.models.querysets.forum_tree import ForumTree
from commitments.texts.text import Text

PartGroup = Literal["goals", "areas", "forums", "offices"]
_Query = QuerySet[Any, Any]
# By the id of a commitment, the ids of the parts of a group that it belongs to.
Belonging = Mapping[int, set[int]]


class PlanPart(NamedTuple):
    """A goal or an area, whose code is its number, a forum or an office."""

    pk: int
    code: str
    name: Text


class _PartRow(NamedTuple):
    """A part or, without a code, the fact that a commitment belongs to a part.

    `other` is the id of the forum that a forum is part of, or of the commitment. The name is as
    stored, in JSON.
    """

    group: PartGroup
    pk: int
    code: str
    name: str
    other: int | None
    successor_of: int | None


class PlanParts:
    """The goals and areas of a plan, all forums and offices that there are, and what belongs to
    them; read by one query when first used. `search_terms` is that of `ForumQuerySet`, and
    remembers what it has found."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.search_terms = cache(Forum.objects.search_terms)

    def by_code(self, group: PartGroup) -> Mapping[str, PlanPart]:
        """Return the parts of a group, in order, by their codes."""
        return self._groups[group]

    @cached_property
    def tree(self) -> ForumTree:
        """How all forums nest and succeed one another."""
        return ForumTree(
            (row.pk, row.other, row.successor_of)
            for row in self._rows
            if row.group == "forums" and row.code
        )

    def belonging(self, group: PartGroup) -> Belonging:
        """Return what the commitments belong to: the forums that their texts name, the goals that
        they serve and the offices that lead or support them. Areas are not included, since each is
        a column of the commitment."""
        return self._belonging[group]

    def used(self, group: PartGroup) -> list[PlanPart]:
        """Return the parts that have commitments in the plan; forums also have those of their parts
        and predecessors, as `ForumQuerySet.with_commitments_in` finds them."""
        named = set().union(*self.belonging(group).values())
        return [row for row in self.by_code(group).values() if self._through(group, row) & named]

    def _through(self, group: PartGroup, row: PlanPart) -> set[int]:
        return self.tree.commitments_through(row.pk) if group == "forums" else {row.pk}

    @cached_property
    def _rows(self) -> list[_PartRow]:
        # The forums come first: a union takes the types of its columns from its first query.
        first, *others = (rows.order_by() for rows in (*self._parts(), *self._links()))
        return [_PartRow(*row) for row in first.union(*others, all=True)]

    def _parts(self) -> Iterator[_Query]:
        number, nothing = Cast("number", CharField()), Value(None, IntegerField())
        # As stored, not parsed as a `Text`, since most of the rows of the union have no name.
        name = Cast("name", TextField())
        yield Forum.objects.values_list(
            _named("forums"), "pk", "code", name, "parent", "successor_of"
        )
        yield Office.objects.values_list(_named("offices"), "pk", "code", "name", nothing, nothing)
        models: list[tuple[PartGroup, type[StrategicGoal | ActionArea]]] = [
            ("goals", StrategicGoal),
            ("areas", ActionArea),
        ]
        for group, model in models:
            yield model._default_manager.filter(plan=self.plan).values_list(
                _named(group), "pk", number, "title", nothing, nothing
            )

    def _links(self) -> Iterator[_Query]:
        plan = self.plan
        own = Commitment.objects.filter(plan=plan)
        goals = Commitment.supporting_goals.through.objects.filter(commitment__plan=plan)
        offices = Commitment.supporting_offices.through.objects.filter(commitment__plan=plan)
        named = Partnership.objects.filter(commitment__plan=plan)
        yield _links("forums", named, "forum")
        yield _links("goals", own.filter(goal__isnull=False), "goal", "pk")
        yield _links("goals", goals, "strategicgoal")
        yield _links("offices", own.filter(lead_office__isnull=False), "lead_office", "pk")
        yield _links("offices", offices, "office")

    @cached_property
    def _groups(self) -> Mapping[PartGroup, Mapping[str, PlanPart]]:
        groups: defaultdict[PartGroup, dict[str, PlanPart]] = defaultdict(dict)
        parts = (row for row in self._rows if row.code)
        for row in sorted(parts, key=_in_order):
            groups[row.group][row.code] = PlanPart(row.pk, row.code, Text.from_json(row.name))
        return groups

    @cached_property
    def _belonging(self) -> Mapping[PartGroup, Belonging]:
        groups: defaultdict[PartGroup, defaultdict[int, set[int]]] = defaultdict(
            lambda: defaultdict(set)
        )
        for row in self._rows:
            if not row.code and row.other is not None:
                groups[row.group][row.other].add(row.pk)
        return groups


def _named(group: PartGroup) -> Value:
    return Value(group, CharField())


def _links(group: PartGroup, rows: _Query, part: str, commitment: str = "commitment") -> _Query:
    """Return rows that say which commitment belongs to which part of a group."""
    text, nothing = Value("", CharField()), Value(None, IntegerField())
    return rows.values_list(_named(group), part, text, text, commitment, nothing)


def _in_order(row: _PartRow) -> tuple[int, str]:
    """Return a key that sorts numbers by their size, and codes in the same way on every
    database."""
    return (len(row.code) if row.group in ("goals", "areas") else 0, row.code)
