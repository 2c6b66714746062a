"""Rows that belong to those of a query, read with them instead of by a query for each relation."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, get_type_hints

from django.db.models import F, Model, OuterRef, QuerySet, Subquery, TextField

from commitments.clocks import Clock
from commitments.models.querysets.criteria import CriterionQuerySet
from commitments.models.querysets.milestones import MilestoneQuerySet
from commitments.models.querysets.plans import ReviewPeriod
from commitments.models.querysets.shared import related, related_rows
from commitments.models.querysets.updates import ProgressUpdateQuerySet
from commitments.texts.text import Text

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models.sql.compiler import SQLCompiler

    Compiled = tuple[str, tuple[object, ...]]


class NamedForum(NamedTuple):
    """A partner forum of a commitment, and the words of its text that name it."""

    code: str
    name: Text
    quote: Text


class NamedGoal(NamedTuple):
    """A goal that a commitment supports."""

    number: int
    title: Text


class NamedOffice(NamedTuple):
    """A supporting office of a commitment."""

    code: str
    name: Text


class NestedCriterion(NamedTuple):
    key: str
    text: Text
    quote: Text


class NestedMilestone(NamedTuple):
    """A milestone with `MilestoneColumns`."""

    key: str
    title: Text
    known_due_on: str
    due_on_first: str
    due_on_changes: int
    met_on: str | None
    met_precision: str | None
    met_by: int | None


Nested = NamedForum | NamedGoal | NamedOffice | NestedCriterion | NestedMilestone


class NestedValues(Subquery):
    """The values that a column has in the rows of a query, as a list in their order."""

    def __init__(self, rows: QuerySet[Model, Any], *columns: str) -> None:
        super().__init__(rows, output_field=TextField())
        self.columns = columns

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Compiled:
        return self._aggregated(compiler, connection, "JSON_GROUP_ARRAY(JSON_ARRAY({}))")

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Compiled:
        # As text, which keeps the order of the languages of a text; `jsonb` does not.
        return self._aggregated(compiler, connection, "JSON_AGG(JSON_BUILD_ARRAY({}))::text")

    def _aggregated(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, aggregate: str
    ) -> Compiled:
        names = ", ".join(connection.ops.quote_name(name) for name in self.columns)
        template = f"(SELECT {aggregate.format(names)} FROM (%(subquery)s) AS nested)"  # noqa: S608
        sql, params = self.as_sql(compiler, connection, template=template)
        return sql, tuple(params)

    def get_db_converters(self, connection: BaseDatabaseWrapper) -> list[Callable[..., Any]]:
        return [lambda value, *_: self.from_rows(json.loads(value or "[]"))]

    def from_rows(self, rows: Sequence[Sequence[object]]) -> list[object]:
        """Return the value of the attribute, given the columns of each row as parsed from JSON."""
        return [value for [value] in rows]


class NestedRows(NestedValues):
    """The rows of a query, in their order, as named tuples of one class. Its fields are columns of
    the query. Dates are strings."""

    def __init__(self, rows: QuerySet[Model, Any], kind: type[Nested]) -> None:
        super().__init__(rows, *kind._fields)
        self.kind = kind
        kinds: dict[str, object] = get_type_hints(kind)
        self.is_text = [kinds[name] is Text for name in kind._fields]

    def from_rows(self, rows: Sequence[Sequence[object]]) -> list[object]:
        return [
            self.kind._make(
                Text.from_json(str(value)) if is_text else value
                for value, is_text in zip(row, self.is_text, strict=True)
            )
            for row in rows
        ]


def nested_rows(
    commitments: QuerySet[Model], clock: Clock, periods: Sequence[ReviewPeriod]
) -> dict[str, NestedValues]:
    """Return what belongs to each commitment: the goals that it supports, its supporting offices,
    its forums in the order in which they were linked, and the criteria and milestones known at the
    clock."""
    own = {"commitment": OuterRef("pk")}
    goals = related_rows(commitments, "supporting_goals").filter(
        supporting_commitments=OuterRef("pk")
    )
    offices = related_rows(commitments, "supporting_offices").filter(
        supported_commitments=OuterRef("pk")
    )
    partnerships = related_rows(commitments, "partnerships").filter(**own).order_by("id")
    criteria = related(commitments, "criteria", CriterionQuerySet).known(clock.known_at)
    milestones = related(commitments, "milestones", MilestoneQuerySet).at(clock, periods)
    return {
        "supporting_goal_numbers": NestedValues(
            goals.order_by("number", "id").values("number"), "number"
        ),
        "supporting_office_codes": NestedValues(offices.order_by("code").values("code"), "code"),
        "named_goals": NestedRows(
            goals.order_by("number", "id").values(*NamedGoal._fields), NamedGoal
        ),
        "named_offices": NestedRows(
            offices.order_by("code").values(*NamedOffice._fields), NamedOffice
        ),
        "named_forums": NestedRows(
            partnerships.values("quote", code=F("forum__code"), name=F("forum__name")), NamedForum
        ),
        "nested_criteria": NestedRows(
            criteria.filter(**own).in_order().values(*NestedCriterion._fields), NestedCriterion
        ),
        "nested_milestones": NestedRows(
            milestones.filter(**own).in_order().values(*NestedMilestone._fields), NestedMilestone
        ),
    }


def event_values(
    commitments: QuerySet[Model], clock: Clock, periods: Sequence[ReviewPeriod]
) -> dict[str, NestedValues]:
    """Return columns for commitments `at` the clock: `event_types`, those of the events that count,
    and `active_forums`, the ids of the forums at which an update is activity; each once."""
    updates = related(commitments, "updates", ProgressUpdateQuerySet)
    events = updates.counting(clock).filter(
        commitment=OuterRef("pk"), effective_on__lte=OuterRef("day"), event_type__isnull=False
    )
    activity = updates.activity(clock, periods).filter(
        commitment=OuterRef("pk"), forums__isnull=False
    )
    return {
        "event_types": NestedValues(
            events.order_by().values("event_type").distinct(), "event_type"
        ),
        "active_forums": NestedValues(activity.order_by().values("forums").distinct(), "forums"),
    }
