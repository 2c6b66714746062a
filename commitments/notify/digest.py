"""The digest of a person's desk: what the desk shows, as lines of a mail."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from commitments.accounts.words import request_words
from commitments.admin.workbench.base import log_address, update_address
from commitments.admin.workbench.desk import DeskSection, all_sections
from commitments.choices import MailKind
from commitments.clocks import Clock
from commitments.models import (
    AccountRequest,
    Commitment,
    ErasureRequest,
    Mail,
    Meeting,
    Milestone,
)
from commitments.notify.letters import Letter, absolute, stop_address
from commitments.roles import is_staff
from commitments.templatetags.tracker import label, on_day, until

# The sections of the desk that ask for something; the others tell what others do.
SECTIONS_IN_DIGEST = (
    "returned",
    "to_review",
    "orphaned_drafts",
    "erasures",
    "accounts",
    "asked_for",
    "needs_attention",
    "milestones",
    "prepare",
    "follow_up",
    "meetings",
)
MAX_LINES_OF_SECTION = 10


@dataclass(frozen=True)
class WorkLine:
    """A line of work, and the address at which it is done."""

    words: str
    facts: str
    address: str


@dataclass(frozen=True)
class DigestSection:
    title: str
    count: int
    lines: list[WorkLine]

    @property
    def more(self) -> int:
        return self.count - len(self.lines)


def digest_of_desk(mail: Mail, now: datetime) -> Letter | None:
    """Write what waits for a person, if anything does. Of several digests that wait, as after an
    outage, only the last one is sent."""
    person = mail.person
    if person is None or not is_staff(person):
        return None
    later = Mail.objects.filter(person=person, kind=MailKind.DIGEST, pk__gt=mail.pk)
    if later.exists():
        return None
    wanted = [
        section
        for section in all_sections(person, Clock(now=now))
        if section.name in SECTIONS_IN_DIGEST and section.rows
    ]
    if not wanted:
        return None
    values = {
        "sections": [_digest_section(section) for section in wanted],
        "count": sum(section.count for section in wanted),
        "desk": absolute(reverse("admin:index")),
    }
    return Letter(person.email, values, stop_address(person))


def _digest_section(section: DeskSection) -> DigestSection:
    write = LINE_WRITERS[section.kind]
    rows = [row for row, _remark in section.rows[:MAX_LINES_OF_SECTION]]
    return DigestSection(section.title, section.count, [write(row, section.name) for row in rows])


def _line(words: str, facts: Iterable[str], path: str) -> WorkLine:
    return WorkLine(words, " · ".join(fact for fact in facts if fact), absolute(path))


def _update_line(row: Any, section: str) -> WorkLine:
    is_review = section == "to_review"
    path = reverse("admin:review-update", args=[row.pk]) if is_review else update_address(row)
    facts = [on_day(row.effective_on, row.date_precision)]
    if row.status and not row.is_withheld:
        facts.insert(0, label(row.status, "Status"))
    return _line(_commitment_words(row.commitment), facts, path)


def _commitment_line(row: Any, section: str) -> WorkLine:
    facts = [label(row.assessment_status, "Status")]
    if row.freshness:
        facts.append(on_day(row.assessment_effective_on, row.assessment_precision))
        facts.append(label(row.freshness, "Freshness"))
    if row.next_due_on:
        facts.append(_("due from %(day)s") % {"day": on_day(row.next_due_on)})
    if row.schedule == "overdue":
        facts.append(label(row.schedule, "Schedule"))
    return _line(_commitment_words(row), facts, log_address(row.code))


def _asked_for_line(row: Any, section: str) -> WorkLine:
    facts = [_("due on %(day)s") % {"day": on_day(row.call_due_on)}]
    own = reverse("admin:update", args=[row.own_draft]) if row.own_draft else ""
    return _line(_commitment_words(row), facts, own or log_address(row.code))


def _milestone_line(row: Milestone, section: str) -> WorkLine:
    words = f"{row.commitment.code} {row.title.inline()}"
    return _line(words, [on_day(row.due_on)], log_address(row.commitment.code))


def _meeting_line(row: Meeting, section: str) -> WorkLine:
    facts = [until(row.starts_on, row.ends_on)]
    if row.papers_due_on:
        facts.append(_("papers due on %(day)s") % {"day": on_day(row.papers_due_on)})
    words = f"{row.forum.code} {(row.title or row.forum.name).inline()}"
    return _line(words, facts, reverse("admin:meeting", args=[row.pk]))


def _follow_up_line(row: Meeting, section: str) -> WorkLine:
    words = f"{row.forum.code} {(row.title or row.forum.name).inline()}"
    facts = [until(row.starts_on, row.ends_on), _("nothing recorded yet: log progress")]
    return _line(words, facts, f"{reverse('admin:log')}?meeting={row.pk}")


def _account_line(row: AccountRequest, section: str) -> WorkLine:
    path = reverse("admin:commitments_accountrequest_change", args=[row.pk])
    words = row.account.get_username() if row.account else _("New account")
    return _line(words, [request_words(row)], path)


def _erasure_line(row: ErasureRequest, section: str) -> WorkLine:
    path = reverse("admin:commitments_erasurerequest_change", args=[row.pk])
    return _line(_("Erasure request %(id)s") % {"id": row.pk}, [], path)


def _commitment_words(commitment: Commitment) -> str:
    return f"{commitment.code} {commitment.title.inline()}"


# By the kind of a section of the desk.
LINE_WRITERS: dict[str, Callable[[Any, str], WorkLine]] = {
    "update": _update_line,
    "commitment": _commitment_line,
    "asked_for": _asked_for_line,
    "milestone": _milestone_line,
    "meeting": _meeting_line,
    "follow_up": _follow_up_line,
    "account": _account_line,
    "erasure": _erasure_line,
}
