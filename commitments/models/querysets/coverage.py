"""Conditions for gaps in what the current assessments of commitments rest on.

A function that takes a query set of commitments expects it `at` a clock, and returns expressions
for its rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery

from commitments.choices import CoverageGap, Source, Tone, statuses_where
from commitments.clocks import Clock
from commitments.models.querysets.criteria import CriterionQuerySet
from commitments.models.querysets.evidence import EvidenceQuerySet, LinkCheckQuerySet
from commitments.models.querysets.shared import flag, related, related_rows
from commitments.models.querysets.updates import ProgressUpdateQuerySet

if TYPE_CHECKING:
    from django.db.models import Model
    from django.db.models.functions import Coalesce


def source_count(commitments: QuerySet[Model], clock: Clock) -> Coalesce:
    """Return the number of different public sources behind the assessment."""
    evidence = related(commitments, "updates__evidence", EvidenceQuerySet)
    return evidence.behind("assessment_id", clock).source_count()


def predecessor(commitments: QuerySet[Model], clock: Clock) -> Subquery:
    """Return the id of the assessment before the current one, by the order of assessments."""
    day, time = OuterRef("assessment_effective_on"), OuterRef("assessment_published_at")
    same_day = Q(effective_on=day)
    lower = Q(effective_on__lt=day) | same_day & Q(published_at__lt=time)
    lower |= same_day & Q(published_at=time, pk__lt=OuterRef("assessment_id"))
    assessments = related(commitments, "updates", ProgressUpdateQuerySet).counting(clock)
    before = assessments.assessments().filter(lower, commitment=OuterRef("pk"))
    return Subquery(before.values("pk")[:1])


def coverage_gaps(commitment: Any) -> list[CoverageGap]:
    """Return the gaps of a commitment that was read `with_coverage_gap_flags`, in their order."""
    return [code for code in CoverageGap if getattr(commitment, code.value)]


def gap_flags(commitments: QuerySet[Model], clock: Clock) -> dict[str, Case]:
    """Return for each `CoverageGap`, by its code, an expression for whether there is one.

    They read the columns `sources`, `predecessor_id` and `predecessor_action_on`. Dead links are
    those of today.
    """
    evidence = related(commitments, "updates__evidence", EvidenceQuerySet)
    reachable = evidence.behind("assessment_id", clock).without_dead_links()
    # Only a commitment with a dead link at all can have the gap. To ask that first spares a
    # database to read what the assessments of most commitments rest on.
    dead = related(commitments, "updates__evidence__link_checks", LinkCheckQuerySet).dead()
    bases = related_rows(commitments, "updates__bases").filter(update=OuterRef("assessment_id"))
    chain = related(commitments, "updates", ProgressUpdateQuerySet).filter(
        chain=OuterRef("event__chain")
    )
    # An event is superseded when its first correction is published.
    corrections = chain.published_by(clock).filter(
        changes_event=True, published_at__gte=OuterRef("event__superseded_at")
    )
    corrections = corrections.exclude(pk=OuterRef("event"))
    conditions = {
        CoverageGap.ONE_SOURCE.value: Q(sources=1),
        CoverageGap.STATEMENTS_ONLY.value: Q(assessment_level=Source.STATEMENT.level),
        # Every source has a level: without evidence it is 0.
        CoverageGap.DEAD_LINKS.value: Q(
            Exists(dead.filter(evidence__update__commitment=OuterRef("pk"))),
            ~Exists(reachable),
            assessment_level__gt=0,
        ),
        CoverageGap.RENEWED_WITHOUT_ACTION.value: _renewed_without_action(),
        CoverageGap.RESTS_ON_RETRACTED.value: Q(
            Exists(bases.filter(~Exists(chain.counting(clock))))
        ),
        CoverageGap.RESTS_ON_CHANGED.value: Q(Exists(bases.filter(Exists(corrections)))),
        CoverageGap.CRITERIA_CHANGED.value: _criteria_changed(commitments, clock),
    }
    return {code: flag(condition) for code, condition in conditions.items()}


def _renewed_without_action() -> Q:
    """Return the condition that an assessment gives a status of progress, but rests on no action
    newer than the newest one behind the assessment before it."""
    progress = [*statuses_where(tone=Tone.FULFILLED), *statuses_where(tone=Tone.PARTIAL)]
    none_newer = Q(basis_action_on__isnull=True) | Q(
        basis_action_on__lte=F("predecessor_action_on")
    )
    return Q(assessment_status__in=progress, predecessor_id__isnull=False) & none_newer


def _criteria_changed(commitments: QuerySet[Model], clock: Clock) -> Q:
    """Return the condition that the assessment does not answer the criteria in use."""
    findings = related_rows(commitments, "updates__findings")
    known = related(commitments, "criteria", CriterionQuerySet).known(clock.known_at)
    answers = findings.filter(update=OuterRef("assessment_id"))
    answered = findings.filter(update=OuterRef(OuterRef("assessment_id")), criterion=OuterRef("pk"))
    replaced = answers.filter(~Exists(known.filter(pk=OuterRef("criterion"))))
    unanswered = known.filter(commitment=OuterRef("pk")).filter(~Exists(answered))
    assessed = Q(assessment_id__isnull=False) & ~Q(assessment_status__in=statuses_where(free=True))
    return Q(Exists(replaced)) | assessed & Q(Exists(unanswered))
