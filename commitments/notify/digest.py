"""The digest of a person's desk: what the desk shows, as lines of a mail."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from commitments.access import policies
from commitments.accounts.words import request_words
from commitments.admin.workbench.base import log_address, report_address, update_address
from commitments.admin.workbench.desk import (
    DeskSection,
    all_sections,
    call_deadline,
    late_milestone,
    what_is_late,
)
from commitments.choices import MailKind, State
from commitments.clocks import Clock
from commitments.models import (
    AccountRequest,
    Commitment,
    ErasureRequest,
    Mail,
    Meeting,
)
from commitments.notify.letters import Letter, absolute, stop_address
from commitments.roles import offices_of
from commitments.templatetags.tracker import label, on_day, until
from commitments.workflow import work_queue

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from commitments.models.querysets.milestones import MilestoneAtClock

# Shown with what is to be done, but not counted as such, and on its own no reason for a digest.
MEETINGS_AHEAD = "meetings"
MAX_LINES_OF_SECTION = 10


@dataclass(frozen=True)
class WorkLine:
    """A line of work, and the address at which it is done."""

    words: str
    facts: str
    address: str


@dataclass(frozen=True)
class DigestReader:
    """Whose digest it is, and the clock by which it is written."""

    person: User
    clock: Clock

    @cached_property
    def may_report(self) -> bool:
        return policies.may_report_at_all(self.person)


@dataclass(frozen=True)
class DigestSection:
    """A section of the desk with its first lines; `page` has all of them."""

    title: str
    count: int
    lines: list[WorkLine]
    page: str

    @property
    def more(self) -> int:
        return self.count - len(self.lines)


def digest_of_desk(mail: Mail, now: datetime) -> Letter | None:
    """Write what waits for a person, if anything does. Of several digests that wait, as after an
    outage, only the last one is sent."""
    person = mail.person
    if person is None:
        return None
    later = Mail.objects.filter(person=person, kind=MailKind.DIGEST, pk__gt=mail.pk)
    if later.exists():
        return None
    wanted = [
        section
        for section in map(_as_of_reader(person), all_sections(person, Clock(now=now)))
        if section.name in LINE_WRITERS and section.rows
    ]
    count = sum(section.count for section in wanted if section.name != MEETINGS_AHEAD)
    if not count:
        return None
    reader = DigestReader(person, Clock(now=now))
    values = {
        "sections": [_digest_section(section, reader) for section in wanted],
        "count": count,
        "desk": absolute(reverse("admin:index")),
    }
    return Letter(person.email, values, stop_address(person))


def _as_of_reader(person: User) -> Callable[[DeskSection], DeskSection]:
    """Return a function that narrows some sections: to the person's own work, since a curator's
    desk has the commitments and the meetings of all offices; and to what no other section has, so
    that a draft to which the line of a requested report leads is listed there alone."""
    reportable = Commitment.objects.reportable_by(person).values("pk")
    attended = Meeting.objects.attended_by(offices_of(person)).values("pk")
    elsewhere = Q(pk__in=work_queue.drafts_asked_for(person).values("pk"))
    own = {
        "returned": ~elsewhere,
        "drafts": ~elsewhere,
        "needs_attention": Q(pk__in=reportable),
        "milestones": Q(commitment__in=reportable),
        MEETINGS_AHEAD: Q(pk__in=attended),
    }

    def narrowed(section: DeskSection) -> DeskSection:
        rows = section.all_rows.filter(own.get(section.name, Q()))
        # A mail leaves out the remarks of the desk.
        return replace(section, all_rows=rows, max_remarks=0)

    return narrowed


def _digest_section(section: DeskSection, reader: DigestReader) -> DigestSection:
    write = LINE_WRITERS[section.name]
    rows = [row for row, _remark in section.rows[:MAX_LINES_OF_SECTION]]
    lines = [write(row, reader) for row in rows]
    page = absolute(f"{reverse('admin:index')}{section.more}")
    return DigestSection(section.title, section.count, lines, page)


def _line(words: str, facts: Iterable[str], path: str) -> WorkLine:
    return WorkLine(words, " · ".join(fact for fact in facts if fact), absolute(path))


def _update_line(row: Any, reader: DigestReader) -> WorkLine:
    return _about_update(row, update_address(row))


def _review_line(row: Any, reader: DigestReader) -> WorkLine:
    return _about_update(row, reverse("admin:review-update", args=[row.pk]))


def _about_update(row: Any, path: str) -> WorkLine:
    facts = [on_day(row.effective_on, row.date_precision)]
    if row.status and not row.is_withheld:
        facts.insert(0, label(row.status, "Status"))
    return _line(_commitment_words(row.commitment), facts, path)


def _commitment_line(row: Any, reader: DigestReader) -> WorkLine:
    facts = [label(row.assessment_status, "Status")]
    if row.freshness:
        facts.append(on_day(row.assessment_effective_on, row.assessment_precision))
        facts.append(label(row.freshness, "Freshness"))
    if row.next_due_on:
        facts.append(_("due from %(day)s") % {"day": on_day(row.next_due_on)})
    facts.append(what_is_late(row))
    return _line(_commitment_words(row), facts, log_address(row.code))


def _asked_for_line(row: Any, reader: DigestReader) -> WorkLine:
    facts = [call_deadline(reader.clock, row)]
    if row.own_draft:
        is_returned = row.own_draft_state == State.RETURNED
        facts.append(_("returned to you") if is_returned else _("your draft"))
    return _line(_commitment_words(row), facts, report_address(row))


def _milestone_line(row: MilestoneAtClock, reader: DigestReader) -> WorkLine:
    words = f"{row.commitment.code} {row.title.inline()}"
    facts = [on_day(row.due_on), late_milestone(reader.clock, row)]
    return _line(words, facts, log_address(row.commitment.code))


def _meeting_line(row: Meeting, reader: DigestReader) -> WorkLine:
    facts = [until(row.starts_on, row.ends_on)]
    if row.papers_due_on:
        facts.append(_("papers due on %(day)s") % {"day": on_day(row.papers_due_on)})
    words = f"{row.forum.code} {(row.title or row.forum.name).inline()}"
    return _line(words, facts, reverse("admin:meeting", args=[row.pk]))


def _follow_up_line(row: Any, reader: DigestReader) -> WorkLine:
    words = f"{row.forum.code} {(row.title or row.forum.name).inline()}"
    days = until(row.starts_on, row.ends_on)
    if row.own_draft:
        return _line(words, [days, _("your draft")], reverse("admin:update", args=[row.own_draft]))
    if not reader.may_report:
        page = reverse("admin:meeting", args=[row.pk])
        return _line(words, [days, _("nothing recorded yet")], page)
    facts = [days, _("nothing recorded yet: log progress")]
    return _line(words, facts, f"{reverse('admin:log')}?meeting={row.pk}")


def _account_line(row: AccountRequest, reader: DigestReader) -> WorkLine:
    path = reverse("admin:commitments_accountrequest_change", args=[row.pk])
    words = row.account.get_username() if row.account else _("New account")
    return _line(words, [request_words(row)], path)


def _erasure_line(row: ErasureRequest, reader: DigestReader) -> WorkLine:
    path = reverse("admin:commitments_erasurerequest_change", args=[row.pk])
    return _line(_("Erasure request %(id)s") % {"id": row.pk}, [], path)


def _commitment_words(commitment: Commitment) -> str:
    return f"{commitment.code} {commitment.title.inline()}"


# By the name of a section of the desk: what a person has to do or to finish, and the meetings
# ahead. The others show what others do.
LINE_WRITERS: dict[str, Callable[[Any, DigestReader], WorkLine]] = {
    "returned": _update_line,
    "drafts": _update_line,
    "to_review": _review_line,
    "orphaned_drafts": _update_line,
    "erasures": _erasure_line,
    "accounts": _account_line,
    "asked_for": _asked_for_line,
    "needs_attention": _commitment_line,
    "milestones": _milestone_line,
    "prepare": _meeting_line,
    "follow_up": _follow_up_line,
    MEETINGS_AHEAD: _meeting_line,
}
