"""The edit history of a commitment, a plan, a forum and so on: what each decision changed, and why.

A decision records the content of what it changed; each entry compares that content with the one
recorded before it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from itertools import pairwise, takewhile
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments.choices import (
    Action,
    ForumKind,
    Kind,
    SecondRating,
    SubjectType,
    Visibility,
)
from commitments.clocks import Clock, local_day
from commitments.ledger import ERASED, Subject
from commitments.ledger.documents import Document
from commitments.models import Commitment, Decision, RecordedContent
from commitments.texts.diff import DiffSpan, compare_texts
from commitments.texts.lists import ITEMS, join_list
from commitments.texts.text import Text

# The fields of contents whose changes readers see, in the order in which they are shown.
FIELD_LABELS = {
    "title": gettext_lazy("title"),
    "name": gettext_lazy("name"),
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
    "ends_on": gettext_lazy("end date"),
    "milestones": gettext_lazy("milestones"),
    "parent": gettext_lazy("part of"),
    "successor_of": gettext_lazy("successor of"),
    "closed_on": gettext_lazy("closed on"),
    "same_as": gettext_lazy("same as"),
    "languages": gettext_lazy("languages"),
    "issuer": gettext_lazy("issuer"),
    "adopted_on": gettext_lazy("adopted on"),
    "time_zone": gettext_lazy("time zone"),
    "review_interval_days": gettext_lazy("review interval in days"),
    "notice": gettext_lazy("notice"),
    "licence": gettext_lazy("licence"),
    "licence_url": gettext_lazy("address of the licence"),
    "locality": gettext_lazy("country or locality"),
    "plan_number": gettext_lazy("action plan number"),
    "words": gettext_lazy("own words"),
    "visibility": gettext_lazy("visibility"),
    "second_rating": gettext_lazy("second rating"),
    "commitments": gettext_lazy("commitments"),
}
# The field that identifies an item in each of these lists.
_KNOWN_BY = {"forums": "code", "criteria": "key", "milestones": "key"}
_CODE_LABELS = {
    "kind": {**dict(Kind.choices()), **dict(ForumKind.choices())},
    "visibility": dict(Visibility.choices()),
    "second_rating": dict(SecondRating.choices()),
}


@dataclass(frozen=True)
class FieldChange:
    """A field before and after a change; None if it had no value.

    Values are those of a plan file, with texts as `Text`; for `forums`, `criteria` and
    `milestones`, one item of the list. `cut` says whether the values are lists without their common
    beginning, and without their common end.
    """

    field: str
    before: object
    after: object
    cut: tuple[bool, bool] = (False, False)

    @property
    def label(self) -> str:
        if self.field == "commitments" and _are_reordered(self.before, self.after):
            return _("order of commitments")
        return str(FIELD_LABELS[self.field])

    @property
    def before_text(self) -> str:
        return _display(self.field, self._marked(self.before))

    @property
    def after_text(self) -> str:
        return _display(self.field, self._marked(self.after))

    def _marked(self, value: object) -> object:
        """Return a list with a sign where something was cut off; other values as they are."""
        before, after = (["…"] * is_cut for is_cut in self.cut)
        return [*before, *value, *after] if isinstance(value, list) else value

    @cached_property
    def comparison(self) -> dict[str, list[DiffSpan]] | None:
        """Return the differences between two texts, of which one may be missing, for each language
        in which they differ; None for other values."""
        before, after = (Text() if end is None else end for end in (self.before, self.after))
        if not isinstance(before, Text) or not isinstance(after, Text):
            return None
        return compare_texts(before, after)


@dataclass(frozen=True)
class HistoryEntry:
    """What one decision changed in one subject; `name` is the subject's title or name afterwards.

    `deleted` is true if the decision deleted the subject, `added` if nothing had been recorded of
    it before; in both cases `changes` is empty. `erased` lists the fields whose text, before or
    after the change, was erased.
    """

    decision: Decision
    subject: Subject
    name: Text
    added: bool = False
    deleted: bool = False
    changes: list[FieldChange] = field(default_factory=list)
    erased: list[str] = field(default_factory=list)

    @property
    def at(self) -> datetime:
        return self.decision.at

    @property
    def reason(self) -> str:
        return self.decision.note

    @property
    def field_labels(self) -> list[str]:
        """The names of the fields that changed."""
        return list(dict.fromkeys(change.label for change in self.changes))

    @property
    def erased_labels(self) -> list[str]:
        """The names of the fields whose text was erased."""
        return [str(FIELD_LABELS[name]) for name in self.erased]

    @property
    def title(self) -> str:
        return str(_TITLES[Action(self.decision.action)])


_TITLES = {
    Action.PREPARE: gettext_lazy("Plan prepared"),
    Action.LOAD: gettext_lazy("Plan loaded"),
    Action.AMEND: gettext_lazy("Plan amended"),
    Action.EDIT: gettext_lazy("Edited"),
}


def entries_of(
    subject: Subject, languages: Iterable[str] = (), *, for_staff: bool = False
) -> list[HistoryEntry]:
    """Return the history of a subject, the latest entry first; one query. Only staff see what was
    changed while the plan was a draft.

    Texts are in the order of `languages`, those of the plan.
    """
    rows = RecordedContent.objects.of(subject.type, subject.key).select_related("decision")
    if not for_staff:
        rows = rows.public()
    return _entries([None, *rows], list(languages))[::-1]


def entries_by(
    decisions: Iterable[Decision], languages: Iterable[str] = ()
) -> dict[int, list[HistoryEntry]]:
    """Return the entries of these decisions, by the id of the decision, one for each subject that
    it changed; two queries."""
    contents = RecordedContent.objects.filter(decision__in=[row.pk for row in decisions])
    rows: list[Any] = list(contents.in_order().with_previous().select_related("decision"))
    earlier = RecordedContent.objects.in_bulk([row.previous_id for row in rows if row.previous_id])
    found: dict[int, list[HistoryEntry]] = defaultdict(list)
    for row in rows:
        pair = [earlier.get(row.previous_id), row]
        found[row.decision_id] += _entries(pair, list(languages))
    return found


def _entries(rows: list[RecordedContent | None], languages: Sequence[str]) -> list[HistoryEntry]:
    """Return an entry for each of these contents except the first, compared with the one before
    it."""
    entries = []
    for before, after in pairwise(rows):
        if after is None:
            continue
        old = before.content if before else None
        shown = after.content or old or {}
        name = shown.get("title") or shown.get("name") or {}
        entries.append(
            HistoryEntry(
                after.decision,
                Subject(SubjectType(after.subject_type), after.subject_key),
                Text(name).ordered(languages),
                added=old is None,
                deleted=after.content is None and after.erased_by_id is None,
                changes=field_changes(old, after.content, languages),
                erased=erased_fields(old, after.content),
            )
        )
    return entries


def erased_fields(before: Document | None, after: Document | None) -> list[str]:
    """Return the fields that cannot be compared because they were erased from one of two contents
    of a subject, in the order in which fields are shown."""
    erased = {name for content in (before, after) for name in (content or {}).get(ERASED, ())}
    return [name for name in FIELD_LABELS if name in erased]


def field_changes(
    before: Document | None, after: Document | None, languages: Sequence[str]
) -> list[FieldChange]:
    """Return the fields, or the items of lists, in which two contents of a subject differ; an empty
    list if one content is missing."""
    if before is None or after is None:
        return []
    changes: list[FieldChange] = []
    erased = erased_fields(before, after)
    for name in FIELD_LABELS:
        old, new = before.get(name), after.get(name)
        if old == new or name in erased:
            continue
        if _is_list_of_items(old) or _is_list_of_items(new):
            changes += _item_changes(name, old or [], new or [], languages)
        elif name == "commitments":
            changes.append(_where_they_differ(name, old or [], new or []))
        else:
            changes.append(FieldChange(name, _value(old, languages), _value(new, languages)))
    return changes


def _where_they_differ(name: str, before: list[str], after: list[str]) -> FieldChange:
    """Return the change of a list without what both have at their beginning and end: a plan may
    have thousands of commitments, of which only a few were reordered."""
    start = _alike(before, after)
    old, new = before[start:], after[start:]
    end = _alike(old[::-1], new[::-1])
    old, new = old[: len(old) - end], new[: len(new) - end]
    return FieldChange(name, old, new, cut=(start > 0, end > 0))


def _are_reordered(before: object, after: object) -> bool:
    if not isinstance(before, list) or not isinstance(after, list):
        return False
    return sorted(before) == sorted(after)


def _alike(before: Iterable[str], after: Iterable[str]) -> int:
    """Return how many items at the beginning are the same in both."""
    pairs = zip(before, after, strict=False)
    return sum(1 for _pair in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _is_list_of_items(value: object) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _item_changes(
    name: str, before: list[Document], after: list[Document], languages: Sequence[str]
) -> list[FieldChange]:
    """Return the items of a list that were added, changed or removed; if there are none, its order
    before and after."""
    old, new = _by_key(name, before), _by_key(name, after)
    changes = [
        FieldChange(name, _item(old.get(key), languages), _item(new.get(key), languages))
        for key in {**old, **new}
        if old.get(key) != new.get(key)
    ]
    return changes or [FieldChange(name, list(old), list(new))]


def _by_key(name: str, items: list[Document]) -> dict[object, Document]:
    return {item[_KNOWN_BY[name]]: item for item in items}


def _item(item: Document | None, languages: Sequence[str]) -> dict[str, object] | None:
    if item is None:
        return None
    return {name: _value(value, languages) for name, value in item.items()}


def _value(value: object, languages: Sequence[str]) -> object:
    """Return a value with each text, an object by language, as a `Text`, and a plan's own words as
    a list of texts in all languages."""
    if not isinstance(value, dict):
        return value
    if any(isinstance(item, dict) for item in value.values()):
        words = [text for forms in value.values() for text in forms.values()]
        return [_in_all_languages(Text(text).ordered(languages)) for text in words]
    return Text(value).ordered(languages)


def _display(name: str, value: object) -> str:
    """Return a value as text in the active language."""
    match value:
        case None | [] | "":
            return "–"
        case list():
            return join_list(value, ITEMS)
        case dict():
            return _display_item(value)
        case str() if name in _CODE_LABELS:
            return str(_CODE_LABELS[name][value])
        case _:
            return str(value) or "–"


def _display_item(item: Document) -> str:
    if "text" in item:
        return f"{item['key']} “{_in_all_languages(item['text'])}”"
    if "code" in item:
        quote = _in_all_languages(item.get("quote", Text()))
        return f"{item['code']} “{quote}”" if quote else str(item["code"])
    words = {**item, "title": _in_all_languages(item["title"])}
    return _("%(key)s “%(title)s”, due %(due_on)s") % words


def _in_all_languages(text: Text) -> str:
    """Return the text in all its languages, because any may be the one that changed."""
    return " / ".join(words for _tag, words in text.in_reading_order())


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
    """Return the changes of the commitment's text, the latest first; one query."""
    return [
        WordingChange(entry.decision, change)
        for entry in commitment_entries(commitment)
        for change in entry.changes
        if change.field == "text"
    ]


def commitment_entries(commitment: Commitment) -> list[HistoryEntry]:
    """Return the history of a commitment, the latest entry first; one query."""
    subject = Subject(SubjectType.COMMITMENT, commitment.code)
    return entries_of(subject, commitment.plan.languages)
