"""The list of partner forums, the page of a forum, and the brief before a meeting there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import Prefetch
from django.http import Http404
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from commitments import rollups
from commitments.addresses import path_to
from commitments.choices import ACTIONS, EventType, ForumKind
from commitments.clocks import days_before
from commitments.exports.documents.blocks import Block
from commitments.models import Evidence, Forum, Meeting, Partnership, ProgressUpdate
from commitments.models.querysets import (
    ACTIVITY_INTERVALS,
    CommitmentQuerySet,
    MeetingQuerySet,
    ProgressUpdateQuerySet,
)
from commitments.models.querysets.forum_tree import ForumTree
from commitments.pages import charts
from commitments.pages.base import PlanPage, has_parts
from commitments.pages.brief_document import BriefDocument
from commitments.pages.brief_layout import BriefItem, lay_out
from commitments.pages.brief_words import (
    NOTHING,
    event_words,
    is_empty_brief,
    promise_words,
    question_words,
    source_words,
)
from commitments.pages.forum_lists import OtherForum, forums_by_kind, with_ancestors
from commitments.pages.groups import GroupPage, matrix_title
from commitments.pages.meetings import public_meetings
from commitments.pages.phrases import action_words, silence_phrase
from commitments.pages.promises import ForumEvent, Promise, forum_events, promises_of
from commitments.pages.report_lines import ReportAddresses
from commitments.pages.rows import ListedCommitment
from commitments.pages.sharing import group_sharing
from commitments.pages.updates import EvidenceItem, PageUpdate, evidence_item, page_updates
from commitments.pages.verdict import by_strength
from commitments.pictures.qr import qr_code
from commitments.roles import ANONYMOUS
from commitments.templatetags.tracker import on_day
from commitments.texts.phrases import sentence_of

# The page of events lists all of them.
MAX_ACTIONS = 10
MAX_OTHER_EVENTS = 5
MAX_NEXT_MEETINGS = 3
# A brief is one printed page: these are the most promises it has, and the most entries in each
# other section.
MAX_BRIEF_PROMISES = 12
MAX_BRIEF_EVENTS = 5
MAX_DOCUMENT_EVENTS = 50


class ForumsPage(PlanPage):
    """The forums that commitments name, each below its parent, then those that only updates
    name."""

    template_name = "commitments/forums.html"
    menu_entry = "forums"
    needs = ("forums",)

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        report = rollups.report(self.filterset.qs, "forum", self.filterset.activity)
        rows = charts.forum_chart_rows(report.groups, self.interval, self.day)
        named = {str(row.group.key): row for row in rows}
        forums = list(Forum.objects.defer("search_index").select_related("parent").in_order())
        tree, events = ForumTree.of(forums), self._events_by_forum()
        others = [row.code for row in forums if row.pk in events and row.code not in named]

        def named_row(forum: Forum, parts: Sequence[charts.ChartRow]) -> charts.ChartRow:
            followed = tree.has_successors(forum.pk)
            return replace(named[forum.code], parts=parts, has_successors=followed)

        def other_row(forum: Forum, parts: Sequence[OtherForum]) -> OtherForum:
            there = set[int]().union(*(events[pk] for pk in tree.activity_through(forum.pk)))
            return OtherForum(forum, len(there), forum.code in named, parts)

        return super().get_context_data(
            kinds=forums_by_kind(forums, named, named_row),
            silence=silence_phrase(
                [row.active_at_forum or 0 for row in report.groups if row.key], self.interval
            ),
            silent=[row for row in report.groups if row.key and not row.active_at_forum],
            without_forum=sum(row.commitments for row in report.groups if not row.key),
            other_kinds=forums_by_kind(forums, with_ancestors(forums, others), other_row),
            has_meetings=public_meetings(self.plan).exists(),
            matrix_title=matrix_title(self.plan) if has_parts(self.plan, ["goals"]) else "",
            **kwargs,
        )

    def _events_by_forum(self) -> defaultdict[int, set[int]]:
        """Return the ids of the events that updates which count place at each forum, by its id; for
        one that only other updates name, none. Updates withdrawn since then do not name forums in
        public. One query."""
        updates = ProgressUpdate.objects.under(self.clock, self.filterset.periods)
        readable = updates.of_plans([self.plan]).with_public_content()
        events: defaultdict[int, set[int]] = defaultdict(set)
        rows = readable.order_by().filter(forums__isnull=False)
        for forum, pk, event_type in rows.values_list("forums", "pk", "event_type"):
            events[forum].update([pk] if event_type else [])
        return events


class ForumPage(GroupPage):
    """A forum: what is promised there, in the words of the plan, what was done there and,
    separately, what others say. Commitments of its parts and predecessors are included."""

    template_name = "commitments/forum.html"
    picture_route = "forum-picture"
    menu_entry = "forums"
    needs = ("forums",)
    forum: Forum
    max_actions, max_other_events = MAX_ACTIONS, MAX_OTHER_EVENTS
    # Whether the page lists the sources of every event that it `shows`, including events that it
    # leaves out of its lists.
    sources_of_all = False

    @cached_property
    def forums(self) -> dict[int, Forum]:
        """All forums by id, each with its parent and its predecessor."""
        found = Forum.objects.defer("search_index").in_bulk()
        for row in found.values():
            row.parent = found[row.parent_id] if row.parent_id else None
            row.successor_of = found[row.successor_of_id] if row.successor_of_id else None
        return found

    @cached_property
    def tree(self) -> ForumTree:
        return ForumTree.of(self.forums.values())

    def members(self) -> CommitmentQuerySet:
        """Return the commitments at the forum, each with the partnerships that make it one of
        them."""
        through = self.tree.commitments_through(self.forum.pk)
        links = Partnership.objects.filter(forum__in=through).select_related("forum")
        named = Prefetch("partnerships", links.order_by("pk"))
        rows = self.listed.for_forums([self.forum], self.tree).prefetch_related(named)
        members: CommitmentQuerySet = self.with_latest_entry(rows)
        return members

    @property
    def latest_entry(self) -> int:
        return self.rows[0].latest_entry if self.rows else super().latest_entry

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        forums = self.forums.values()
        self.forum = self.subject = _with_code(forums, self.kwargs["code"])
        events = forum_events(self._updates())
        recent = [row for row in events if self.shows(row)]
        actions = [row for row in recent if row.is_action]
        others = [row for row in recent if not row.is_action]
        listed = [*actions[: self.max_actions], *others[: self.max_other_events]]
        sources = self._sources(recent if self.sources_of_all else listed)
        shown = self._read(listed, sources)
        context: dict[str, Any] = super().get_context_data(
            forum=self.forum,
            parts=_in_order(row for row in forums if row.parent_id == self.forum.pk),
            successors=_in_order(row for row in forums if row.successor_of_id == self.forum.pk),
            actions=[shown[row.id] for row in actions if row.id in shown],
            other_events=[shown[row.id] for row in others if row.id in shown],
            actions_count=len(actions),
            other_events_count=len(others),
            sources=[evidence_item(row) for row in by_strength(sources)],
            action_filters=self._event_filters(ACTIONS),
            other_filters=self._event_filters(code for code in EventType if code not in ACTIONS),
            next_meetings=list(self._meetings_ahead()[:MAX_NEXT_MEETINGS]),
            group_filters={"forum": self.forum.code},
            share_alt=self.forum.name,
            sharing=group_sharing(self.addresses, self.forum.name.inline(), self.forum.code),
            **kwargs,
        )
        promises = promises_of(self.rows, self.forum, events)
        has_successors = self.tree.has_successors(self.forum.pk)
        words = action_words(self.clock, has_successors=has_successors)
        return context | {
            "lasting_address": self.lasting_address,
            "promises": promises,
            "action_words": words,
            "questions": self._questions(promises),
        }

    def _questions(self, promises: Iterable[Promise]) -> list[ListedCommitment]:
        """Return the commitments among these promises that are open questions."""
        items = rollups.items_from(self.rows)
        pairs = zip(promises, items, strict=True)
        return [row.commitment for row, item in pairs if item.is_open_question]

    def _meetings_ahead(self) -> MeetingQuerySet:
        """Return the upcoming public meetings of the forum, its parts and its successors."""
        rows = Meeting.objects.visible_to(ANONYMOUS).at_forum(self.forum, self.tree)
        return rows.ahead(self.day).of_plans([self.plan]).in_order()

    def shows(self, event: ForumEvent) -> bool:
        """Return whether the page may list an event at the forum."""
        return True

    def _sources(self, events: Iterable[ForumEvent]) -> list[Evidence]:
        """Return the sources of these events with their updates, ordered from the newest event."""
        newest_first = sorted(events, key=lambda event: (event.on, event.id), reverse=True)
        places = {event.id: place for place, event in enumerate(newest_first)}
        rows = Evidence.objects.visible_to(ANONYMOUS).filter(update__in=places)
        found = rows.select_related("update__commitment__plan")
        return sorted(found, key=lambda row: (places[row.update_id], row.pk))

    def _updates(self) -> ProgressUpdateQuerySet:
        """Return the events that count and name the forum, a part of it or a successor, newest
        first."""
        rows = ProgressUpdate.objects.under(self.clock, self.filterset.periods)
        rows = rows.of_plans([self.plan]).filter(event_type__isnull=False)
        rows = rows.at_forums([self.forum], ANONYMOUS, self.tree)
        return rows.with_is_there(self.forum, self.tree).latest_first()

    def _event_filters(self, types: Iterable[EventType]) -> dict[str, object]:
        """Return the filters with which the page of events selects events of these types at the
        forum."""
        return {"forum": self.forum.code, "event_type": [code.value for code in types]}

    def _read(
        self, events: Iterable[ForumEvent], sources: Iterable[Evidence]
    ) -> dict[int, PageUpdate]:
        """Return these events with their texts, by id. Updates of the sources are not read
        again."""
        found = {row.update_id: row.update for row in sources}
        listed = [row.id for row in events]
        others = [pk for pk in listed if pk not in found]
        if others:
            rows = ProgressUpdate.objects.select_related("commitment__plan")
            found |= rows.in_bulk(others)
        return {row.id: row for row in page_updates(found[pk] for pk in listed)}


def _with_code(forums: Iterable[Forum], code: str) -> Forum:
    for forum in forums:
        if forum.code == code:
            return forum
    raise Http404


def _in_order(forums: Iterable[Forum]) -> list[Forum]:
    return sorted(forums, key=lambda row: row.code)


@dataclass(frozen=True)
class Preview:
    """The first items of a list, and the number of items left out."""

    items: Sequence[object]
    more: int


@dataclass(frozen=True)
class BriefSection:
    """A section of a brief: its first items, the number of all items, the paragraphs of an item,
    and the paragraphs shown if there is none. Without the latter, an empty section is left out."""

    items: Sequence[Any]
    total: int
    words: Callable[[Any], BriefItem]
    nothing: BriefItem = ()

    def all_words(self) -> list[BriefItem]:
        """Return the paragraphs of each item, or those shown instead if there is none."""
        found = [self.words(item) for item in self.items]
        return found or [self.nothing] * bool(self.nothing)


class BriefPage(ForumPage):
    """A forum on one printed page before a meeting. What does not fit is counted and linked."""

    template_name = "commitments/brief.html"
    has_grid = False
    # For documents: the first day from which actions are listed, and the number of the first
    # source.
    since: date | None = None
    first_source = 1
    max_actions = max_other_events = MAX_BRIEF_EVENTS
    sources_of_all = True

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        sections = self._sections(context)
        layout = lay_out(
            [
                _("Meeting brief: %(name)s") % {"name": self.forum.name.inline()},
                f"{self.forum.code} · {ForumKind(self.forum.kind).label} · {self.plan.title}",
                sentence_of(context["summary"]),
            ],
            {name: row.all_words() for name, row in sections.items()},
        )
        previews = {
            f"{name}_preview": Preview(row.items[:shown], max(0, row.total - shown))
            for (name, row), shown in zip(sections.items(), layout.shown.values(), strict=True)
        }
        promises = sections["promise"].items[: layout.shown["promise"]]
        quoted, others = promises[: layout.quoted], promises[layout.quoted :]
        previews["promise_preview"] = replace(
            previews["promise_preview"],
            items=[*quoted, *(replace(row, quotations=[]) for row in others)],
        )
        return context | {
            **previews,
            "actions_title": context["action_words"].since % {"day": on_day(self._period_start)},
            "qr_code": qr_code(self.lasting_address),
            "type_size": layout.size.name,
            "is_empty": is_empty_brief(context),
        }

    def _sections(self, context: Mapping[str, Any]) -> dict[str, BriefSection]:
        """Return the sections, in the order in which `lay_out` shortens them."""
        promises: list[Promise] = context["promises"]
        questions: list[ListedCommitment] = context["questions"]
        sources: list[EvidenceItem] = context["sources"]
        others, actions = context["other_events"], context["actions"]
        return {
            "source": BriefSection(sources[:MAX_BRIEF_EVENTS], len(sources), source_words, NOTHING),
            "other": BriefSection(others, context["other_events_count"], event_words),
            "action": BriefSection(actions, context["actions_count"], event_words, NOTHING),
            "question": BriefSection(
                questions[:MAX_BRIEF_EVENTS], len(questions), question_words, NOTHING
            ),
            "promise": BriefSection(
                promises[:MAX_BRIEF_PROMISES], len(promises), promise_words, NOTHING
            ),
        }

    def blocks(self) -> list[Block]:
        """Return the brief as blocks of a document, which has room for more events and all their
        sources."""
        self.max_actions = self.max_other_events = MAX_DOCUMENT_EVENTS
        context: dict[str, Any] = super().get_context_data()
        absolute = self.request.build_absolute_uri

        def source(piece: Evidence) -> str:
            return absolute(path_to("source", piece.pk))

        addresses = ReportAddresses(self.lasting_address, lambda row: "", source, absolute)
        brief = BriefDocument(context, addresses, self._period_start, self.first_source)
        self.first_source += len(context["sources"])
        return list(brief.blocks())

    def shows(self, event: ForumEvent) -> bool:
        """Return whether an event is in the past two review intervals, like activity at a forum."""
        return event.on >= self._period_start

    @cached_property
    def _period_start(self) -> date:
        return self.since or days_before(self.day, ACTIVITY_INTERVALS * self.interval)
