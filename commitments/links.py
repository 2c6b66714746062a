"""What became of the links behind updates: which are to be looked at, what was found, and what that
says of a link today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, F, Max, OuterRef, Q, Subquery

from commitments.fetch import Seen
from commitments.health import GOOD_OUTCOMES, LinkOutcome
from commitments.models import Evidence, LinkCheck, Plan


@dataclass(frozen=True)
class Health:
    """A link as it was last seen. `since`: it has been so from then on; `good_at`: when it last
    was there."""

    outcome: LinkOutcome
    detail: str
    moved_to: str
    dead: bool
    since: datetime
    checked_at: datetime
    good_at: datetime | None


def health(evidence: Evidence) -> Health | None:
    """Of a piece whose `link_checks` were asked for with it; None: never looked at."""
    rows = sorted(evidence.link_checks.all(), key=lambda row: row.pk)
    if not rows:
        return None
    last = rows[-1]
    return Health(
        LinkOutcome(last.outcome),
        last.detail,
        last.moved_to,
        last.is_dead,
        last.first_at,
        last.last_at,
        max((row.last_at for row in rows if row.outcome in GOOD_OUTCOMES), default=None),
    )


def looked_at(plan: Plan) -> dict[str, int]:
    """How many public `links` there are behind a plan's updates, and how many were `looked_at`."""
    rows = Evidence.objects.public_links().filter(update__commitment__plan=plan)
    seen = Count("url", distinct=True, filter=Q(link_checks__isnull=False))
    return rows.aggregate(links=Count("url", distinct=True), looked_at=seen)


def due(before: datetime) -> list[tuple[str, str]]:
    """Public links that nobody looked at since, each with its last validator; those never looked
    at first, then the longest unseen."""
    latest = LinkCheck.objects.filter(evidence__url=OuterRef("url")).order_by("-last_at", "-pk")
    rows = (
        Evidence.objects.public_links()
        .values("url")
        .annotate(
            last=Max("link_checks__last_at"),
            fresh=Count("pk", filter=Q(link_checks__isnull=True)),
            validator=Subquery(latest.values("validator")[:1]),
        )
        .filter(Q(last__isnull=True) | Q(last__lt=before) | Q(fresh__gt=0))
        .order_by(F("last").asc(nulls_first=True), "url")
    )
    return [(row["url"], "" if row["fresh"] else row["validator"] or "") for row in rows]


def is_due(url: str, before: datetime) -> bool:
    """Whether nobody looked at it meanwhile."""
    pieces = Evidence.objects.public_links().filter(url=url)
    return pieces.exclude(link_checks__last_at__gte=before).exists()


def record(url: str, seen: Seen, at: datetime, before: datetime | None = None) -> None:
    """Notes what was found at a link, for every public piece of evidence that has it; not twice
    where another run has looked since `before`."""
    with transaction.atomic():
        pieces = Evidence.objects.public_links().filter(url=url)
        plans = Plan.objects.filter(commitments__updates__evidence__in=pieces).order_by("pk")
        # A lock too: two runs do not note the same link at once.
        Plan.objects.filter(pk__in=plans.values("pk")).move_revision()
        if before is not None:
            pieces = pieces.exclude(link_checks__last_at__gte=before)
        for piece in pieces.prefetch_related("link_checks").order_by("pk"):
            _record(piece, seen, at)


def _record(piece: Evidence, seen: Seen, at: datetime) -> None:
    rows = sorted(piece.link_checks.all(), key=lambda row: row.pk)
    last = rows[-1] if rows else None
    found = _against(rows, seen)
    said = found.outcome, found.moved_to
    same = last is not None and (last.outcome, last.moved_to) == said
    row = last if last is not None and same else LinkCheck(evidence=piece, first_at=at, checks=0)
    row.outcome, row.detail, row.moved_to = found.outcome, found.detail, found.moved_to
    row.fingerprint, row.validator = found.fingerprint, found.validator
    row.last_at = max(at, row.first_at)
    row.checks += 1
    row.save()


def _against(rows: list[LinkCheck], seen: Seen) -> Seen:
    """What was found, compared with what was there when the link was first looked at."""
    if seen.outcome not in GOOD_OUTCOMES:
        return seen
    fingerprint = seen.fingerprint
    if not fingerprint and seen.validator:
        # The server says that it is what was there last time, so nothing was fetched.
        fingerprint = next(
            (row.fingerprint for row in reversed(rows) if row.validator == seen.validator), ""
        )
    first = next((row.fingerprint for row in rows if row.fingerprint), "")
    changed = bool(first and fingerprint and first != fingerprint)
    outcome = LinkOutcome.CHANGED if changed else seen.outcome
    return Seen(outcome, seen.detail, seen.moved_to, fingerprint, seen.validator)
