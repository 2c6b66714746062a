"""What was publicly done, in words: the page of changes, and the latest of them elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments import changes
from commitments.changes import Change
from commitments.choices import PUBLIC_ACTIONS, Action
from commitments.clocks import Clock
from commitments.filters import ChangeFilter, CommitmentFilter
from commitments.models import Decision, Plan
from commitments.views.base import CLOCKS, PlanPage, ignored
from commitments.views.commitments import shown, texts_shown
from commitments.views.filters import Choice, chips, choice, forums_of, numbered
from commitments.views.forms import only

DONE = {
    Action.PUBLISH: gettext_lazy("update published"),
    Action.SUPERSEDE: gettext_lazy("update replaced by a correction"),
    Action.RETRACT: gettext_lazy("update retracted"),
    Action.ARCHIVE: gettext_lazy("archived copy of a link added"),
    Action.AMEND: gettext_lazy("plan amended"),
    Action.LOAD: gettext_lazy("plan loaded"),
}
# What is read of each; of those whose update is `shown` whole, the rest too.
READ = ("plan", "commitment__plan", "update__commitment__plan")
SHOWN = (
    "update__forums",
    "update__evidence__link_checks",
    "update__decisions",
)
FEEDS = {"goal": "goal-feed", "forum": "forum-feed", "commitment": "commitment-feed"}
PAGE = 50
LATELY = 100
NUMBER = re.compile(r"[0-9]{1,18}\Z")


def acts_of(plan: Plan, until: datetime | None = None) -> Any:
    """The public acts on a plan, the latest first; those that had been done by a moment."""
    acts = Decision.objects.public().filter(plan=plan).select_related(*READ)
    if until is not None:
        acts = acts.filter(at__lte=until)
    return acts.order_by("-seq")


def in_words(change: Change) -> dict[str, Any]:
    """An act with the statuses before and after, and its update as the public may see it."""
    update = change.decision.update
    return _told(change) | {"update": shown(update) if update else None}


def _told(change: Change) -> dict[str, Any]:
    update = change.decision.update
    return {
        "update_id": update and update.pk,
        "loaded": "import" in change.decision.meta,
        "on": update and update.effective_on,
        "precision": update and update.date_precision,
        "decision": change.decision,
        "commitment": change.decision.commitment,
        "done": DONE[Action(change.decision.action)],
        "before": change.before,
        "after": change.after,
        "moved": change.before != change.after,
        "note": change.note,
    }


def _with_texts(change: Change) -> dict[str, Any]:
    """An act with what its update says, but for its evidence."""
    update = change.decision.update
    return _told(change) | {"texts": texts_shown(update) if update else []}


def latest_moves(plan: Plan, clock: Clock, n: int) -> list[dict[str, Any]]:
    """The latest so many acts that changed a status, for better or worse, among the last hundred on
    updates about the time until the clock's day; without what these say."""
    until = clock.day(plan.time_zone)
    acts = acts_of(plan, clock.known_at).filter(update__effective_on__lte=until)
    # What one file brought was published at one moment: there the day it is about decides.
    acts = acts.order_by("-at", "-update__effective_on", "-seq")
    told = changes.told(acts[:LATELY])
    return [_told(change) for change in told if change.before != change.after][:n]


class ChangesPage(PlanPage):
    """The latest first. Under `known_at` what had been done by then."""

    template_name = "commitments/changes.html"
    filters = ("action", "goal", "forum", "commitment")
    parameters = (*CLOCKS, *filters, "before")

    @cached_property
    def filterset(self) -> CommitmentFilter:
        """Of the clocks alone: all else selects acts."""
        return self.valid(lambda query: self.commitments_by(only(query, CLOCKS)))

    @cached_property
    def selection(self) -> ChangeFilter:
        acts = acts_of(self.plan, self.clock.known_at)
        return self.valid(partial(ChangeFilter, queryset=acts))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        acts: Any = self.selection.qs
        before = self._before()
        if before is not None:
            acts = acts.filter(seq__lt=before)
        rows = [_with_texts(change) for change in changes.told(acts[: PAGE + 1])]
        filters = list(self._offered())
        return super().get_context_data(
            page="changes",
            changes=rows[:PAGE],
            older=rows[PAGE - 1]["decision"].seq if len(rows) > PAGE else None,
            newest=before is None,
            filters=filters,
            chips=chips(filters, self.query, apart=["before"]),
            feed=self._feed(),
            **kwargs,
        )

    def _feed(self) -> str:
        """That of the one goal, forum or commitment that is looked at; else of the plan."""
        chosen = [(name, self.query.getlist(name)) for name in self.filters if name in self.query]
        if len(chosen) == 1 and len(chosen[0][1]) == 1 and chosen[0][0] in FEEDS:
            [(name, [value])] = chosen
            names = [self.plan.code, value.removeprefix(f"{self.plan.code}-")]
            return reverse(f"pages:{FEEDS[name]}", args=names)
        return reverse("pages:changes-feed", args=[self.plan.code])

    def _before(self) -> int | None:
        given = self.query.get("before")
        if given is None or NUMBER.match(given):
            return None if given is None else int(given)
        self.notices.append(ignored("before", _("Give the number of an act.")))
        return None

    def _offered(self) -> Iterable[Choice]:
        actions = [(action.value, DONE[action]) for action in PUBLIC_ACTIONS]
        yield choice("action", _("Act"), actions, self.query)
        yield choice("goal", _("Goal"), numbered(self.plan.goals), self.query)
        yield choice("forum", _("Forum"), forums_of(self.plan), self.query)
