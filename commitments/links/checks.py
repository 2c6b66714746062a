"""Checks of the links behind updates: which are due, their results, and the state of a link."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import attrgetter

from django.db import transaction
from django.db.models import Count, F, FilteredRelation, Max, OuterRef, Q, Subquery

from commitments.choices import REACHED_STATUSES, ROBOT_REFUSALS, LinkStatus
from commitments.links.probe import ProbeResult
from commitments.models import Evidence, LinkCheck, Plan, ProgressUpdate
from commitments.models.base import rows_in

# The time of the last check of a link that was never checked.
NEVER = datetime.min.replace(tzinfo=UTC)
# A check that is dated later than now by more than this was made by a clock that ran ahead. Of two
# runs at once, either may record first what it found last.
AHEAD = timedelta(days=1)


@dataclass(frozen=True)
class LinkHealth:
    """The state of a link: since when it has been in this state, when it was last checked, and when
    it last reached a page, None if it never did."""

    status: LinkStatus
    detail: str
    moved_to: str
    dead: bool
    since: datetime
    checked_at: datetime
    good_at: datetime | None


def health_of(evidence: Evidence) -> LinkHealth | None:
    """Return the state of a link, None if it was never checked. Prefetch `link_checks`."""
    return _health_of_address(evidence, evidence.url)


def health_of_archive(evidence: Evidence) -> LinkHealth | None:
    """Return the state of the archived address of a link, as `health_of`."""
    return _health_of_address(evidence, evidence.archived_url)


def _health_of_address(evidence: Evidence, address: str) -> LinkHealth | None:
    rows = _checks_of(evidence, address)
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
    """Return the number of public `links` behind a plan's updates and the number of those
    `checked`, without archived addresses."""
    own = ProgressUpdate.objects.of_plans([plan])
    rows = Evidence.objects.public_links().filter(update__in=own)
    checked = Count("url", distinct=True, filter=Q(link_checks__url=F("url")))
    return rows.aggregate(links=Count("url", distinct=True), checked=checked)


def due_links(before: datetime, at: datetime) -> list[tuple[str, str]]:
    """Return the public links and archived addresses not checked since this time, each with its
    last validator. An address is also due, without a validator, if one of its pieces of evidence
    has no check yet, or only one by a clock that ran ahead of `at`, which is now. Those never
    checked come first, then the others by the time of their last check."""
    due: dict[str, tuple[datetime, str]] = {}
    for column in ("url", "archived_url"):
        for address, last, validator in _due_addresses(column, before, at):
            other_last, other = due.get(address, (last, validator))
            # An address can occur in both columns; its validator is used only if both have one.
            due[address] = min(last, other_last), validator if other else ""
    ordered = sorted(due.items(), key=lambda item: (item[1][0], item[0]))
    return [(address, validator) for address, (_last, validator) in ordered]


def _due_addresses(
    column: str, before: datetime, at: datetime
) -> Iterator[tuple[str, datetime, str]]:
    """Yield the addresses in this column that are due, with the time of the last check, the
    earliest of all for one without, and its validator."""
    latest = LinkCheck.objects.filter(url=OuterRef(column)).order_by("-last_at", "-pk")
    made = Q(link_checks__url=F(column), link_checks__last_at__lte=at + AHEAD)
    checks = FilteredRelation("link_checks", condition=made)
    rows = (
        Evidence.objects.public_links()
        .exclude(**{column: ""})
        .alias(checks=checks)
        .values(column)
        .annotate(
            last=Max("checks__last_at"),
            unchecked=Count("pk", filter=Q(checks__isnull=True)),
            validator=Subquery(latest.values("validator")[:1]),
        )
        .filter(Q(last__isnull=True) | Q(last__lt=before) | Q(unchecked__gt=0))
    )
    for row in rows:
        validator = "" if row["unchecked"] else row["validator"] or ""
        yield row[column], row["last"] or NEVER, validator


def link_is_due(url: str, before: datetime, at: datetime) -> bool:
    """Return whether an address is still due, which another run may have changed since."""
    pieces = Evidence.objects.public_links().with_address(url)
    return pieces.not_checked_since(before, url, at + AHEAD).exists()


def record_probe(url: str, result: ProbeResult, at: datetime, before: datetime) -> None:
    """Save the result of a probe for every public piece of evidence with this link or archived
    address, except for those that another run has checked since `before`."""
    with transaction.atomic():
        pieces = Evidence.objects.public_links().with_address(url)
        plans = Plan.objects.filter(commitments__updates__evidence__in=pieces).order_by("pk")
        # This also locks the plans, so that two runs do not save the same link at once.
        Plan.objects.filter(pk__in=plans.values("pk")).bump_revision()
        pieces = pieces.not_checked_since(before, url, at + AHEAD)
        for piece in pieces.prefetch_related("link_checks").order_by("pk"):
            _save_check(piece, url, result, at)


def _checks_of(evidence: Evidence, address: str) -> list[LinkCheck]:
    rows = [row for row in rows_in(evidence, "link_checks") if row.url == address]
    return sorted(rows, key=attrgetter("pk"))


def _save_check(piece: Evidence, url: str, result: ProbeResult, at: datetime) -> None:
    """Extend the last check if the state of the address is the same, else begin a new one."""
    rows = _checks_of(piece, url)
    for row in rows:
        if row.last_at > at + AHEAD:
            # It was made not long ago, since it has been due from the time at which the clock was
            # set right.
            row.first_at, row.last_at = min(row.first_at, at), at
            row.save()
    last = rows[-1] if rows else None
    result = _compare_with_first(rows, result)
    same = last is not None and _state(last) == _state(result)
    begun = LinkCheck(evidence=piece, url=url, first_at=at, checks=0)
    row = last if last is not None and same else begun
    row.status, row.detail, row.moved_to = result.status, result.detail, result.moved_to
    row.fingerprint, row.validator = result.fingerprint, result.validator
    row.last_at = max(at, row.first_at)
    row.checks += 1
    row.save()


def _state(found: LinkCheck | ProbeResult) -> tuple[str, str, bool]:
    """Return what two checks in a row have in common if they are counted together. A site that
    refuses robots is not one that cannot be reached."""
    return found.status, found.moved_to, found.detail in ROBOT_REFUSALS


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
