"""A commitment as a row of a list, and its current status on its own page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commitments.choices import (
    EVIDENCE_LEVELS,
    EventType,
    Freshness,
    Kind,
    Schedule,
    Status,
)
from commitments.models import Forum, Office, ProgressUpdate, StrategicGoal
from commitments.models.querysets import coverage_gaps
from commitments.pages.phrases import criteria_phrase
from commitments.pages.terms import terms_of
from commitments.rollups.findings import finding_counts
from commitments.templatetags.tracker import on_day, period_text
from commitments.texts.lists import COMMAS, join_list
from commitments.texts.text import Text, sentence_html

ListSubject = Forum | Office | StrategicGoal


def freshness_text(freshness: Freshness) -> str:
    """Return the label of a freshness; for a lapsed assessment, also what it counts as."""
    if freshness is Freshness.LAPSED:
        return _("lapsed, counts as unknown")
    return str(freshness.label)


def status_warnings(commitment: Any) -> list[str]:
    """Return the warnings without which the status of a commitment must not be shown: that its
    assessment has lapsed and counts as unknown, and that it is overdue. The commitment must be
    annotated under a clock."""
    has_lapsed = commitment.freshness == Freshness.LAPSED
    is_overdue = commitment.schedule == Schedule.OVERDUE
    return [
        *([freshness_text(Freshness.LAPSED)] if has_lapsed else []),
        *([str(Schedule.OVERDUE.label)] if is_overdue else []),
    ]


def status_words(commitment: Any) -> str:
    """Return the status of a commitment with its warnings: “Active, lapsed, counts as unknown”."""
    label = str(Status(commitment.assessment_status).label)
    return join_list([label, *status_warnings(commitment)], COMMAS)


def event_text(day: date, precision: str, event_type: str) -> str:
    """Return the day and type of an event: “1 May 2026 · Participation”."""
    return f"{on_day(day, precision)} · {EventType(event_type).label}"


@dataclass(frozen=True)
class CommitmentFacts:
    """Facts about a commitment as pages show them. It must be annotated under a clock and
    `with_findings`."""

    commitment: Any

    @property
    def last_action(self) -> str:
        """The day and type of the last action on record, "" if there is none."""
        row = self.commitment
        if row.action_id is None:
            return ""
        return event_text(row.action_on, row.action_precision, row.action_type)

    @property
    def last_action_fact(self) -> list[str]:
        """The last action with a label before it, or an empty list."""
        action = self.last_action
        return [_("Last action: %(action)s") % {"action": action}] if action else []

    @property
    def finding_counts(self) -> str:
        """How many criteria the current assessment finds shown, in part and against; "" if it
        answers none."""
        counts = finding_counts(self.commitment)
        return criteria_phrase(counts) if counts else ""

    @property
    def overdue(self) -> list[str]:
        """A fact saying that the commitment is overdue, or an empty list."""
        is_overdue = self.commitment.schedule == Schedule.OVERDUE
        return [str(Schedule.OVERDUE.label)] if is_overdue else []


@dataclass(frozen=True)
class ListedCommitment(CommitmentFacts):
    """A commitment in a list. `subject` is the goal, forum or office that the list is about; for a
    forum, the commitment was read with its partnerships of the forums that count as this one."""

    subject: ListSubject | None = None

    @property
    def number(self) -> str:
        return str(self.commitment.number)

    @property
    def title(self) -> Text:
        title: Text = self.commitment.title
        return title

    @property
    def status(self) -> str:
        return str(self.commitment.assessment_status)

    @property
    def facts(self) -> list[str]:
        """The kind, the goal and lead office unless the list is about them, the due date, and the
        forums through which the commitment belongs to the list."""
        goal, lead = self.commitment.goal, self.commitment.lead_office
        facts: list[str] = [str(Kind(self.commitment.kind).label)]
        if goal and goal != self.subject:
            term = terms_of(self.commitment.plan)["goal"]
            names = {"goal": term.one, "number": goal.number, "title": goal.title}
            own, usual = _("%(goal)s %(number)s: %(title)s"), _("Goal %(number)s: %(title)s")
            facts.append(sentence_html(own if term.is_own else usual, names))
        if lead and lead != self.subject:
            facts.append(sentence_html("%(office)s", {"office": lead.name}))
        due_on = self.commitment.known_due_on
        dates = [_("due %(day)s") % {"day": on_day(due_on)}] if due_on else []
        return facts + dates + self._named_forums()

    @property
    def status_facts(self) -> list[str]:
        """The date, freshness and evidence level of the assessment, if there is one, and the last
        action."""
        if not self.commitment.assessment_id:
            return self.last_action_fact
        level = EVIDENCE_LEVELS[self.commitment.assessment_level]
        dated = self._dated(Freshness.CURRENT, Freshness.DUE, Freshness.LAPSED)
        counts = [self.finding_counts] if self.finding_counts else []
        return [*dated, str(level), *counts, *self.last_action_fact]

    @property
    def brief_facts(self) -> list[str]:
        """The date of the assessment, its freshness if due or lapsed, whether the commitment is
        overdue, and the forums."""
        return self._dated(Freshness.DUE, Freshness.LAPSED) + self.overdue + self._named_forums()

    @property
    def dated_facts(self) -> list[str]:
        """The date of the assessment, whether it has lapsed, and whether the commitment is
        overdue."""
        return self._dated(Freshness.LAPSED) + self.overdue

    @property
    def warnings(self) -> list[str]:
        """Whether the assessment has lapsed, and whether the commitment is overdue, as warnings."""
        lapsed = self.commitment.freshness == Freshness.LAPSED
        return [*([_("lapsed")] if lapsed else []), *self.overdue]

    def _dated(self, *shown: Freshness) -> list[str]:
        row = self.commitment
        if not row.assessment_id:
            return []
        facts = [on_day(row.assessment_effective_on, row.assessment_precision)]
        return facts + [freshness_text(code) for code in shown if code == row.freshness]

    def _named_forums(self) -> list[str]:
        """Return one fact with the forums through which the commitment belongs to the list, unless
        its text names the list's own forum. Only their partnerships were read with it."""
        if not isinstance(self.subject, Forum):
            return []
        named = {row.forum.code: row.forum for row in self.commitment.partnerships.all()}
        if self.subject in named.values():
            return []
        return [_("via %(codes)s") % {"codes": join_list(named)}]


@dataclass(frozen=True)
class CurrentStatus(CommitmentFacts):
    """The current status of a commitment, on its own page.

    `since` is the assessment from which on the status has held, `events` is the number of events
    that count, and `may_have_been_assessed` says whether assessments may exist that do not count
    here.
    """

    day: date
    since: ProgressUpdate | None
    events: int
    may_have_been_assessed: bool

    @property
    def facts(self) -> list[tuple[str, str]]:
        """(label, value) for each fact about the assessment, the last action and the schedule."""
        row = self.commitment
        facts = self._assessment_facts if row.assessment_id else {}
        if row.assessment_id or self.last_action:
            facts |= {_("Last action on record"): self.last_action or "–"}
        if row.schedule != Schedule.NONE:
            facts |= {_("Schedule"): self._schedule}
        return list(facts.items())

    @property
    def has_lapsed(self) -> bool:
        return bool(self.commitment.freshness == Freshness.LAPSED)

    @property
    def _assessment_facts(self) -> dict[str, str]:
        row = self.commitment
        facts = {
            self._period_label: self._period,
            _("Freshness"): self._freshness,
            _("Evidence"): str(EVIDENCE_LEVELS[row.assessment_level]),
        }
        gaps = [str(gap.label) for gap in coverage_gaps(row)]
        if gaps:
            facts |= {_("Weak basis"): " · ".join(gaps)}
        since = self.since and on_day(self.since.effective_on, self.since.date_precision)
        if since and since != self.assessed_to:
            facts = {_("Since"): since, **facts}
        return facts

    @property
    def _freshness(self) -> str:
        """Return the freshness, with the age of the assessment if its freshness depends on age."""
        row = self.commitment
        text = freshness_text(Freshness(row.freshness))
        if row.freshness == Freshness.SETTLED:
            return text
        days = (self.day - row.assessment_effective_on).days
        age = ngettext("%(n)s day old", "%(n)s days old", days) % {"n": days}
        return " · ".join([text, age])

    @property
    def _schedule(self) -> str:
        """Return the schedule, with the due date if there is one."""
        row = self.commitment
        due_on = row.known_due_on
        due = [_("due %(day)s") % {"day": on_day(due_on)}] if due_on else []
        return " · ".join([str(Schedule(row.schedule).label), *due])

    @property
    def _period_label(self) -> str:
        return _("Period") if self.commitment.assessment_covers_from else _("Assessed to")

    @property
    def _period(self) -> str:
        """Return the period of the assessment, or the day up to which it assesses."""
        row = self.commitment
        if row.assessment_covers_from is None:
            return self.assessed_to
        days = row.assessment_covers_from, row.assessment_effective_on
        return period_text(*days, row.assessment_precision)

    @property
    def missing(self) -> str:
        """The sentence shown if there is no assessment."""
        if self.events:
            message = ngettext(
                "Not yet assessed; %(n)s event is on record.",
                "Not yet assessed; %(n)s events are on record.",
                self.events,
            )
            return message % {"n": self.events}
        if self.may_have_been_assessed:
            return _("There is no published assessment.")
        return _("No assessment has been published yet.")

    @property
    def description(self) -> str:
        """The description of the page for search engines."""
        row = self.commitment
        facts = {"code": row.code, "title": row.title.inline(), "status": self.label}
        if row.freshness == Freshness.LAPSED:
            sentence = _("%(code)s %(title)s: lapsed, counts as unknown; last assessed: %(status)s")
            return sentence % facts
        return _("%(code)s %(title)s: %(status)s") % facts

    @property
    def label(self) -> str:
        """The label of the status, lapsed or not."""
        return str(Status(self.commitment.assessment_status).label)

    @property
    def assessed_to(self) -> str:
        """The day up to which the current assessment assesses."""
        return on_day(self.commitment.assessment_effective_on, self.commitment.assessment_precision)
