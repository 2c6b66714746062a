"""Curators' changes of meetings, and the answer that there is nothing to report from one.

Meetings are facts about forums on which no status depends. They are not part of the record, so the
ledger has no decisions on them. Pages and calendars show when a meeting has changed.
"""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.forms.models import model_to_dict
from django.utils.translation import gettext as _

from commitments.access import policies
from commitments.clocks import FARTHEST_EAST, local_day
from commitments.exceptions import InvalidInput, NotPermitted
from commitments.ledger.hashing import sha256_of
from commitments.models import Meeting, NothingToReport, Plan
from commitments.workflow.erasing import drop_dumps

# What readers never see.
STAFF_FIELDS = frozenset({"offices", "asks"})


def meeting_version(meeting: Meeting) -> str:
    """Return a text that changes whenever anything that the form shows of the meeting changes."""
    shown = model_to_dict(meeting, exclude=["offices"])
    offices = sorted(meeting.offices.values_list("pk", flat=True))
    return sha256_of({name: repr(value) for name, value in shown.items()} | {"offices": offices})


def mark_changed(meeting: Meeting, at: datetime, was_public: bool) -> None:
    """Count a change of a meeting that is about to be saved, in other fields than `STAFF_FIELDS`.

    On other days, whether there is something to report is asked again. If readers see the meeting
    or saw it before, invalidate cached public answers; if they no longer see it, delete the dumps
    too. Call it inside the transaction of the change.
    """
    if meeting.pk is not None:
        meeting.sequence += 1
        saved = {"meeting__starts_on": meeting.starts_on, "meeting__ends_on": meeting.ends_on}
        NothingToReport.objects.filter(meeting=meeting).exclude(**saved).delete()
    meeting.changed_at = at
    if meeting.public or was_public:
        Plan.objects.bump_revision()
    if was_public and not meeting.public:
        drop_dumps()


def answer_nothing_to_report(meeting: Meeting, *, by: User, at: datetime) -> NothingToReport:
    """Record that there is nothing to report from a meeting, and return the record; if somebody has
    already said so, return theirs. Raise NotPermitted, or InvalidInput before the meeting is
    over."""
    _check_may_answer(meeting, by)
    with transaction.atomic():
        # Two people may answer at once, or a curator may move the meeting.
        locked = Meeting.objects.select_for_update().get(pk=meeting.pk)
        # Its last day is over first where days begin first.
        if local_day(at, FARTHEST_EAST) <= locked.ends_on:
            raise InvalidInput(_("This meeting is not over yet."))
        found = NothingToReport.objects.filter(meeting=meeting).first()
        return found or NothingToReport.objects.create(meeting=meeting, by=by, at=at)


def take_back_nothing_to_report(meeting: Meeting, *, by: User) -> None:
    """Delete the answer that there is nothing to report from a meeting, whoever gave it. Raise
    NotPermitted."""
    _check_may_answer(meeting, by)
    NothingToReport.objects.filter(meeting=meeting).delete()


def _check_may_answer(meeting: Meeting, by: User) -> None:
    if not policies.may_answer_for(by, meeting):
        raise NotPermitted(_("You may not report from this meeting."))
