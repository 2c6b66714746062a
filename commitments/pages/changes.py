"""Public changes: the page that lists them, and the latest ones as other pages show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments.addresses import path_to
from commitments.choices import (
    EDITING_ACTIONS,
    PUBLIC_ACTIONS,
    PUBLIC_STATES,
    Action,
    Freshness,
    Status,
    SubjectType,
)
from commitments.clocks import Clock, local_day
from commitments.curation import history
from commitments.curation.erasures import erased_labels
from commitments.curation.history import HistoryEntry
from commitments.db import whole_number
from commitments.filters import ChangeFilter, CommitmentFilter
from commitments.ledger import changes
from commitments.ledger.changes import PublicChange
from commitments.models import Commitment, Decision, Plan
from commitments.models.querysets import DecisionQuerySet, narrowed
from commitments.pages.base import PlanPage, ignored_notice
from commitments.pages.change_counts import COUNTED_OF_CHANGES, change_counts
from commitments.pages.facet_counts import chosen_options
from commitments.pages.facets import Facet, active_filters, facet, part_options
from commitments.pages.querystrings import CLOCKS, only
from commitments.pages.terms import Term, terms_of
from commitments.pages.updates import PageUpdate, UpdateText, page_update
from commitments.texts.text import Text

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

ACTION_LABELS = {
    Action.PUBLISH: gettext_lazy("update published"),
    Action.SUPERSEDE: gettext_lazy("update corrected"),
    Action.RETRACT: gettext_lazy("update withdrawn"),
    Action.ARCHIVE: gettext_lazy("archived copy added"),
    Action.AMEND: gettext_lazy("plan amended"),
    Action.LOAD: gettext_lazy("plan loaded"),
    Action.EDIT: gettext_lazy("edited"),
    Action.CONFIRM_TIME: gettext_lazy("time of the ledger confirmed"),
    Action.ERASE: gettext_lazy("content erased"),
}
DECISION_RELATIONS = ("plan", "commitment__plan", "update__commitment__plan")
# Relations to fetch where updates are shown with their forums and evidence.
UPDATE_RELATIONS = (
    "update__forums",
    "update__evidence__link_checks",
    "update__decisions",
)
FEEDS = {"goal": "goal-feed", "forum": "forum-feed", "commitment": "commitment-feed"}
CHANGES_PER_PAGE = 50
# How many of the subjects of an amendment are named in a list of changes.
MAX_SUBJECTS = 6
# The largest number of status changes that other pages show, and how many of the latest decisions
# are searched for them.
MAX_MOVES = 10
DECISIONS_READ = 200
TOLD_BY_NUMBER = (SubjectType.GOAL, SubjectType.AREA)
STATUS_ACTIONS = (Action.PUBLISH, Action.SUPERSEDE, Action.RETRACT)


@dataclass(frozen=True)
class SubjectEdit:
    """What a change did to one subject, with the word for what it is, the plan's own if there is
    one, and the code or number by which readers know it."""

    entry: HistoryEntry
    kind: Text | StrOrPromise
    code: str

    @property
    def designation(self) -> str:
        """`ISCC-1.1` or `UN-OEWG`, but `Strategic goal 2`: a number alone could be of anything."""
        numbered = self.entry.subject.type in TOLD_BY_NUMBER
        return f"{self.kind} {self.code}" if numbered else self.code


@dataclass(frozen=True)
class ChangeEntry:
    """A public change. `update` is None if the change does not concern an update. `edits` are what
    an edit or an amendment changed, by subject. `has_lapsed` is true if the update is the current
    assessment under the reader's clock and has lapsed."""

    plan: Plan
    change: PublicChange
    update: PageUpdate | None
    edits: Sequence[SubjectEdit] = ()
    has_lapsed: bool = False

    @property
    def decision(self) -> Decision:
        return self.change.decision

    @property
    def commitment(self) -> Commitment | None:
        return self.decision.commitment

    @property
    def before(self) -> Status | None:
        """The status before the change; None if the change concerns a whole plan."""
        return self.change.before

    @property
    def after(self) -> Status | None:
        return self.change.after

    @property
    def changes_status(self) -> bool:
        return self.before != self.after

    @property
    def note(self) -> str | None:
        """The public reason for the change."""
        return self.change.note

    @property
    def label(self) -> str:
        return str(ACTION_LABELS[Action(self.decision.action)])

    @property
    def changed_at(self) -> datetime:
        """When the words of the entry last changed: its update may have been corrected or withdrawn
        since, and its text or note erased."""
        decision = self.decision
        on_update = decision.update.decisions.all() if decision.update else ()
        rows = (decision, decision.erased_by, *on_update)
        at: datetime = max(row.at for row in rows if row and row.action in PUBLIC_ACTIONS)
        return at

    @property
    def facts(self) -> list[str]:
        """The type of change, except for a publication, and the effective date of its update."""
        is_plain = self.update is not None and self.decision.action == Action.PUBLISH
        return [*([] if is_plain else [self.label]), *self._date()]

    @property
    def text(self) -> UpdateText | None:
        """The update's text in the reader's language if it has one."""
        return next(iter(self.update.texts), None) if self.update else None

    @property
    def erased(self) -> list[str]:
        """The erased parts, in words."""
        return erased_labels(self.decision)

    @property
    def edit(self) -> SubjectEdit | None:
        """The edit of the one subject that was edited; None for other changes."""
        return self.edits[0] if self.edits and self.decision.subject_type else None

    @property
    def subjects(self) -> list[SubjectEdit]:
        """The first `MAX_SUBJECTS` subjects that an edit or an amendment changed."""
        return list(self.edits[:MAX_SUBJECTS])

    @property
    def more_subjects(self) -> int:
        """How many more subjects were changed."""
        return max(0, len(self.edits) - MAX_SUBJECTS)

    @property
    def address(self) -> str:
        """The address of the edit's or amendment's page, or of the update on its commitment's page,
        or else of the plan."""
        if self.decision.action in EDITING_ACTIONS:
            return path_to("pages:change", self.plan.code, self.decision.seq)
        if self.commitment is None:
            return path_to("pages:overview", self.plan.code)
        page = path_to("pages:commitment", self.plan.code, self.commitment.number)
        return f"{page}#update-{self.update.id}" if self.update else page

    def _date(self) -> list[str]:
        return [self.update.date_text] if self.update else []


def change_entries(rows: Iterable[PublicChange], plan: Plan, clock: Clock) -> list[ChangeEntry]:
    """Return changes of a plan, or of subjects that plans share, as pages and feeds show them."""
    changed = list(rows)
    edits = history.entries_by(
        [row.decision for row in changed if row.decision.action in EDITING_ACTIONS], plan.languages
    )
    terms = terms_of(plan)
    current: Any = plan.commitments.at(clock, plan.review_periods(clock))
    updates = [row.decision.update_id for row in changed if row.decision.update_id]
    lapsed = current.filter(assessment_id__in=updates, freshness=Freshness.LAPSED)
    lapsed_ids = set(lapsed.values_list("assessment_id", flat=True))
    return [
        ChangeEntry(
            plan,
            row,
            _public_update(row.decision),
            [_subject_edit(entry, terms, plan) for entry in edits.get(row.decision.pk, ())],
            row.decision.update_id in lapsed_ids,
        )
        for row in changed
    ]


def _subject_edit(entry: HistoryEntry, terms: Mapping[str, Term], plan: Plan) -> SubjectEdit:
    kind, key = entry.subject
    code = key.removeprefix(f"{plan.code}-") if kind in TOLD_BY_NUMBER else key
    return SubjectEdit(entry, terms[kind].one if kind in terms else kind.label, code)


def _public_update(decision: Decision) -> PageUpdate | None:
    """Return the update that a decision concerns. Return None if there is none or if readers must
    not see it: an erasure may concern an update that was never published."""
    update = decision.update
    return page_update(update) if update and update.state in PUBLIC_STATES else None


def public_decisions(plan: Plan, until: datetime | None = None) -> Any:
    """Return the public decisions on a plan and on subjects that plans share, newest first. With
    `until`, return only those made by then."""
    decisions = Decision.objects.public().on_plans([plan]).select_related(*DECISION_RELATIONS)
    if until is not None:
        decisions = decisions.filter(at__lte=until)
    return decisions.order_by("-seq")


@dataclass(frozen=True)
class ChangeDay:
    """The changes of one day in the plan's time zone: those that changed a status, and the
    others."""

    day: date
    moves: list[ChangeEntry]
    others: list[ChangeEntry]


def change_days(changes: Iterable[ChangeEntry], time_zone: str) -> list[ChangeDay]:
    """Group changes, which must be in order, by day."""
    days = groupby(changes, key=lambda row: local_day(row.decision.at, time_zone))
    return [_change_day(day, list(rows)) for day, rows in days]


def _change_day(day: date, rows: list[ChangeEntry]) -> ChangeDay:
    moves = [row for row in rows if row.changes_status]
    return ChangeDay(day, moves, [row for row in rows if not row.changes_status])


def latest_moves(
    plan: Plan, clock: Clock, commitments: Sequence[Commitment] | None = None
) -> list[ChangeEntry]:
    """Return the latest changes of status, newest first, of these commitments or, by default, of
    all commitments of the plan. Only updates that were effective by the day of the clock are
    considered, whenever they were published.

    Loading updates from a file is not a change of status on the day of loading, but withdrawing one
    of them later is.
    """
    decisions = public_decisions(plan, clock.known_at).filter(
        ~Q(Exists(_loading()), ~Q(action=Action.RETRACT)),
        action__in=STATUS_ACTIONS,
        update__effective_on__lte=clock.day(plan.time_zone),
    )
    if commitments is not None:
        decisions = decisions.filter(commitment__in=commitments)
    rows = changes.with_status_changes(decisions[:DECISIONS_READ])
    moves = [row for row in rows if row.before != row.after]
    return change_entries(moves[:MAX_MOVES], plan, clock)


def _loading() -> QuerySet[Decision]:
    """Return a subquery for the last submission of a decision's update, if that came from a file
    (`ledger.import_digest`)."""
    submitted = Decision.objects.filter(update=OuterRef("update"), action=Action.SUBMIT)
    later = submitted.filter(seq__gt=OuterRef("seq"))
    return submitted.filter(~Exists(later), meta__has_key="import")


class ChangePage(PlanPage):
    """One edit or amendment, field by field. Under `known_at` it must have been made by then."""

    template_name = "commitments/change.html"
    menu_entry = "changes"

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        decisions = public_decisions(self.plan, self.clock.known_at)
        edits = decisions.filter(action__in=EDITING_ACTIONS)
        decision = get_object_or_404(edits, seq=self.kwargs["seq"])
        [change] = change_entries(changes.with_status_changes([decision]), self.plan, self.clock)
        return super().get_context_data(change=change, **kwargs)


class ChangesPage(PlanPage):
    """All public changes, newest first. Under `known_at`, only those made by then."""

    template_name = "commitments/changes.html"
    menu_entry = "changes"
    filters = ("action", "goal", "forum", "commitment")
    parameters = (*CLOCKS, *filters, "before")

    @cached_property
    def filterset(self) -> CommitmentFilter:
        """The filter set of the clocks only; the other parameters select changes."""
        return self.valid_filterset(lambda query: self.commitments_by(only(query, CLOCKS)))

    @cached_property
    def selection(self) -> ChangeFilter:
        decisions = public_decisions(self.plan, self.clock.known_at)
        return self.valid_filterset(partial(ChangeFilter, queryset=decisions))

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        decisions: Any = self.selection.qs
        before = self._before()
        if before is not None:
            decisions = decisions.filter(seq__lt=before)
        rows = changes.with_status_changes(decisions[: CHANGES_PER_PAGE + 1])
        page, more = rows[:CHANGES_PER_PAGE], len(rows) > CHANGES_PER_PAGE
        facets = [found for found in self._facets(self._counts()) if found.options]
        return super().get_context_data(
            days=change_days(change_entries(page, self.plan, self.clock), self.plan.time_zone),
            older=page[-1].decision.seq if more else None,
            is_first_page=before is None,
            facets=facets,
            active_filters=active_filters(facets, self.query, exclude=["before"]),
            feed=self._feed(),
            **kwargs,
        )

    def _feed(self) -> str:
        """Return the feed of the goal, forum or commitment if exactly one is selected, else of the
        plan."""
        chosen = [(name, self.query.getlist(name)) for name in self.filters if name in self.query]
        if len(chosen) == 1 and len(chosen[0][1]) == 1 and chosen[0][0] in FEEDS:
            [(name, [value])] = chosen
            names = [self.plan.code, value.removeprefix(f"{self.plan.code}-")]
            return reverse(f"pages:{FEEDS[name]}", args=names)
        return reverse("pages:changes-feed", args=[self.plan.code])

    def _before(self) -> int | None:
        given = self.query.get("before")
        if given is None:
            return None
        number = whole_number(given)
        if number is not None:
            return number
        self.notices.append(ignored_notice("before", _("Enter the number of a change.")))
        return None

    def _counts(self) -> Mapping[str, Mapping[str, int]]:
        """Return the number of changes that the list would have with each option."""
        decisions = public_decisions(self.plan, self.clock.known_at)
        others = ChangeFilter(only(self.query, ["commitment"]), queryset=decisions)
        chosen = chosen_options(self.selection.form.cleaned_data, COUNTED_OF_CHANGES)
        return change_counts(narrowed(others.qs, DecisionQuerySet), self.parts, chosen).options

    def _facets(self, counts: Mapping[str, Mapping[str, int]]) -> Iterable[Facet]:
        actions = [(action.value, ACTION_LABELS[action]) for action in PUBLIC_ACTIONS]
        goals, forums = self.parts.by_code("goals").values(), self.parts.used("forums")
        terms = terms_of(self.plan)
        offered: list[tuple[str, object, Iterable[tuple[object, object]]]] = [
            ("action", _("Type of change"), actions),
            ("goal", terms["goal"].or_else(_("Goal")), part_options(goals)),
            ("forum", terms["forum"].or_else(_("Forum")), part_options(forums)),
        ]
        for name, label, options in offered:
            yield facet(name, label, options, self.query, counts=counts[name])
