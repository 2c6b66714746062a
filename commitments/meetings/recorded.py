"""What was recorded of meetings: the events at their forums on their days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from commitments.clocks import Clock, period
from commitments.models import Forum, Meeting, ProgressUpdate
from commitments.models.querysets import ProgressUpdateQuerySet
from commitments.models.querysets.forum_tree import ForumTree
from commitments.roles import ANONYMOUS


@dataclass(frozen=True)
class DatedEvent:
    """The id of an event, its date and the precision of the date."""

    id: int
    on: date
    precision: str

    def is_of(self, meeting: Meeting) -> bool:
        """Return whether the event falls on the days of a meeting. An event dated by a month or a
        year does if that includes one of these days. The rule is that of
        `MeetingQuerySet.unreported`."""
        begins = period(self.on, self.precision)[0]
        return self.on >= meeting.starts_on and begins <= meeting.ends_on


def events_of(
    meetings: Sequence[Meeting],
    tree: ForumTree,
    clock: Clock,
    updates: ProgressUpdateQuerySet | None = None,
) -> dict[int, list[int]]:
    """Return, for each meeting by id, the ids of the public events on its days at its forum, a part
    of it or a successor of either, the newest first. `updates` narrows them, as to a plan. Two
    queries, none without meetings."""
    if not meetings:
        return {}
    through = {row.forum_id: tree.activity_through(row.forum_id) for row in meetings}
    forum_ids = set().union(*through.values())
    rows = ProgressUpdate.objects.all() if updates is None else updates
    rows = rows.under(clock).filter(event_type__isnull=False)
    rows = rows.filter(effective_on__gte=min(row.starts_on for row in meetings))
    rows = rows.at_forums(Forum.objects.filter(pk__in=forum_ids), ANONYMOUS, tree).latest_first()
    found: dict[int, list[DatedEvent]] = defaultdict(list)
    columns = ("pk", "effective_on", "date_precision", "forums")
    for pk, on, precision, forum in rows.values_list(*columns):
        if forum in forum_ids:
            found[forum].append(DatedEvent(pk, on, precision))
    return {row.pk: _in_order(row, through[row.forum_id], found) for row in meetings}


def _in_order(meeting: Meeting, forums: set[int], found: dict[int, list[DatedEvent]]) -> list[int]:
    events = {event for forum in forums for event in found[forum] if event.is_of(meeting)}
    return [row.id for row in sorted(events, key=lambda row: (row.on, row.id), reverse=True)]
