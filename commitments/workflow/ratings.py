"""Blind second ratings: what is rated, which ratings hold, and when an assessment may be published.

The rules are those of docs/rules.md, "Second ratings".
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from commitments import ledger
from commitments.access import policies
from commitments.choices import (
    Action,
    ErrorCode,
    FindingResult,
    RatingOutcome,
    Status,
    statuses_for,
)
from commitments.exceptions import Problem
from commitments.models import Criterion, ProgressUpdate, Rating
from commitments.models.base import rows_in
from commitments.texts.lists import ITEMS, join_list
from commitments.workflow.assessments import (
    Assessment,
    finding_problems,
    former_criteria,
    level_problems,
    status_problems,
)
from commitments.workflow.findings import (
    BasisEvent,
    FindingFields,
    basis_events,
    counting_bases,
    saved_events,
    saved_findings,
)

if TYPE_CHECKING:
    from commitments.roles import Person

# The fields to which a rating is bound; if the author changes others, it remains valid.
BASIS_FIELDS = ("effective_on", "date_precision", "event_type", "covers_from", "evidence")


def criteria_to_rate(update: ProgressUpdate) -> list[Criterion]:
    """Return the criteria that a rating answers: those in use, or those that a correction answers
    again, in their order."""
    in_use = list(update.commitment.criteria.known(None).in_order())
    former = former_criteria(update)
    if former is None or set(saved_findings(update)) != former:
        return in_use
    return [row for row in update.commitment.criteria.in_order() if row.key in former]


def basis_of(update: ProgressUpdate) -> dict[str, object]:
    """Return what a rating is about, ready for canonical JSON: the period, the criteria, the events
    and what is published of them, and the evidence; not the findings, the status and the texts."""
    content = ledger.full_content(update)
    return {
        "update": update.pk,
        **{name: content[name] for name in BASIS_FIELDS},
        "criteria": sorted(row.key for row in criteria_to_rate(update)),
        "events": [[row.named.pk, row.end and row.end.pk] for row in basis_events(update)],
    }


def basis_digest(update: ProgressUpdate) -> str:
    return ledger.sha256_of(basis_of(update))


@dataclass(frozen=True)
class RatedAssessment(Assessment):
    """An assessment with the findings of a rater, `answers`, instead of those of its author."""

    answers: Mapping[str, FindingFields]

    @property
    def findings(self) -> Mapping[str, FindingFields]:
        return self.answers

    @cached_property
    def events(self) -> list[BasisEvent]:
        rows, found = basis_events(self.update), list(self.answers.values())
        counts = counting_bases(self.update.pk, [row.named.pk for row in rows], found)
        return [replace(row, counts=counts[row.named.pk]) for row in rows]

    @property
    def following(self) -> list[Status]:
        """The statuses that follow from the answers, without those that are always free."""
        if not self.answers:
            return []
        return [status for status in self.permitted if not status.rule.free]


def new_rating(
    update: ProgressUpdate, by: User, findings: Mapping[str, FindingFields], status: str | None
) -> tuple[Rating, list[Problem]]:
    """Return an unsaved rating without its decision, and why it cannot be saved. If `status` is
    None, it is the one that follows from the findings, if there is only one."""
    assessed = RatedAssessment(update, update.commitment.plan, findings)
    problems = _answer_problems(assessed, free=_is_free(status))
    if status is None and not problems:
        following = assessed.following
        if len(following) == 1:
            status = following[0].value
        else:
            problems = [_choose_problem(update, following)]
    if status is not None and not problems:
        problems = _status_problems(assessed, status)
    rating = Rating(
        update=update,
        rater_id=by.pk,
        author_id=update.author_id,
        basis_sha256=basis_digest(update),
        findings=as_json(findings),
        status=status or "",
        assessed_findings=as_json(saved_findings(update)),
        assessed_status=update.status or "",
    )
    return rating, problems


def as_json(findings: Mapping[str, FindingFields]) -> dict[str, object]:
    return {
        key: {"result": str(row.result), "events": sorted(row.events)}
        for key, row in sorted(findings.items())
    }


def from_json(findings: Mapping[str, Any]) -> dict[str, FindingFields]:
    return {key: FindingFields(row["result"], row["events"]) for key, row in findings.items()}


def _is_free(status: str | None) -> bool:
    return status in Status.values() and Status(status).rule.free


def _answer_problems(assessed: RatedAssessment, *, free: bool) -> list[Problem]:
    """Return which answers are not possible or are missing."""
    known = {row.key for row in criteria_to_rate(assessed.update)}
    events = set(saved_events(assessed.update))
    problems = _unknown_problems(assessed.update, assessed.answers.keys() - known)
    for key, row in assessed.answers.items():
        if row.result not in FindingResult.values():
            message = _("Choose one of: %(choices)s.")
            message %= {"choices": join_list(FindingResult.values(), ITEMS)}
            problems.append(Problem(("findings", key, "result"), message, ErrorCode.NOT_ALLOWED))
        message = _("The assessment does not rest on an event with ID %(id)s.")
        problems += [
            Problem(("findings", key, "events", index), message % {"id": pk}, ErrorCode.NOT_FOUND)
            for index, pk in enumerate(row.events)
            if pk not in events
        ]
    if problems or not known:
        return problems
    return finding_problems(assessed, free=free)


def _unknown_problems(update: ProgressUpdate, keys: Collection[str]) -> list[Problem]:
    """Return why criteria with these keys are not to be rated."""
    if not keys:
        return []
    replaced = set(update.commitment.criteria.values_list("key", flat=True))
    other = _("This assessment does not answer a criterion “%(key)s”.")
    former = _("Criterion %(key)s has been replaced.")
    return [
        Problem(("findings", key), former % {"key": key}, ErrorCode.DROPPED)
        if key in replaced
        else Problem(("findings", key), other % {"key": key}, ErrorCode.NOT_FOUND)
        for key in sorted(keys)
    ]


def _status_problems(assessed: RatedAssessment, status: str) -> list[Problem]:
    """Return why a rating cannot have a status: the author who adopts it could not submit it."""
    kind = assessed.update.commitment.kind
    if status not in statuses_for(kind):
        choices = join_list(f"{code.label} ({code})" for code in statuses_for(kind))
        message = _("Choose one of: %(choices)s.") % {"choices": choices}
        return [Problem(("status",), message, ErrorCode.NOT_ALLOWED)]
    problems = status_problems(assessed, Status(status))
    problems += level_problems(assessed, Status(status))
    return [replace(problem, path=("status",)) for problem in problems]


def _choose_problem(update: ProgressUpdate, following: list[Status]) -> Problem:
    choices = following or statuses_for(update.commitment.kind)
    message = _("Choose a status; possible are: %(choices)s.")
    message %= {"choices": join_list(f"{code.label} ({code})" for code in choices)}
    return Problem(("status",), message, ErrorCode.REQUIRED)


def holding_ratings(update: ProgressUpdate) -> list[Rating]:
    """Return the ratings of an update as it is now, the first one first, without those of a state
    that has been changed since."""
    rows = sorted(rows_in(update, "ratings"), key=lambda row: row.pk)
    digest = basis_digest(update) if rows else ""
    return [row for row in rows if row.basis_sha256 == digest]


def holding_rating_by(user: Person, update: ProgressUpdate) -> Rating | None:
    """Return this person's rating of an update as it is now, None if they still have to rate it."""
    if not policies.has_rated(user, update):
        return None
    return next((row for row in holding_ratings(update) if row.rater_id == user.pk), None)


def rated_already(user: Person, update: ProgressUpdate) -> Problem | None:
    """Return why a person who may rate an update has nothing left to rate."""
    if holding_rating_by(user, update) is None:
        return None
    return Problem((), _("You have rated this assessment."), ErrorCode.DUPLICATE)


def must_rate_first(user: Person, update: ProgressUpdate) -> Problem | None:
    """Return why a person who may publish an update has to rate it before they do."""
    if not policies.is_rated_blind(update) or holding_rating_by(user, update) is not None:
        return None
    return Problem((), _("Rate this assessment first."), ErrorCode.RATING_NEEDED)


def publication_problems(update: ProgressUpdate, by: Person) -> list[Problem]:
    """Return why a person who has rated an assessment cannot publish it: the statuses differ, and
    the author has not answered."""
    rating = holding_rating_by(by, update) if policies.is_rated_blind(update) else None
    if rating is None or rating.status == update.status or has_argued(update, rating):
        return []
    message = _(
        "Your rating (“%(rated)s”) differs from the assessment (“%(assessed)s”). Return it: its "
        "author adopts your findings or gives reasons."
    )
    labels = {"rated": Status(rating.status).label, "assessed": Status(update.status or "").label}
    return [Problem((), message % labels, ErrorCode.RATING_NEEDED)]


def has_argued(update: ProgressUpdate, rating: Rating) -> bool:
    """Return whether the author has submitted again with a reason after learning of a rating."""
    rows = sorted(rows_in(update, "decisions"), key=lambda row: row.seq)
    [rated] = [row.seq for row in rows if row.pk == rating.decision_id]
    returned = [row.seq for row in rows if row.action == Action.RETURN and row.seq > rated]
    return any(
        row.action == Action.SUBMIT and bool(row.note or row.note_is_erased)
        for row in rows
        if returned and row.seq > returned[0]
    )


def argument_problems(update: ProgressUpdate, note: str) -> list[Problem]:
    """Return why an assessment cannot be submitted again without a reason: its author knows of
    ratings, and its status is that of none of them."""
    if note or not policies.is_rated_blind(update):
        return []
    disclosed = [row for row in holding_ratings(update) if policies.is_disclosed(row, update)]
    if not disclosed or update.status in {row.status for row in disclosed}:
        return []
    message = _(
        "The status differs from the second rating. Adopt the rating, or give your reasons in the "
        "note."
    )
    return [Problem(("note",), message, ErrorCode.REQUIRED)]


def outcome_of(update: ProgressUpdate, publisher: Person) -> RatingOutcome:
    """Return how the ratings of an assessment that this person publishes came out."""
    first = min(rows_in(update, "ratings"), key=lambda row: row.pk)
    deciding = holding_rating_by(publisher, update)
    if deciding is None or deciding.status != update.status:
        return RatingOutcome.ARGUED
    if first.status != update.status:
        same = first.rater_id == publisher.pk
        return RatingOutcome.RATED_ANEW if same else RatingOutcome.THIRD_PERSON
    differed = first.assessed_status != first.status
    return RatingOutcome.ADOPTED if differed else RatingOutcome.AGREES


def published_ratings(update: ProgressUpdate, publisher: Person) -> dict[str, object]:
    """Return what the entry of a publication says of ratings: the outcome, and the digest of each.
    Anybody who has the ratings and their salts can check them against it."""
    if not policies.is_rated_blind(update):
        return {}
    rows = sorted(rows_in(update, "ratings"), key=lambda row: row.pk)
    return {
        "second_rating": {
            "outcome": outcome_of(update, publisher).value,
            "ratings": [ledger.rating_digest(row) for row in rows],
        }
    }


def published_outcome(update: ProgressUpdate) -> str | None:
    """Return the outcome that the publication of an update recorded, None without one."""
    for row in rows_in(update, "decisions"):
        if row.action == Action.PUBLISH and "second_rating" in row.meta:
            outcome: str = row.meta["second_rating"]["outcome"]
            return outcome
    return None
