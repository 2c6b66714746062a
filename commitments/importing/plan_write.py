"""Write the rows of a plan from the document of a plan file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
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
ROWS_PER_INSERT = 500
# The keys of a commitment that are no columns of their own.
RELATED_KEYS = (
    "area",
    "goal",
    "lead_office",
    "supporting_goals",
    "supporting_offices",
    "forums",
    "criteria",
    "milestones",
)


@dataclass
class PlanWriter:
    """Creates and updates the rows of a plan from a document. `at` is the time of the decision.

    New rows are written in bulk, so that thousands of commitments cost a fixed number of queries.
    """

    plan: Plan
    at: datetime

    def write(self, document: Document) -> None:
        _assign(
            self.plan, _columns(document["plan"], skip=("code",)), document["plan"]["languages"]
        )
        self.plan.full_clean(exclude=["code"] if self.plan.pk else None)
        self.plan.save()
        self.goals = self._write_numbered(StrategicGoal, document.get("goals", []))
        self.areas = self._write_numbered(ActionArea, document.get("areas", []))
        self.forums = write_forums(document.get("forums", []))
        self.offices = _write_shared(Office, document.get("offices", []))
        self._write_commitments(document["commitments"])

    def _write_numbered(self, model: type[Numbered], items: list[Document]) -> dict[int, Numbered]:
        rows = {row.number: row for row in model.objects.filter(plan=self.plan)}
        for item in items:
            row = rows.setdefault(item["number"], model(plan=self.plan))
            _save_changes(row, _columns(item), self.plan.languages)
        return rows

    def _write_commitments(self, items: list[Document]) -> None:
        present = self.plan.commitments.select_related("area", "goal", "lead_office")
        rows = {row.number: row for row in present}
        next_position = 1 + max((row.position for row in rows.values()), default=0)
        found: list[tuple[Commitment, Document]] = []
        added: list[Commitment] = []
        for item in items:
            row = rows.get(item["number"])
            if row is None:
                row = Commitment(plan=self.plan, position=next_position + len(added))
                added.append(row)
            found.append((self._save(row, self._commitment_columns(row, item)), item))
        Commitment.objects.bulk_create(added, ROWS_PER_INSERT)
        self._write_links("supporting_goals", "strategicgoal_id", self.goals, found)
        self._write_links("supporting_offices", "office_id", self.offices, found)
        self._write_partnerships(found)
        self._write_criteria(found)
        self._write_milestones(found)

    def _commitment_columns(self, row: Commitment, item: Document) -> dict[str, object]:
        columns = _columns(item, skip=RELATED_KEYS)
        for name, targets in (
            ("area", self.areas),
            ("goal", self.goals),
            ("lead_office", self.offices),
        ):
            if name in item:
                columns[name] = targets[item[name]]
        wording = merged(row.text, item["text"], self.plan.languages)
        return columns | {"text_sha256": ledger.wording_sha256(wording)}

    def _write_links(
        self, name: str, column: str, targets: Mapping[Any, Model], found: Found
    ) -> None:
        """Write a relation to many goals or offices of those items that have it."""
        through: Any = getattr(Commitment, name).through
        listed = [(row.pk, item[name]) for row, item in found if name in item]
        wanted = {(pk, targets[key].pk) for pk, keys in listed for key in keys}
        rows = through.objects.filter(commitment__in=[pk for pk, _keys in listed])
        present = {(row.commitment_id, getattr(row, column)): row.pk for row in rows}
        through.objects.filter(
            pk__in=[pk for pair, pk in present.items() if pair not in wanted]
        ).delete()
        through.objects.bulk_create(
            [
                through(**{"commitment_id": commitment, column: target})
                for commitment, target in sorted(wanted - present.keys())
            ],
            ROWS_PER_INSERT,
        )

    def _write_partnerships(self, found: Found) -> None:
        rows = Partnership.objects.filter(commitment__plan=self.plan)
        present = {(row.commitment_id, row.forum_id): row for row in rows}
        added: list[Any] = []
        for commitment, item in found:
            for link in item.get("forums", []):
                forum = self.forums[link["code"]]
                row = present.get((commitment.pk, forum.pk))
                row = self._save(
                    row or Partnership(commitment=commitment, forum=forum),
                    _columns(link, skip=("code",)),
                )
                added += [row] if row._state.adding else []
        Partnership.objects.bulk_create(added, ROWS_PER_INSERT)

    def _write_criteria(self, found: Found) -> None:
        """Add the criteria that are new, and replace those that the file no longer has."""
        rows = Criterion.objects.known(None).filter(commitment__plan=self.plan)
        in_use: dict[int, dict[str, Criterion]] = defaultdict(dict)
        for row in rows:
            in_use[row.commitment_id][row.key] = row
        added: list[Criterion] = []
        retired: list[int] = []
        for commitment, item in found:
            if "criteria" not in item:
                continue
            own, keys = in_use[commitment.pk], {row["key"] for row in item["criteria"]}
            retired += [row.pk for key, row in own.items() if key not in keys]
            for position, criterion in enumerate(item["criteria"], start=1):
                row = own.get(criterion["key"]) or Criterion(
                    commitment=commitment, added_at=self.at
                )
                # Of a criterion in use, only the place can change.
                columns = _columns(criterion) if row._state.adding else {}
                self._save(row, {**columns, "position": position})
                added += [row] if row._state.adding else []
        Criterion.objects.filter(pk__in=retired).update(retired_at=self.at)
        Criterion.objects.bulk_create(added, ROWS_PER_INSERT)

    def _write_milestones(self, found: Found) -> None:
        rows = Milestone.objects.filter(commitment__plan=self.plan)
        present = {(row.commitment_id, row.key): row for row in rows}
        added: list[Any] = []
        for commitment, item in found:
            for step in item.get("milestones", []):
                row = present.get((commitment.pk, step["key"]))
                row = self._save(row or Milestone(commitment=commitment), _columns(step))
                added += [row] if row._state.adding else []
        Milestone.objects.bulk_create(added, ROWS_PER_INSERT)

    def _save(self, row: Row, columns: Mapping[str, object]) -> Row:
        """Set the columns of a row, save it if it is not new and changed, and return it."""
        if _assign(row, columns, self.plan.languages) and not row._state.adding:
            row.save()
        return row


def write_forums(items: list[Document]) -> dict[str, Forum]:
    """Create and update forums from the items of a file; return all forums by code."""
    forums = _write_shared(Forum, items)
    # Parents and predecessors may come later in the file than the forums that name them.
    for item in items:
        links: dict[str, object] = {link: forums[item[link]] for link in LINKS if link in item}
        _save_changes(forums[item["code"]], links)
    return forums


def _write_shared(model: type[Shared], items: list[Document]) -> dict[str, Shared]:
    rows = {row.code: row for row in model.objects.all()}
    for item in items:
        row = rows.setdefault(item["code"], model())
        _save_changes(row, _columns(item, skip=LINKS))
    return rows


def _save_changes(
    row: Model,
    columns: Mapping[str, object],
    languages: Sequence[str] = (),
) -> None:
    """Save the row if it is new or a column changes; `languages` are those of its plan."""
    if _assign(row, columns, languages) or row.pk is None:
        row.save()


def _columns(item: Document, skip: Iterable[str] = ()) -> dict[str, object]:
    """Return an item of a file as columns, with its texts and dates."""
    columns: dict[str, object] = {}
    for key, value in item.items():
        if key in skip:
            continue
        if isinstance(value, dict):
            # A text, whose empty words take away those of a language.
            columns[key] = value
        else:
            columns[key] = date.fromisoformat(value) if key.endswith("_on") else value
    return columns


def _assign(row: Model, columns: Mapping[str, object], languages: Sequence[str]) -> bool:
    """Set the columns of a row and return whether any value changed. A language that a text of the
    file does not have keeps its words."""
    changed = False
    for name, value in columns.items():
        present = getattr(row, name)
        new = merged(present, value, languages) if isinstance(value, dict) else value
        if new != present:
            setattr(row, name, new)
            changed = True
    return changed


def merged(present: Text, new: Document, languages: Sequence[str]) -> Text:
    """Return the words of the new text over those present, in the order of the languages."""
    return Text(present.as_dict() | new).ordered(languages)
