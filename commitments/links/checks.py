"""Checks of the links behind updates: which are due, their results, and the state of a link."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, F, Max, OuterRef, Q, Subquery

from commitments.choices import REACHED_STATUSES, LinkStatus
from commitments.links.probe import ProbeResult
from commitments.models import Evidence, LinkCheck, Plan


@dataclass(frozen=True)
class LinkHealth:
    """The state of a link: since when it is in this state, when it was last checked, and when it
    last reached a page, None if never."""

    status: LinkStatus
    detail: str
    moved_to: str
    dead: bool
    since: datetime
    checked_at: datetime
    good_at: datetime | None


def health_of(evidence: Evidence) -> LinkHealth | None:
    """Return the state of a link, None if it was never checked. Prefetch `link_checks`."""
    rows = sorted(evidence.link_checks.all(), key=lambda row: row.pk)
    if not rows:
        return None
    last = rows[-1]
    return LinkHealth(
        LinkStatus(last.status),
        last.detail,
        last.moved_to,
        last.is_dead,
        last.first_at,
        last.last_at,
        max((row.last_at for row in rows if row.status in REACHED_STATUSES), default=None),
    )


def count_checked(plan: Plan) -> dict[str, int]:
    """Return the numbers of public `links` behind a plan's updates and of those that have been
    `checked`."""
    rows = Evidence.objects.public_links().filter(update__commitment__plan=plan)
    checked = Count("url", distinct=True, filter=Q(link_checks__isnull=False))
    return rows.aggregate(links=Count("url", distinct=True), checked=checked)


def due_links(before: datetime) -> list[tuple[str, str]]:
    """Return the public links not checked since this time, each with its last validator. A link of
    which a piece of evidence has no check yet is due too, without validator. Links never checked
    come first, then the others by the time of their last check."""
    latest = LinkCheck.objects.filter(evidence__url=OuterRef("url")).order_by("-last_at", "-pk")
    rows = (
        Evidence.objects.public_links()
        .values("url")
        .annotate(
            last=Max("link_checks__last_at"),
            unchecked=Count("pk", filter=Q(link_checks__isnull=True)),
            validator=Subquery(latest.values("validator")[:1]),
        )
        .filter(Q(last__isnull=True) | Q(last__lt=before) | Q(unchecked__gt=0))
        .order_by(F("last").asc(nulls_first=True), "url")
    )
    return [(row["url"], "" if row["unchecked"] else row["validator"] or "") for row in rows]


def link_is_due(url: str, before: datetime) -> bool:
    """Return whether a link is still due, which another run may have changed since."""
    pieces = Evidence.objects.public_links().filter(url=url)
    return pieces.exclude(link_checks__last_at__gte=before).exists()


def record_probe(url: str, result: ProbeResult, at: datetime, before: datetime) -> None:
    """Save the result of a probe for every public piece of evidence with this link, except for
    those that another run has checked since `before`."""
    with transaction.atomic():
        pieces = Evidence.objects.public_links().filter(url=url)
        plans = Plan.objects.filter(commitments__updates__evidence__in=pieces).order_by("pk")
        # This also locks the plans, so that two runs do not save the same link at once.
        Plan.objects.filter(pk__in=plans.values("pk")).bump_revision()
        pieces = pieces.exclude(link_checks__last_at__gte=before)
        for piece in pieces.prefetch_related("link_checks").order_by("pk"):
            _save_check(piece, result, at)


def _save_check(piece: Evidence, result: ProbeResult, at: datetime) -> None:
    """Extend the last check if the state of the link is the same, else begin a new one."""
    rows = sorted(piece.link_checks.all(), key=lambda row: row.pk)
    last = rows[-1] if rows else None
    result = _compare_with_first(rows, result)
    state = result.status, result.moved_to
    same = last is not None and (last.status, last.moved_to) == state
    row = last if last is not None and same else LinkCheck(evidence=piece, first_at=at, checks=0)
    row.status, row.detail, row.moved_to = result.status, result.detail, result.moved_to
    row.fingerprint, row.validator = result.fingerprint, result.validator
    row.last_at = max(at, row.first_at)
    row.checks += 1
    row.save()


def _compare_with_first(rows: list[LinkCheck], result: ProbeResult) -> ProbeResult:
    """Return the result with the status `changed` if the content is not that of the first check,
    and with the fingerprint of an earlier check if the server states the same version."""
    if result.status not in REACHED_STATUSES:
        return result
    fingerprint = result.fingerprint
    if not fingerprint and result.validator:
        # The probe did not request the content, since the server states a known version.
        fingerprint = next(
            (row.fingerprint for row in reversed(rows) if row.validator == result.validator), ""
        )
    first = next((row.fingerprint for row in rows if row.fingerprint), "")
    changed = bool(first and fingerprint and first != fingerprint)
    status = LinkStatus.CHANGED if changed else result.status
    return ProbeResult(status, result.detail, result.moved_to, fingerprint, result.validator)
