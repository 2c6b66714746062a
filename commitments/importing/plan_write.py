"""Write the rows of a plan so that they agree with the document of a plan file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import Model

from commitments import ledger
from commitments.importing.references import LINKS
from commitments.ledger.documents import Document
from commitments.models import (
    ActionArea,
    Commitment,
    Criterion,
    Forum,
    Milestone,
    Office,
    Partnership,
    Plan,
    StrategicGoal,
)
from commitments.texts.text import Text

Numbered = TypeVar("Numbered", StrategicGoal, ActionArea)
Shared = TypeVar("Shared", Forum, Office)
Row = TypeVar("Row", bound=Model)
# Commitments, each with its item of the file.
Found = Sequence[tuple[Commitment, Document]]
# Rows that one statement writes.
ROWS_PER_STATEMENT = 500
# The columns with the same name and value as a key of plan files; empty if the key is left out.
COLUMNS: Mapping[type[Model], Sequence[str]] = {
    Plan: (
        "languages",
        "title",
        "issuer",
        "adopted_on",
        "time_zone",
        "review_interval_days",
        "notice",
        "licence",
        "licence_url",
        "locality",
        "plan_number",
        "words",
        "visibility",
        "second_rating",
    ),
    StrategicGoal: ("number", "title", "text"),
    ActionArea: ("number", "title"),
    Forum: ("code", "name", "kind", "closed_on", "same_as"),
    Office: ("code", "name"),
    Commitment: (
        "number",
        "title",
        "text",
        "note",
        "kind",
        "kind_reason",
        "goal_reason",
        "criteria_reason",
        "start_on",
        "due_on",
        "ends_on",
    ),
    Partnership: ("quote",),
    Criterion: ("key", "text", "quote"),
    Milestone: ("key", "title", "due_on"),
}


@dataclass
class PlanWriter:
    """Creates, changes and removes rows of a plan until they agree with a document, which is
    complete: rows that it lacks are removed. `at` is the time of the decision. `before` is the plan
    as it is, empty for a new one: commitments that are the same in it are left alone.

    Criteria and milestones are retired, commitments never removed, and forums and offices only
    added and changed. `removed` are the goals and areas that were deleted. New rows are written in
    bulk, so that thousands of commitments cost a fixed number of queries.
    """

    plan: Plan
    at: datetime
    before: Document = field(default_factory=dict)
    removed: list[Model] = field(default_factory=list)

    def write(self, document: Document) -> None:
        _assign(self.plan, document["plan"], document["plan"]["languages"])
        # The schema has checked the address of a file; one that the tracker has from a release
        # that took others is no mistake of the file.
        self.plan.full_clean(exclude=["licence_url", *(["code"] if self.plan.pk else [])])
        self.plan.save()
        goals, areas = document.get("goals", ()), document.get("areas", ())
        self.goals = self._write_numbered(StrategicGoal, goals)
        self.areas = self._write_numbered(ActionArea, areas)
        self.forums = write_forums(document.get("forums", ()))
        self.offices = _write_shared(Office, document.get("offices", ()))
        self._write_commitments(document["commitments"])
        self._remove_others(self.goals, goals)
        self._remove_others(self.areas, areas)

    def _write_numbered(
        self, model: type[Numbered], items: Iterable[Document]
    ) -> dict[int, Numbered]:
        rows = {row.number: row for row in model.objects.filter(plan=self.plan)}
        for item in items:
            row = rows.setdefault(item["number"], model(plan=self.plan))
            _save_changes(row, item, self.plan.languages)
        return rows

    def _remove_others(
        self, rows: Mapping[int, StrategicGoal | ActionArea], items: Iterable[Document]
    ) -> None:
        numbers = {item["number"] for item in items}
        for number, row in rows.items():
            if number not in numbers:
                row.delete()
                self.removed.append(row)

    def _write_commitments(self, items: Sequence[Document]) -> None:
        rows = {row.number: row for row in self.plan.commitments.all()}
        before = {item["number"]: item for item in self.before.get("commitments", ())}
        found: list[tuple[Commitment, Document]] = []
        added, moved = [], []
        for position, item in enumerate(items, start=1):
            row = rows.get(item["number"]) or Commitment(plan=self.plan)
            if row.position != position:
                row.position = position
                moved += [] if row._state.adding else [row]
            if item == before.get(item["number"]):
                continue
            added += [row] if row._state.adding else []
            self._write_commitment(row, item)
            found.append((row, item))
        Commitment.objects.bulk_update(moved, ["position"], ROWS_PER_STATEMENT)
        Commitment.objects.bulk_create(added, ROWS_PER_STATEMENT)
        self._write_links("supporting_goals", "strategicgoal_id", self.goals, found)
        self._write_links("supporting_offices", "office_id", self.offices, found)
        self._write_partnerships(found)
        self._write_criteria(found)
        self._write_milestones(found)

    def _write_commitment(self, row: Commitment, item: Document) -> None:
        """Set the columns of a commitment; if it is not new and one has changed, save it."""
        changed = _assign(row, item, self.plan.languages)
        for name, targets in (
            ("area", self.areas),
            ("goal", self.goals),
            ("lead_office", self.offices),
        ):
            target = targets[item[name]] if name in item else None
            if getattr(row, f"{name}_id") != (target and target.pk):
                setattr(row, name, target)
                changed = True
        if changed:
            row.text_sha256 = ledger.wording_sha256(row.text)
        if changed and not row._state.adding:
            row.save()

    def _write_links(
        self, name: str, column: str, targets: Mapping[Any, Model], found: Found
    ) -> None:
        """Write a relation to many goals or offices."""
        through: Any = getattr(Commitment, name).through
        pairs = {(row.pk, targets[key].pk) for row, item in found for key in item.get(name, ())}
        rows = through.objects.filter(commitment__in=_ids(found))
        present = {(row.commitment_id, getattr(row, column)): row.pk for row in rows}
        through.objects.filter(
            pk__in=[pk for pair, pk in present.items() if pair not in pairs]
        ).delete()
        through.objects.bulk_create(
            [
                through(**{"commitment_id": commitment, column: target})
                for commitment, target in sorted(pairs - present.keys())
            ],
            ROWS_PER_STATEMENT,
        )

    def _write_partnerships(self, found: Found) -> None:
        """Write the links to forums. If their order has changed, all links of the commitment are
        created again, since ids give the order."""
        rows = Partnership.objects.filter(commitment__in=_ids(found)).order_by("pk")
        present: dict[int, dict[str, Partnership]] = defaultdict(dict)
        for row in rows.select_related("forum"):
            present[row.commitment_id][row.forum.code] = row
        added: list[Partnership] = []
        dropped: list[int] = []
        for commitment, item in found:
            links = {link["code"]: link for link in item.get("forums", ())}
            own = present[commitment.pk]
            if list(own) != list(links)[: len(own)]:
                dropped += [row.pk for row in own.values()]
                own = {}
            for code, link in links.items():
                new = Partnership(commitment=commitment, forum=self.forums[code])
                self._write_row(own.get(code) or new, link, added)
        Partnership.objects.filter(pk__in=dropped).delete()
        Partnership.objects.bulk_create(added, ROWS_PER_STATEMENT)

    def _write_criteria(self, found: Found) -> None:
        """Add the criteria that are new, and retire those that the document no longer has."""
        in_use = _in_use(Criterion, found)
        added: list[Criterion] = []
        for commitment, item in found:
            own = in_use[commitment.pk]
            for position, criterion in enumerate(item.get("criteria", ()), start=1):
                new = Criterion(commitment=commitment, added_at=self.at)
                row = own.pop(criterion["key"], None) or new
                moved, row.position = row.position != position, position
                self._write_row(row, criterion, added, changed=moved)
        Criterion.objects.bulk_create(added, ROWS_PER_STATEMENT)
        self._retire(Criterion, in_use)

    def _write_milestones(self, found: Found) -> None:
        """Add and change milestones, and retire those that the document no longer has."""
        in_use = _in_use(Milestone, found)
        added: list[Milestone] = []
        for commitment, item in found:
            own = in_use[commitment.pk]
            for milestone in item.get("milestones", ()):
                new = Milestone(commitment=commitment)
                self._write_row(own.pop(milestone["key"], None) or new, milestone, added)
        Milestone.objects.bulk_create(added, ROWS_PER_STATEMENT)
        self._retire(Milestone, in_use)

    def _retire(
        self, model: type[Criterion | Milestone], rows: Mapping[int, Mapping[str, Any]]
    ) -> None:
        retired = [row.pk for own in rows.values() for row in own.values()]
        model._default_manager.filter(pk__in=retired).update(retired_at=self.at)

    def _write_row(
        self, row: Row, item: Document, added: list[Row], *, changed: bool = False
    ) -> None:
        """Set the columns of a row; add it to `added` if it is new, else save it if it changed."""
        changed |= _assign(row, item, self.plan.languages)
        if row._state.adding:
            added.append(row)
        elif changed:
            row.save()


def _ids(found: Found) -> list[int]:
    return [row.pk for row, _item in found]


def _in_use(model: type[Criterion | Milestone], found: Found) -> dict[int, dict[str, Any]]:
    """Return the rows of these commitments that are not retired, by commitment and key."""
    rows: dict[int, dict[str, Any]] = defaultdict(dict)
    every: Any = model._default_manager.filter(commitment__in=_ids(found), retired_at=None)
    for row in every:
        rows[row.commitment_id][row.key] = row
    return rows


def write_forums(items: Iterable[Document]) -> dict[str, Forum]:
    """Create and change forums until they agree with the items of a file; return all forums by
    code."""
    forums = _write_shared(Forum, items)
    # Parents and predecessors may come later in the file than the forums that name them.
    for item in items:
        row = forums[item["code"]]
        parent, predecessor = (forums[item[link]] if link in item else None for link in LINKS)
        ids = parent and parent.pk, predecessor and predecessor.pk
        if ids != (row.parent_id, row.successor_of_id):
            row.parent, row.successor_of = parent, predecessor
            row.save()
    return forums


def _write_shared(model: type[Shared], items: Iterable[Document]) -> dict[str, Shared]:
    rows = {row.code: row for row in model.objects.all()}
    for item in items:
        _save_changes(rows.setdefault(item["code"], model()), item)
    return rows


def _save_changes(row: Model, item: Document, languages: Sequence[str] = ()) -> None:
    """Save the row if it is new or a column changes; `languages` are those of its plan."""
    if _assign(row, item, languages) or row.pk is None:
        row.save()


def _assign(row: Model, item: Document, languages: Sequence[str] = ()) -> bool:
    """Set the columns of a row and return whether any value changed. Languages of texts come in the
    order of `languages`."""
    changed = False
    for name in COLUMNS[type(row)]:
        column: Any = row._meta.get_field(name)
        value = column.to_python(item[name]) if name in item else column.get_default()
        if isinstance(value, Text):
            value = value.ordered(languages)
        if value != getattr(row, name):
            setattr(row, name, value)
            changed = True
    return changed
