"""The edit history of a commitment: changes of wording, readings, forums and dates, with reasons.

Amendments keep the former wordings. Everything else is kept by django-simple-history, one row of
history for each saved row; rows saved together, for one reason, are read as one entry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, TypeVar

from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments.choices import SYSTEM_ROLE, Action, Role
from commitments.clocks import Clock, local_day
from commitments.curation.history_values import (
    CommitmentHistory,
    HistoryRow,
    MilestoneHistory,
    PartnershipHistory,
    Value,
    Values,
    column_values,
    criterion_value,
    display,
    forum_value,
    linked_keys,
    milestone_value,
)
from commitments.models import Commitment, Decision, Milestone, Partnership
from commitments.texts.diff import DiffSpan, compare_texts
from commitments.texts.text import Text

if TYPE_CHECKING:
    from django.contrib.auth.models import User

RowType = TypeVar("RowType", bound=HistoryRow)

# The fields of an entry, in the order in which they are shown.
FIELD_LABELS = {
    "title": gettext_lazy("title"),
    "text": gettext_lazy("text"),
    "note": gettext_lazy("note on the text"),
    "area": gettext_lazy("action area"),
    "kind": gettext_lazy("kind"),
    "kind_reason": gettext_lazy("reason for the kind"),
    "goal": gettext_lazy("primary goal"),
    "goal_reason": gettext_lazy("reason for the goal"),
    "supporting_goals": gettext_lazy("supporting goals"),
    "forums": gettext_lazy("partner forums"),
    "criteria": gettext_lazy("criteria"),
    "criteria_reason": gettext_lazy("reason for the criteria"),
    "lead_office": gettext_lazy("lead office"),
    "supporting_offices": gettext_lazy("supporting offices"),
    "start_on": gettext_lazy("start date"),
    "due_on": gettext_lazy("due date"),
    "milestones": gettext_lazy("milestones"),
}


@dataclass(frozen=True)
class ChangeReason:
    """Who changes reference data, when and why; `by` is None for the system."""

    by: User | None
    at: datetime
    reason: str = ""

    def apply_to(self, row: Model) -> None:
        """Give this reason to the rows of history that the next saves of `row` add."""
        for name, value in (
            ("_history_user", self.by),
            ("_history_date", self.at),
            ("_change_reason", self.reason),
        ):
            setattr(row, name, value)


@dataclass(frozen=True)
class FieldChange:
    """A field before and after a change; None if it had no value.

    Values are those of a plan file: numbers, codes, dates, texts; for `forums`, `criteria` and
    `milestones`, one item of the list.
    """

    field: str
    before: Value
    after: Value

    @property
    def label(self) -> str:
        return str(FIELD_LABELS[self.field])

    @property
    def before_text(self) -> str:
        return display(self.field, self.before)

    @property
    def after_text(self) -> str:
        return display(self.field, self.after)

    @cached_property
    def comparison(self) -> dict[str, list[DiffSpan]] | None:
        """Return the differences between two texts, for each language in which they differ; None
        for other values."""
        if not isinstance(self.before, Text) or not isinstance(self.after, Text):
            return None
        return compare_texts(self.before, self.after)


@dataclass
class HistoryEntry:
    """Changes made together, for one reason. `decision` is that of the ledger if the plan was
    loaded or amended."""

    at: datetime
    reason: str
    decision: Decision | None = None
    changes: list[FieldChange] = field(default_factory=list)

    @property
    def title(self) -> str:
        if self.decision is None:
            return _("Edited by a curator")
        amended = self.decision.action == Action.AMEND
        return _("Plan amended") if amended else _("Plan loaded")

    @property
    def role(self) -> str:
        loaded = self.decision is not None and self.decision.action == Action.LOAD
        return SYSTEM_ROLE if loaded else Role.CURATOR.value


# Rows with the same time and reason were saved together.
EntryKey = tuple[datetime, str]


def entries_of(commitment: Commitment) -> list[HistoryEntry]:
    """Return the commitment's history, the latest entry first; a fixed number of queries."""
    return _HistoryReader(commitment).entries()


@dataclass(frozen=True)
class WordingChange:
    """A change of a commitment's text by an amendment."""

    decision: Decision
    change: FieldChange

    def on(self, time_zone: str) -> date:
        return local_day(self.decision.at, time_zone)

    def known_to(self, clock: Clock, time_zone: str) -> bool:
        """Return whether the amendment was made by the day and the time of the clock."""
        if clock.known_at is not None and self.decision.at > clock.known_at:
            return False
        return self.on(time_zone) <= clock.day(time_zone)


def wording_changes(commitment: Commitment) -> list[WordingChange]:
    """Return the changes of the commitment's text, the earliest first; one query."""
    former = commitment.former_wordings.select_related("replaced_by")
    versions = list(former.order_by("replaced_by__seq"))
    texts = [*(version.text for version in versions), commitment.text]
    return [
        WordingChange(version.replaced_by, FieldChange("text", version.text, after))
        for version, after in zip(versions, texts[1:], strict=True)
    ]


class _HistoryReader:
    def __init__(self, commitment: Commitment) -> None:
        self.commitment = commitment
        self.entries_by_key: dict[EntryKey, HistoryEntry] = {}
        self.decisions: dict[EntryKey, Decision] = {}
        self.created: EntryKey | None = None

    def entries(self) -> list[HistoryEntry]:
        self._read_decisions()
        self._read_columns()
        self._read_wordings()
        self._read_forums()
        self._read_milestones()
        self._read_criteria()
        entries = [
            entry for entry in self.entries_by_key.values() if entry.changes or entry.decision
        ]
        order = list(FIELD_LABELS)
        for entry in entries:
            entry.changes.sort(key=lambda change: order.index(change.field))
        # Entries with the same time are reversed too.
        return sorted(entries, key=lambda entry: entry.at)[::-1]

    def _entry(self, key: EntryKey) -> HistoryEntry:
        return self.entries_by_key.setdefault(
            key, HistoryEntry(*key, decision=self.decisions.get(key))
        )

    def _read_decisions(self) -> None:
        """Read the plan's loads and amendments, and begin an entry for each that set this
        commitment's wording. The other changes of an amendment bear its time and reason."""
        rows = Decision.objects.in_order().filter(
            plan=self.commitment.plan_id, action__in=(Action.LOAD, Action.AMEND)
        )
        for row in rows:
            self.decisions[row.at, row.note] = row
            if self.commitment.number in row.meta.get("wording", {}):
                self._entry((row.at, row.note))

    def _read_wordings(self) -> None:
        for wording in wording_changes(self.commitment):
            key = wording.decision.at, wording.decision.note
            self._entry(key).changes.append(wording.change)

    def _read_columns(self) -> None:
        """Read the commitment's own columns and its links to goals and offices."""
        rows: list[CommitmentHistory] = list(
            self.commitment.history.select_related("area", "goal", "lead_office").order_by(
                "history_id"
            )
        )
        goals = linked_keys(rows, "supporting_goals", "strategicgoal__number", int)
        offices = linked_keys(rows, "supporting_offices", "office__code", str)
        before: Values | None = None
        for key, saved in _by_entry(rows):
            last = saved[-1]
            after = column_values(last, goals.get(last.pk, []), offices.get(last.pk, []))
            if before is None:
                self.created = key
            else:
                self._entry(key).changes += _changes(before, after)
            before = after

    def _read_forums(self) -> None:
        rows: Iterable[PartnershipHistory] = (
            Partnership.history.filter(commitment_id=self.commitment.pk)
            .select_related("forum")
            .order_by("id", "history_id")
        )
        self._read_items("forums", rows, forum_value)

    def _read_milestones(self) -> None:
        rows: Iterable[MilestoneHistory] = Milestone.history.filter(
            commitment_id=self.commitment.pk
        ).order_by("id", "history_id")
        self._read_items("milestones", rows, milestone_value)

    def _read_criteria(self) -> None:
        """Read which criteria were added after the beginning, and which were replaced."""
        reasons = dict(self.decisions.keys())
        for row in self.commitment.criteria.in_order():
            value = criterion_value(row)
            changes = [(row.added_at, None, value), (row.retired_at, value, None)]
            for at, before, after in changes:
                is_first = self.created is not None and at == self.created[0]
                if at is not None and not is_first:
                    entry = self._entry((at, reasons.get(at, "")))
                    entry.changes.append(FieldChange("criteria", before, after))

    def _read_items(
        self, name: str, rows: Iterable[RowType], value_of: Callable[[RowType], Value]
    ) -> None:
        """Read what was added to a list, changed in it or removed; rows of one item are
        consecutive. Items that the list had from the beginning are not changes."""
        for _pk, of_item in groupby(rows, key=lambda row: row.id):
            before: Value = None
            for key, saved in _by_entry(of_item):
                deleted = saved[-1].history_type == "-"
                after = None if deleted else value_of(saved[-1])
                is_first = before is None and key == self.created
                if not is_first and before != after:
                    self._entry(key).changes.append(FieldChange(name, before, after))
                before = after


def _by_entry(rows: Iterable[RowType]) -> Iterator[tuple[EntryKey, list[RowType]]]:
    """Group consecutive rows that were saved together."""

    def key(row: RowType) -> EntryKey:
        return row.history_date, row.history_change_reason or ""

    for entry, saved in groupby(rows, key=key):
        yield entry, list(saved)


def _changes(before: Values, after: Values) -> list[FieldChange]:
    return [
        FieldChange(name, before[name], after[name])
        for name in after
        if before[name] != after[name]
    ]
