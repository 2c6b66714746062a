"""Curators' edits of reference data: reasons, conflicts between edits, assignment of offices and
due dates, and what cannot be deleted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from datetime import date, datetime
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from commitments import ledger
from commitments.access import policies
from commitments.choices import Status, SubjectType
from commitments.curation.keyed_rows import problems_with_milestones
from commitments.curation.recording import ChangeReason, record_edits
from commitments.exceptions import InvalidInput, NotPermitted, Problem
from commitments.models import (
    Commitment,
    Forum,
    Meeting,
    Office,
    ProgressUpdate,
    RecordedContent,
)
from commitments.workflow.locks import locked_plans
from commitments.workflow.reasons import reason_problems


def edit_version(row: Model) -> str:
    """Return a text that changes whenever anything that an admin page shows of the row changes."""
    saved = ledger.rows_of(ledger.subject_of(row).type).get(pk=row.pk)
    shown = ledger.content_of(saved)
    if isinstance(saved, Office):
        shown["members"] = sorted(saved.members.values_list("pk", flat=True))
    return ledger.sha256_of(shown)


def lock_for_edit(row: Model) -> None:
    """Lock all plans and a row that is about to be changed. The caller must then read the row again
    and compare its `edit_version` with that of the form."""
    locked_plans()
    list(type(row)._default_manager.select_for_update().filter(pk=row.pk).values("pk"))


def mismatch_problems(item: Mapping[str, Any]) -> list[Problem]:
    """Return an error if the primary goal is also a supporting goal, if the lead office is also a
    supporting office, or if a primary goal is explained that is not given.

    `item` is a commitment of a plan file or the cleaned data of a form.
    """
    pairs = (
        ("goal", "supporting_goals", _("the supporting goals must not include the primary goal")),
        (
            "lead_office",
            "supporting_offices",
            _("the supporting offices must not include the lead office"),
        ),
    )
    problems = [
        Problem((others,), message)
        for primary, others, message in pairs
        if item.get(primary) is not None and item[primary] in (item.get(others) or ())
    ]
    if item.get("goal_reason") and item.get("goal") is None:
        problems.append(
            Problem(("goal_reason",), _("there is no primary goal to give a reason for"))
        )
    return problems


def assign(
    commitments: Iterable[Commitment],
    *,
    by: User,
    at: datetime,
    reason: str,
    lead_office: Office | None = None,
    supporting_offices: Iterable[Office] = (),
    due_on: date | None = None,
) -> int:
    """Set the lead office and the due date of commitments, where given, and add supporting offices.
    Return the number of commitments.

    Raise NotPermitted, or InvalidInput with a problem for each commitment that cannot be changed in
    this way; then none is changed.
    """
    check_assignment(by, reason)
    added = set(supporting_offices)
    change_reason = ChangeReason(by, at, reason)
    with transaction.atomic():
        locked_plans()
        _check_open(added if lead_office is None else added | {lead_office})
        ids = [row.pk for row in commitments]
        rows = Commitment.objects.select_for_update().filter(pk__in=ids).order_by("pk")
        rows = rows.prefetch_related("supporting_offices", "milestones")
        problems = []
        for row in rows:
            row.lead_office = lead_office or row.lead_office
            row.due_on = due_on or row.due_on
            supporting = ({*row.supporting_offices.all()} | added) - {row.lead_office}
            problems += _validation_problems(row)
            if due_on is not None:
                late = problems_with_milestones(row)
                problems += [Problem((row.code,), message) for message in late]
            if not problems:
                row.save()
                row.supporting_offices.set(supporting)
        if problems:
            raise InvalidInput(_("No office or due date was assigned."), problems)
        record_edits(rows, change_reason)
    return len(ids)


def check_assignment(by: User, reason: str) -> None:
    """Raise NotPermitted if `by` may not assign offices and dates, InvalidInput if this
    cannot be the reason."""
    if not policies.may_curate(by):
        raise NotPermitted(_("Only a curator may assign offices and due dates."))
    if problems := reason_problems(reason):
        raise InvalidInput(_("No office or due date was assigned."), problems)


def _check_open(offices: Set[Office]) -> None:
    """Raise InvalidInput if one of these offices is closed, even if it was closed only a moment
    ago."""
    still_open = set(Office.objects.open().filter(pk__in=[row.pk for row in offices]))
    problems = [
        Problem((), _("Office “%(code)s” is closed.") % {"code": row.code})
        for row in sorted(offices - still_open, key=lambda row: row.code)
    ]
    if problems:
        raise InvalidInput(_("No office or due date was assigned."), problems)


def _validation_problems(row: Commitment) -> list[Problem]:
    try:
        row.full_clean()
    except ValidationError as error:
        return [Problem((row.code,), message) for message in error.messages]
    return []


def deletion_blocker(row: Model) -> str | None:
    """Return why a row cannot be deleted and what to do instead, or None if it can be deleted."""
    match row:
        case Commitment():
            return _(
                "%(code)s was published with its plan and cannot be deleted. If it is no "
                "longer pursued, publish an update with the status “%(status)s”."
            ) % {"code": row.code, "status": Status.WITHDRAWN.label}
        case Forum() if _forum_was_named(row):
            return _(
                "%(code)s cannot be deleted: commitments or updates name it or have named "
                "it, or another forum is or was part of it or its successor. If it has "
                "ended, fill in “closed on”; if it has a successor, fill in “successor of” "
                "there."
            ) % {"code": row.code}
        case Forum() if row.meetings.filter(public=True).exists():
            return _(
                "%(code)s cannot be deleted: it has public meetings, which readers may have in "
                "their calendars. If it has ended, fill in “closed on”."
            ) % {"code": row.code}
        case Meeting() if row.public:
            return _(
                "A public meeting cannot be deleted, since readers may have it in their "
                "calendars: tick “cancelled”, and it stays there with that mark. If it should "
                "not have been there at all, untick “public”."
            )
        case Office() if _office_was_assigned(row):
            return _(
                "%(code)s cannot be deleted: it leads or supports commitments, or has done "
                "so. If it has been dissolved, assign its commitments to other offices and "
                "fill in “closed on”."
            ) % {"code": row.code}
    return None


def _forum_was_named(forum: Forum) -> bool:
    """Return whether the forum is named by an update, or was ever named by the recorded content of
    a commitment or of another forum."""
    if ProgressUpdate.objects.filter(forums=forum).exists():
        return True
    contents = RecordedContent.objects.filter(content__isnull=False)
    commitments = contents.filter(subject_type=SubjectType.COMMITMENT)
    others = contents.filter(subject_type=SubjectType.FORUM).exclude(subject_key=forum.code)
    return any(
        forum.code == item["code"]
        for forums in commitments.values_list("content__forums", flat=True).iterator()
        for item in forums or ()
    ) or any(
        forum.code in links
        for links in others.values_list("content__parent", "content__successor_of").iterator()
    )


def _office_was_assigned(office: Office) -> bool:
    contents = RecordedContent.objects.filter(subject_type=SubjectType.COMMITMENT)
    columns = ("content__lead_office", "content__supporting_offices")
    return any(
        office.code == lead or office.code in (supporting or ())
        for lead, supporting in contents.values_list(*columns).iterator()
    )
