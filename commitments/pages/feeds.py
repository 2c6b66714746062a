"""Atom feeds of the public changes of a plan, a goal, a forum or a commitment."""

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
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition

from commitments.api import etags
from commitments.clocks import Clock
from commitments.filters import ChangeFilter
from commitments.ledger import changes
from commitments.models import Forum, Plan
from commitments.pages.changes import (
    UPDATE_RELATIONS,
    ChangeEntry,
    change_entries,
    public_decisions,
)
from commitments.pages.updates import update_facts
from commitments.roles import ANONYMOUS
from commitments.templatetags.pages import site
from commitments.texts.lists import COMMAS, join_list
from commitments.texts.xml_safe import strip_invalid_xml

# `changes/` in the API lists all changes.
MAX_FEED_ENTRIES = 100


@dataclass(frozen=True)
class FeedSubject:
    """The subject of a feed: its page, and the filters of `changes/` that select its changes."""

    plan: Plan
    title: str
    page: str
    filters: Mapping[str, Any]


class XmlSafeFeed(Atom1Feed):
    """An Atom feed without the characters that XML does not allow, that was not changed in the
    future, whatever the clock was that dated its entries."""

    def latest_post_date(self) -> datetime:
        latest: datetime = super().latest_post_date()
        return min(latest, timezone.now())

    def write(self, outfile: Any, encoding: str) -> None:
        for facts in (self.feed, *self.items):
            facts |= {
                name: strip_invalid_xml(fact)
                for name, fact in facts.items()
                if isinstance(fact, str)
            }
        super().write(outfile, encoding)


def _etag(request: HttpRequest, *args: Any, **kwargs: Any) -> str:
    return etags.collection_etag(request, timezone.now())


class ChangesFeed(Feed):  # type: ignore[type-arg]
    """The changes of a plan."""

    feed_type = XmlSafeFeed
    description_template = "commitments/feed_entry.html"

    def author_name(self) -> str:
        return site().name

    @method_decorator(cache_control(public=True, no_cache=True))
    @method_decorator(condition(etag_func=_etag))
    def __call__(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        return super().__call__(request, *args, **kwargs)

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> FeedSubject:
        # Feed readers do not sign in.
        plan = get_object_or_404(Plan.objects.visible_to(ANONYMOUS), code=kwargs.pop("plan"))
        return self.subject(plan, **kwargs)

    def subject(self, plan: Plan, **names: Any) -> FeedSubject:
        page = reverse("pages:overview", args=[plan.code])
        return FeedSubject(plan, plan.title.inline(), page, {})

    def title(self, subject: FeedSubject) -> str:
        return _("Changes: %(title)s") % {"title": subject.title}

    def subtitle(self, subject: FeedSubject) -> str | None:
        """Return the first line of the plan's notice, as on every page."""
        return next(iter(str(subject.plan.notice).splitlines()), None)

    def link(self, subject: FeedSubject) -> str:
        return subject.page

    def feed_copyright(self, subject: FeedSubject) -> str | None:
        return str(subject.plan.licence) or None

    def items(self, subject: FeedSubject) -> list[ChangeEntry]:
        query = QueryDict(urlencode(subject.filters))
        latest: Any = ChangeFilter(query, public_decisions(subject.plan)).qs
        rows = latest.select_related("erased_by").prefetch_related(*UPDATE_RELATIONS)
        changed = changes.with_status_changes(rows[:MAX_FEED_ENTRIES])
        return change_entries(changed, subject.plan, Clock(timezone.now()))

    def item_title(self, change: ChangeEntry) -> str:
        return change_title(change)

    def item_link(self, change: ChangeEntry) -> str:
        return change.address

    def item_guid(self, change: ChangeEntry) -> str:
        """Return an id that does not depend on the host. Each language has its own."""
        name = f"{change.decision.hash} {get_language()}"
        return uuid.uuid5(uuid.NAMESPACE_OID, name).urn

    def item_pubdate(self, change: ChangeEntry) -> datetime:
        return change.decision.at

    def item_updateddate(self, change: ChangeEntry) -> datetime:
        return change.changed_at

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {"change": kwargs["item"]}


def change_title(change: ChangeEntry) -> str:
    """Return one line on a change: what it did, to what, and how the status changed. If the status
    did not change, name the update instead."""
    facts = {
        "about": _about(change),
        "done": change.label,
        "before": change.before and change.before.label,
        "after": change.after and change.after.label,
    }
    if change.before != change.after:
        return _("%(about)s: %(done)s (%(before)s → %(after)s)") % facts
    if change.update is not None:
        return _("%(about)s: %(done)s (%(update)s)") % (
            facts | {"update": join_list(update_facts(change.update), COMMAS)}
        )
    return _("%(about)s: %(done)s") % facts


def _about(change: ChangeEntry) -> str:
    """Return the code and title of the subject of a change."""
    if change.commitment is not None:
        return f"{change.commitment.code} {change.commitment.title.inline()}"
    if change.edit is not None:
        return f"{change.edit.designation} {change.edit.entry.name.inline()}"
    return f"{change.plan.code} {change.plan.title.inline()}"


class GoalFeed(ChangesFeed):
    """The changes of the commitments that have this primary goal."""

    def subject(self, plan: Plan, **names: Any) -> FeedSubject:
        goal = get_object_or_404(plan.goals, **names)
        page = reverse("pages:goal", args=[plan.code, goal.number])
        return FeedSubject(plan, f"{plan.code} {goal}", page, {"goal": goal.number})


class ForumFeed(ChangesFeed):
    """The changes of the commitments of a forum, its parts, and the predecessors of either."""

    def subject(self, plan: Plan, **names: Any) -> FeedSubject:
        forum = get_object_or_404(Forum, **names)
        page = reverse("pages:forum", args=[plan.code, forum.code])
        return FeedSubject(plan, f"{plan.code} {forum}", page, {"forum": forum.code})


class CommitmentFeed(ChangesFeed):
    """The changes of one commitment."""

    def subject(self, plan: Plan, **names: Any) -> FeedSubject:
        commitment = get_object_or_404(plan.commitments.select_related("plan"), **names)
        page = reverse("pages:commitment", args=[plan.code, commitment.number])
        return FeedSubject(plan, str(commitment), page, {"commitment": commitment.code})
