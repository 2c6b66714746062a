"""All that is needed for a session of a forum, in one structure: for its page and for documents."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from commitments.access import policies
from commitments.choices import ACTIONS, UNPUBLISHED_STATES
from commitments.clocks import Clock
from commitments.meetings.recorded import events_of
from commitments.models import (
    Commitment,
    Forum,
    Meeting,
    Milestone,
    NothingToReport,
    Partnership,
    Plan,
    ProgressUpdate,
)
from commitments.models.querysets import CommitmentQuerySet, ProgressUpdateQuerySet
from commitments.roles import ANONYMOUS
from commitments.texts.phrases import last_action_label
from commitments.texts.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from django.contrib.auth.models import User

# Each commitment has a card of its own on a meeting's page.
MAX_COMMITMENTS = 100
MAX_RECORDED = 20
MAX_OTHER_WORK = 50


@dataclass
class Topic:
    """A commitment on the page of a meeting.

    Public: its state under the clock, the words that name the forum, the milestones that are not
    met and the last action at the forum or its successors, read `with_is_there`, None without one.
    For staff: the updates under way that the reader may see, and whether they may report.
    """

    commitment: Commitment
    may_report: bool
    quotes: list[Text] = field(default_factory=list)
    under_way: list[ProgressUpdate] = field(default_factory=list)
    milestones: list[Milestone] = field(default_factory=list)
    last_action: Any = None

    @property
    def last_action_label(self) -> str:
        """The words before the last action, which must be there."""
        return last_action_label(is_there=self.last_action.is_there)


@dataclass(frozen=True)
class Session:
    """A meeting with all that is needed for it.

    `topics` are the first of the `count` commitments of its forum, `recorded` the first public
    events there on its days; everybody may see both, except the fields of `Topic` that are for
    staff. `meeting.asks`, its offices and `other_work` are for staff. `other_work` has the first of
    the `other_count` updates under way that name the forum, on commitments that do not, as far as
    the reader may see them. `answer` says that there is nothing to report, None if nobody has said
    so; `may_answer` is whether this reader may say so or take it back, `may_log` whether they may
    also report.
    """

    meeting: Meeting
    is_over: bool
    topics: list[Topic]
    other_work: list[ProgressUpdate]
    other_count: int
    count: int
    plans: list[Plan]
    recorded: list[ProgressUpdate]
    recorded_count: int
    answer: NothingToReport | None
    may_answer: bool
    may_log: bool


def session_of(meeting: Meeting, reader: User, clock: Clock, day: date) -> Session:
    """Return what a member of staff sees of a meeting, which was read with its forum and its
    offices; `day` is today for the staff."""
    tree = Forum.objects.tree()
    commitments = Commitment.objects.for_forums([meeting.forum], tree)
    at_forum = ProgressUpdate.objects.under(clock).at_forums([meeting.forum], ANONYMOUS, tree)
    at_forum = at_forum.with_is_there(meeting.forum, tree)
    recorded = events_of([meeting], tree, clock)[meeting.pk]
    other_work = _other_work(tree.activity_through(meeting.forum_id), commitments, reader)
    answers = NothingToReport.objects.filter(meeting=meeting).select_related("by")
    answer, is_over = answers.first(), meeting.ends_on < day
    asked = is_over and not meeting.cancelled and not recorded
    may_answer = asked and policies.may_answer_for(reader, meeting)
    return Session(
        meeting=meeting,
        is_over=is_over,
        topics=_topics(meeting, commitments, at_forum, reader, clock),
        other_work=list(other_work[:MAX_OTHER_WORK]),
        other_count=other_work.count(),
        count=commitments.count(),
        plans=list(Plan.objects.filter(pk__in=commitments.values("plan")).in_order()),
        recorded=_in_given_order(recorded[:MAX_RECORDED]),
        recorded_count=len(recorded),
        answer=answer,
        may_answer=may_answer,
        may_log=may_answer and policies.may_report_at_all(reader),
    )


def _topics(
    meeting: Meeting,
    commitments: CommitmentQuerySet,
    at_forum: ProgressUpdateQuerySet,
    reader: User,
    clock: Clock,
) -> list[Topic]:
    rows = commitments.at(clock).select_related("plan", "lead_office")
    rows = rows.prefetch_related("supporting_offices").order_by("plan__code", "position")
    topics = {
        row.pk: Topic(row, policies.may_report(reader, row)) for row in rows[:MAX_COMMITMENTS]
    }
    for link in Partnership.objects.filter(commitment__in=topics, forum=meeting.forum):
        topics[link.commitment_id].quotes.append(link.quote)
    under_way = _under_way(reader).with_is_withheld(reader)
    for update in under_way.filter(commitment__in=topics).order_by("pk"):
        topics[update.commitment_id].under_way.append(update)
    for milestone in Milestone.objects.at(clock).unmet().filter(commitment__in=topics).in_order():
        topics[milestone.commitment_id].milestones.append(milestone)
    for update in _last_actions(at_forum.filter(commitment__in=topics)):
        topics[update.commitment_id].last_action = update
    return list(topics.values())


def _under_way(reader: User) -> ProgressUpdateQuerySet:
    rows = ProgressUpdate.objects.visible_to(reader).select_related("author")
    return rows.filter(state__in=UNPUBLISHED_STATES)


def _other_work(
    forums: Iterable[int], commitments: CommitmentQuerySet, reader: User
) -> ProgressUpdateQuerySet:
    """Return the updates under way at these forums on commitments other than these, without the
    assessments that are withheld from the reader: what they name is withheld too."""
    naming = ProgressUpdate.forums.through.objects.filter(forum__in=forums)
    rows = _under_way(reader).not_withheld_from(reader).with_is_withheld(reader)
    rows = rows.filter(pk__in=naming.values("progressupdate"))
    rows = rows.exclude(commitment__in=commitments.order_by().values("pk"))
    return rows.select_related("commitment__plan").order_by("pk")


def _last_actions(updates: ProgressUpdateQuerySet) -> list[ProgressUpdate]:
    """Return the newest action on each commitment among these updates, which were read
    `with_is_there`; two queries."""
    actions: Any = updates.filter(event_type__in=ACTIONS).latest_first()
    last: dict[int, int] = {}
    for pk, commitment in actions.values_list("pk", "commitment"):
        last.setdefault(commitment, pk)
    return list(updates.select_related("commitment__plan").in_bulk(list(last.values())).values())


def _in_given_order(ids: list[int]) -> list[ProgressUpdate]:
    rows = ProgressUpdate.objects.select_related("commitment__plan").in_bulk(ids)
    return [rows[pk] for pk in ids]
