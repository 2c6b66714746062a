"""Atom feeds of what was publicly done: on a plan, a goal, a forum or a commitment."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib.syndication.views import Feed
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition

from commitments import changes, revisions
from commitments.changes import Change
from commitments.choices import Action
from commitments.filters import ChangeFilter
from commitments.models import Forum, Plan
from commitments.views.changes import DONE, SHOWN, acts_of, in_words
from commitments.xml import readable

# The latest; `changes/` of the API has them all.
LATEST = 100


@dataclass(frozen=True)
class Subject:
    """What a feed is about: its page, and the filters of `changes/` that select its acts."""

    plan: Plan
    title: str
    page: str
    filters: Mapping[str, Any]


class ReadableFeed(Atom1Feed):
    """Without the characters that XML has no place for."""

    def write(self, outfile: Any, encoding: str) -> None:
        for facts in (self.feed, *self.items):
            facts |= {name: readable(fact) for name, fact in facts.items() if isinstance(fact, str)}
        super().write(outfile, encoding)


def _etag(request: HttpRequest, *args: Any, **kwargs: Any) -> str:
    return revisions.tag(request, timezone.now())


class ChangesFeed(Feed):  # type: ignore[type-arg]
    """Of a whole plan."""

    feed_type = ReadableFeed
    description_template = "commitments/feed_entry.html"
    author_name = gettext_lazy("Commitment tracker")

    @method_decorator(cache_control(public=True, no_cache=True))
    @method_decorator(condition(etag_func=_etag))
    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().__call__(request, *args, **kwargs)

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Subject:
        plan = get_object_or_404(Plan, code=kwargs.pop("plan"))
        return self.about(plan, **kwargs)

    def about(self, plan: Plan, **names: Any) -> Subject:
        page = reverse("pages:dashboard", args=[plan.code])
        return Subject(plan, str(plan.title), page, {})

    def title(self, about: Subject) -> str:
        return _("Changes: %(title)s") % {"title": about.title}

    def subtitle(self, about: Subject) -> str | None:
        """The first lines of the plan's notice, as on every page."""
        return next(iter(str(about.plan.notice).splitlines()), None)

    def link(self, about: Subject) -> str:
        return about.page

    def feed_copyright(self, about: Subject) -> str | None:
        return str(about.plan.licence) or None

    def items(self, about: Subject) -> list[Change]:
        asked = QueryDict(urlencode(about.filters))
        latest: Any = ChangeFilter(asked, acts_of(about.plan)).qs
        return changes.told(latest.prefetch_related(*SHOWN)[:LATEST])

    def item_title(self, change: Change) -> str:
        commitment = change.decision.commitment
        about = commitment or change.decision.plan
        facts = {
            "about": f"{about.code} {about.title}",
            "done": DONE[Action(change.decision.action)],
            "before": change.before and change.before.label,
            "after": change.after and change.after.label,
        }
        if change.before == change.after:
            return _("%(about)s: %(done)s") % facts
        return _("%(about)s: %(done)s (%(before)s → %(after)s)") % facts

    def item_link(self, change: Change) -> str:
        decision = change.decision
        if decision.commitment is None:
            return reverse("pages:dashboard", args=[decision.plan.code])
        page = reverse("pages:commitment", args=[decision.plan.code, decision.commitment.number])
        return f"{page}#update-{decision.update_id}" if decision.update_id else page

    def item_guid(self, change: Change) -> str:
        """The same wherever the tracker is served; each language's text is its own."""
        name = f"{change.decision.hash} {get_language()}"
        return uuid.uuid5(uuid.NAMESPACE_OID, name).urn

    def item_pubdate(self, change: Change) -> datetime:
        return change.decision.at

    item_updateddate = item_pubdate

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return in_words(kwargs["item"])


class GoalFeed(ChangesFeed):
    """Of the commitments whose primary goal it is."""

    def about(self, plan: Plan, **names: Any) -> Subject:
        goal = get_object_or_404(plan.goals, **names)
        page = reverse("pages:goal", args=[plan.code, goal.number])
        return Subject(plan, f"{plan.code} {goal}", page, {"goal": goal.number})


class ForumFeed(ChangesFeed):
    """Of the commitments of the forum, its parts, and the predecessors of either."""

    def about(self, plan: Plan, **names: Any) -> Subject:
        forum = get_object_or_404(Forum, **names)
        page = reverse("pages:forum", args=[plan.code, forum.code])
        return Subject(plan, f"{plan.code} {forum}", page, {"forum": forum.code})


class CommitmentFeed(ChangesFeed):
    """Of one commitment."""

    def about(self, plan: Plan, **names: Any) -> Subject:
        commitment = get_object_or_404(plan.commitments.select_related("plan"), **names)
        page = reverse("pages:commitment", args=[plan.code, commitment.number])
        return Subject(plan, str(commitment), page, {"commitment": commitment.code})
