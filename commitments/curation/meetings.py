"""Curators' changes of meetings, and the answer that there is nothing to report from one.

Meetings are facts about forums on which no status depends. They are not part of the record, so the
ledger has no decisions on them. Pages and calendars show when a meeting has changed.
"""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from commitments.access import policies
from commitments.exceptions import NotPermitted
from commitments.models import Meeting, NothingToReport, Plan
from commitments.workflow.erasing import drop_dumps


def mark_changed(meeting: Meeting, at: datetime, was_public: bool) -> None:
    """Count a change of a meeting that is about to be saved. If readers see the meeting or saw it
    before, invalidate cached public answers; if they no longer see it, delete the dumps too. Call
    it inside the transaction of the change."""
    if meeting.pk is not None:
        meeting.sequence += 1
    meeting.changed_at = at
    if meeting.public or was_public:
        Plan.objects.bump_revision()
    if was_public and not meeting.public:
        drop_dumps()


def answer_nothing_to_report(meeting: Meeting, *, by: User, at: datetime) -> NothingToReport:
    """Record that there is nothing to report from a meeting, and return the record; if somebody has
    already said so, return theirs. Raise NotPermitted."""
    if not policies.may_answer_for(by, meeting):
        raise NotPermitted(_("You may not report from this meeting."))
    with transaction.atomic():
        # Two people may answer at once.
        Meeting.objects.select_for_update().get(pk=meeting.pk)
        found = NothingToReport.objects.filter(meeting=meeting).first()
        return found or NothingToReport.objects.create(meeting=meeting, by=by, at=at)
