"""The ETag of public responses."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest

from commitments.clocks import local_day
from commitments.models import LedgerHead, Plan
from commitments.models.querysets.composed import read_by

# The settings that pages show or that their links depend on.
RENDERED_SETTINGS = (
    "SITE_NAME",
    "SITE_OPERATOR",
    "SITE_CONTACT",
    "SITE_IMPRINT",
    "ADMIN_PATH",
    "MAIL_ENABLED",
)


def collection_etag(request: HttpRequest, at: datetime, languages: str = "") -> str:
    """Return an ETag over everything on which a public response depends: the plans' revisions and
    local dates, the full address, the release and its settings, and the languages that the caller
    asked for, where the address does not say the language.

    Compute it before reading any data: a change made in between then gives the next response
    another ETag. One query.
    """
    plans = _read_plans([])
    days = {zone: local_day(at, zone) for zone in {"UTC", *(zone for *_plan, zone in plans)}}
    facts = [f"{code} {revision} {days[zone]}" for code, revision, zone in plans]
    facts += [str(days["UTC"]), languages, *_release(request)]
    return _tag_over(facts)


def _every_plan() -> QuerySet[Plan, tuple[str, int, str]]:
    return Plan.objects.in_order().values_list("code", "revision", "time_zone")


_read_plans = read_by(_every_plan)


def release_etag(request: HttpRequest) -> str:
    """Return an ETag for a response that does not depend on the record, such as the description of
    the API: over the full address, the release and its settings. No query."""
    return _tag_over(_release(request))


def ledger_etag(request: HttpRequest) -> str:
    """Return an ETag over everything on which an answer about the ledger itself depends: its last
    link, the full address and the release. One query."""
    head = LedgerHead.objects.get()
    return _tag_over([f"{head.seq} {head.hash}", request.build_absolute_uri(), settings.RELEASE])


def _release(request: HttpRequest) -> list[str]:
    shown = (str(getattr(settings, name)) for name in RENDERED_SETTINGS)
    return [request.build_absolute_uri(), settings.RELEASE, *shown]


def position_etag(request: HttpRequest, at: datetime, languages: str = "") -> str:
    """Return an ETag of a public response that also depends on the chain, private links included:
    it differs for another chain and for a longer one. Two queries."""
    return _tag_over([collection_etag(request, at, languages), ledger_etag(request)])


def _tag_over(facts: Iterable[str]) -> str:
    digest = hashlib.sha256("\n".join(facts).encode()).hexdigest()
    return f'"{digest[:32]}"'
