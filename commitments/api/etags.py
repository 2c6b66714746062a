"""The ETag of public responses."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import get_language

from commitments.clocks import local_day
from commitments.ledger.proofs.checkpoints import latest_size
from commitments.models import LedgerHead, Plan
from commitments.models.querysets.composed import read_by
from commitments.roles import ANONYMOUS

# The settings that pages show or that their links depend on.
RENDERED_SETTINGS = (
    "SITE_NAME",
    "SITE_OPERATOR",
    "SITE_CONTACT",
    "SITE_IMPRINT",
    "ADMIN_PATH",
    "MAIL_ENABLED",
)


def collection_etag(request: HttpRequest, at: datetime) -> str:
    """Return an ETag over everything on which a public response depends: the plans' revisions and
    local dates, the size of the latest checkpoint, the full address, the language of the request,
    and the release and its settings.

    Compute it before reading any data: a change made in between then gives the next response
    another ETag. One query.
    """
    plans = _read_plans([])
    days = {zone: local_day(at, zone) for zone in {"UTC", *(row[2] for row in plans)}}
    facts = [f"{code} {revision} {days[zone]} {size}" for code, revision, zone, size in plans]
    # Until there is a plan, no revision says that what plans share was changed.
    facts += [str(days["UTC"]) if plans else at.isoformat(), *_release(request)]
    return _tag_over(facts)


def _public_plans() -> QuerySet[Plan, tuple[str, int, str, int | None]]:
    # A plan in preparation changes nothing that is public.
    rows = Plan.objects.visible_to(ANONYMOUS).in_order().annotate(checkpoint_size=latest_size())
    return rows.values_list("code", "revision", "time_zone", "checkpoint_size")


_read_plans = read_by(_public_plans)


def release_etag(request: HttpRequest) -> str:
    """Return an ETag for a response that does not depend on the record, such as the description of
    the API: over the full address, the language of the request, and the release and its settings.
    No query."""
    return _tag_over(_release(request))


def ledger_etag(request: HttpRequest) -> str:
    """Return an ETag over everything on which an answer about the ledger itself depends: its last
    link, the full address and the release. One query."""
    head = LedgerHead.objects.get()
    return _tag_over([f"{head.seq} {head.hash}", request.build_absolute_uri(), settings.RELEASE])


def _release(request: HttpRequest) -> list[str]:
    shown = (str(getattr(settings, name)) for name in RENDERED_SETTINGS)
    return [request.build_absolute_uri(), get_language() or "", settings.RELEASE, *shown]


def position_etag(request: HttpRequest, at: datetime) -> str:
    """Return an ETag of a public response that also depends on the chain, private links included:
    it differs for another chain and for a longer one. Two queries."""
    return _tag_over([collection_etag(request, at), ledger_etag(request)])


def sent_tags(request: HttpRequest) -> list[str]:
    """Return the tags in the `If-None-Match` of a request. A compressing proxy may have weakened
    them."""
    header = request.headers.get("If-None-Match", "")
    return [tag.strip().removeprefix("W/") for tag in header.split(",")]


def _tag_over(facts: Iterable[str]) -> str:
    digest = hashlib.sha256("\n".join(facts).encode()).hexdigest()
    return f'"{digest[:32]}"'
