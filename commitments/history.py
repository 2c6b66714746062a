"""What became of a commitment's wording, readings, forums and dates: who changed what, when, why.

Former wordings are kept by amendments of the plan. All else is kept by django-simple-history, row
by row; here the rows of one act are read together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments.bilingual import LANGUAGES, Text
from commitments.choices import SYSTEM_ROLE, Action, Kind, Role
from commitments.clocks import Clock, local_day
from commitments.comparison import Piece, compare
from commitments.models import Commitment, Decision, Milestone, Partnership

if TYPE_CHECKING:
    from django.contrib.auth.models import User

# What a reader is shown, in this order, under these names.
LABELS = {
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
    "lead_office": gettext_lazy("lead office"),
    "supporting_offices": gettext_lazy("supporting offices"),
    "start_on": gettext_lazy("starts on"),
    "due_on": gettext_lazy("due on"),
    "milestones": gettext_lazy("milestones"),
}


@dataclass(frozen=True)
class Signature:
    """Who changes reference data, when and why; `by` is None where the system itself acts."""

    by: User | None
    at: datetime
    reason: str = ""

    def on(self, row: Any) -> None:
        """What is saved of this row from now on is kept in its history under this signature."""
        row._history_user = self.by
        row._history_date = self.at
        row._change_reason = self.reason


@dataclass(frozen=True)
class Change:
    """One thing before and after; None: it was not there, or is no more.

    Values are as in a plan file: numbers, codes, days, texts; of `forums` and `milestones` one
    item of the list.
    """

    field: str
    before: Any
    after: Any

    @property
    def label(self) -> str:
        return str(LABELS[self.field])

    @property
    def before_shown(self) -> str:
        return _shown(self.field, self.before)

    @property
    def after_shown(self) -> str:
        return _shown(self.field, self.after)

    @cached_property
    def comparison(self) -> dict[str, list[Piece]] | None:
        """Of a text: its two forms compared, for each language in which they differ."""
        if not isinstance(self.before, Text) or not isinstance(self.after, Text):
            return None
        pairs = {
            code: (getattr(self.before, code), getattr(self.after, code)) for code in LANGUAGES
        }
        return {code: compare(*pair, code) for code, pair in pairs.items() if pair[0] != pair[1]}


@dataclass
class Event:
    """What was changed in one act, for one reason. `decision` is the ledger's, where there is one:
    loading the plan, or amending it."""

    at: datetime
    reason: str
    decision: Decision | None = None
    changes: list[Change] = field(default_factory=list)

    @property
    def title(self) -> str:
        """What sort of act it was."""
        return str(Action(self.decision.action).label) if self.decision else _("Curator's change")

    @property
    def role(self) -> str:
        loaded = self.decision is not None and self.decision.action == Action.LOAD
        return SYSTEM_ROLE if loaded else Role.CURATOR.value


Key = tuple[datetime, str]
State = Mapping[str, Any]


def of(commitment: Commitment) -> list[Event]:
    """The commitment's history, the latest first; in a fixed number of queries."""
    return _Reader(commitment).events()


@dataclass(frozen=True)
class Rewording:
    """What an amendment changed of a commitment's text."""

    decision: Decision
    change: Change

    def on(self, time_zone: str) -> date:
        return local_day(self.decision.at, time_zone)

    def known_to(self, clock: Clock, time_zone: str) -> bool:
        """Whether it had been done by the day and the moment that are looked at."""
        then = clock.known_at
        in_time = then is None or self.decision.at <= then
        return in_time and self.on(time_zone) <= clock.day(time_zone)


def rewordings(commitment: Commitment) -> list[Rewording]:
    """The first first; one query."""
    former = commitment.former_wordings.select_related("replaced_by")
    versions = list(former.order_by("replaced_by__seq"))
    texts = [*(version.text for version in versions), commitment.text]
    return [
        Rewording(version.replaced_by, Change("text", version.text, after))
        for version, after in zip(versions, texts[1:], strict=True)
    ]


class _Reader:
    def __init__(self, commitment: Commitment) -> None:
        self.commitment = commitment
        self.found: dict[Key, Event] = {}
        self.decided: dict[Key, Decision] = {}
        self.begins: Key | None = None

    def events(self) -> list[Event]:
        self._decisions()
        self._columns()
        self._wordings()
        self._linked("forums", Partnership.history.select_related("forum"), _partner)
        self._linked("milestones", Milestone.history, _milestone)
        shown = [event for event in self.found.values() if event.changes or event.decision]
        order = list(LABELS)
        for event in shown:
            event.changes.sort(key=lambda change: order.index(change.field))
        # Of one moment, what was found later comes first too.
        return sorted(shown, key=lambda event: event.at)[::-1]

    def _event(self, key: Key) -> Event:
        return self.found.setdefault(key, Event(*key, decision=self.decided.get(key)))

    def _decisions(self) -> None:
        """Loads and amendments: those that brought a wording, and those that other changes bear
        the signature of."""
        rows = Decision.objects.in_order().filter(
            plan=self.commitment.plan_id, action__in=(Action.LOAD, Action.AMEND)
        )
        for row in rows:
            self.decided[row.at, row.note] = row
            if self.commitment.number in row.meta.get("wording", {}):
                self._event((row.at, row.note))

    def _wordings(self) -> None:
        for rewording in rewordings(self.commitment):
            decision = rewording.decision
            self._event((decision.at, decision.note)).changes.append(rewording.change)

    def _columns(self) -> None:
        """The commitment's own columns and its links to goals and offices."""
        every = self.commitment.history.select_related("area", "goal", "lead_office")
        rows = list(every.order_by("history_id"))
        named = self._named(rows)
        before: State | None = None
        for key, states in _by_act(rows):
            after = named(states[-1])
            if before is None:
                self.begins = key
            else:
                self._event(key).changes += _changes(before, after)
            before = after

    def _named(self, rows: list[Any]) -> Any:
        """Turns a row of history into the values that a reader is shown."""
        supported = _linked_to(rows, "supporting_goals", "strategicgoal__number")
        supporting = _linked_to(rows, "supporting_offices", "office__code")

        def state(row: Any) -> State:
            return {
                "title": Text(row.title_en, row.title_zh),
                "note": Text(row.note_en, row.note_zh),
                "area": row.area and row.area.number,
                "kind": row.kind,
                "kind_reason": Text(row.kind_reason_en, row.kind_reason_zh),
                "goal": row.goal and row.goal.number,
                "goal_reason": Text(row.goal_reason_en, row.goal_reason_zh),
                "supporting_goals": sorted(supported.get(row.pk, ())),
                "lead_office": row.lead_office and row.lead_office.code,
                "supporting_offices": sorted(supporting.get(row.pk, ())),
                "start_on": row.start_on,
                "due_on": row.due_on,
            }

        return state

    def _linked(self, name: str, every: Any, state: Callable[[Any], State]) -> None:
        """What came, changed and went of a list that hangs on the commitment."""
        rows = every.filter(commitment_id=self.commitment.pk).order_by("id", "history_id")
        for _pk, own in groupby(rows, key=lambda row: row.id):
            before: Any = None
            for key, states in _by_act(own):
                gone = states[-1].history_type == "-"
                after = None if gone else state(states[-1])
                loaded = before is None and key == self.begins
                if not loaded and before != after:
                    self._event(key).changes.append(Change(name, before, after))
                before = after


def _partner(row: Any) -> State:
    code = row.forum.code if row.forum else str(row.forum_id)
    return {"code": code, "quote": Text(row.quote_en, row.quote_zh)}


def _milestone(row: Any) -> State:
    title = Text(row.title_en, row.title_zh)
    return {"title": title, "due_on": row.due_on, "done_on": row.done_on}


def _by_act(rows: Iterable[Any]) -> Iterable[tuple[Key, list[Any]]]:
    """Rows in the order in which they were written, those of one act together."""
    for key, same in groupby(
        rows, key=lambda row: (row.history_date, row.history_change_reason or "")
    ):
        yield key, list(same)


def _changes(before: State, after: State) -> list[Change]:
    return [
        Change(name, before[name], after[name]) for name in after if before[name] != after[name]
    ]


def _linked_to(rows: list[Any], relation: str, key: str) -> dict[int, list[Any]]:
    """By row of history, the keys of what the commitment was linked to."""
    model: Any = apps.get_model("commitments", f"HistoricalCommitment_{relation}")
    linked: dict[int, list[Any]] = {}
    found = model.objects.filter(history__in=[row.pk for row in rows], **{f"{key}__isnull": False})
    for history, value in found.values_list("history_id", key):
        linked.setdefault(history, []).append(value)
    return linked


def _shown(name: str, value: Any) -> str:
    """A value for the reader, in the language that is set."""
    match value:
        case None | [] | "":
            return "–"
        case list():
            return ", ".join(str(one) for one in value)
        case date():
            return value.isoformat()
        case {"code": code, "quote": quote}:
            return f"{code} “{_both(quote)}”" if quote else str(code)
        case {"title": title, "due_on": due_on, "done_on": None}:
            return _("%(title)s, due %(due_on)s") % {"title": _both(title), "due_on": due_on}
        case {"title": title, "due_on": due_on, "done_on": done_on}:
            return _("%(title)s, due %(due_on)s, done %(done_on)s") % {
                "title": _both(title),
                "due_on": due_on,
                "done_on": done_on,
            }
        case str() if name == "kind":
            return str(Kind(value).label)
        case _:
            return str(value) or "–"


def _both(text: Text) -> str:
    """In both languages: either may be what changed."""
    return " / ".join(part for part in (text.en, text.zh) if part)
