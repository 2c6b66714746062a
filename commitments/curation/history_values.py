"""The values that an edit history shows, and the rows of history they are read from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Protocol, TypedDict, TypeVar, final

from django.apps import apps
from django.db.models import Model
from django.utils.translation import gettext as _

from commitments.choices import Kind
from commitments.models import ActionArea, Criterion, Forum, Office, StrategicGoal
from commitments.texts.text import Text

Key = TypeVar("Key", int, str)


@final
class ForumValue(TypedDict):
    code: str
    quote: Text


@final
class CriterionValue(TypedDict):
    key: str
    text: Text
    quote: Text


@final
class MilestoneValue(TypedDict):
    title: Text
    due_on: date
    done_on: date | None


HistoryItem = ForumValue | CriterionValue | MilestoneValue
Value = Text | date | int | str | list[int] | list[str] | HistoryItem | None
Values = Mapping[str, Value]


class HistoryRow(Protocol):
    """The columns that every row of history has; `id` is that of the row it is the history of."""

    pk: int
    id: int
    history_date: datetime
    history_change_reason: str | None
    history_type: str


class CommitmentHistory(HistoryRow, Protocol):
    title: Text
    note: Text
    area: ActionArea | None
    kind: str
    kind_reason: Text
    goal: StrategicGoal | None
    goal_reason: Text
    criteria_reason: Text
    lead_office: Office | None
    start_on: date | None
    due_on: date | None


class PartnershipHistory(HistoryRow, Protocol):
    forum: Forum | None
    forum_id: int
    quote: Text


class MilestoneHistory(HistoryRow, Protocol):
    title: Text
    due_on: date
    done_on: date | None


def column_values(
    row: CommitmentHistory, supporting_goals: list[int], supporting_offices: list[str]
) -> Values:
    """Return the former values of a commitment's own columns and links, by field."""
    return {
        "title": row.title,
        "note": row.note,
        "area": row.area.number if row.area else None,
        "kind": row.kind,
        "kind_reason": row.kind_reason,
        "goal": row.goal.number if row.goal else None,
        "goal_reason": row.goal_reason,
        "supporting_goals": sorted(supporting_goals),
        "criteria_reason": row.criteria_reason,
        "lead_office": row.lead_office.code if row.lead_office else None,
        "supporting_offices": sorted(supporting_offices),
        "start_on": row.start_on,
        "due_on": row.due_on,
    }


def forum_value(row: PartnershipHistory) -> ForumValue:
    code = row.forum.code if row.forum else str(row.forum_id)
    return {"code": code, "quote": row.quote}


def criterion_value(row: Criterion) -> CriterionValue:
    return {"key": row.key, "text": row.text, "quote": row.quote}


def milestone_value(row: MilestoneHistory) -> MilestoneValue:
    return {"title": row.title, "due_on": row.due_on, "done_on": row.done_on}


def linked_keys(
    rows: Sequence[CommitmentHistory], relation: str, path: str, kind: type[Key]
) -> dict[int, list[Key]]:
    """Return, by row of history, the keys of what a many-to-many relation linked the commitment
    to; `path` leads to the key."""
    model: type[Model] = apps.get_model("commitments", f"HistoricalCommitment_{relation}")
    links = model._default_manager.filter(
        ("history__in", [row.pk for row in rows]), (f"{path}__isnull", False)
    )
    keys: dict[int, list[Key]] = {}
    for history, key in links.values_list("history_id", path):
        keys.setdefault(history, []).append(kind(key))
    return keys


def display(field: str, value: Value) -> str:
    """Return a value as text in the active language."""
    match value:
        case None | [] | "":
            return "–"
        case list():
            return ", ".join(str(item) for item in value)
        case date():
            return value.isoformat()
        case str() if field == "kind":
            return str(Kind(value).label)
        case str() | int() | Text():
            return str(value) or "–"
        case _:
            return _display_item(value)


def _display_item(item: HistoryItem) -> str:
    if "key" in item:
        return f"{item['key']} “{_in_all_languages(item['text'])}”"
    if "quote" in item:
        quote = _in_all_languages(item["quote"])
        return f"{item['code']} “{quote}”" if quote else item["code"]
    words = {
        "title": _in_all_languages(item["title"]),
        "due_on": item["due_on"],
        "done_on": item["done_on"],
    }
    if item["done_on"] is None:
        return _("%(title)s, due %(due_on)s") % words
    return _("%(title)s, due %(due_on)s, done %(done_on)s") % words


def _in_all_languages(text: Text) -> str:
    """Return the text in all its languages, because any may be the one that changed."""
    return " / ".join(words for _tag, words in text.in_reading_order())
