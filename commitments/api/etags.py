"""The ETag of public responses."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest

from commitments.clocks import local_day
from commitments.models import Plan


def collection_etag(request: HttpRequest, at: datetime) -> str:
    """Return an ETag over everything on which a public response depends: the plans' revisions and
    local dates, the full address, the requested languages and the release.

    Compute it before reading any data: a change made in between then gives the next response
    another ETag. One query.
    """
    plans = Plan.objects.in_order().values_list("code", "revision", "time_zone")
    facts = [f"{code} {revision} {local_day(at, zone)}" for code, revision, zone in plans]
    facts += [
        str(local_day(at, "UTC")),
        request.build_absolute_uri(),
        request.headers.get("Accept-Language", ""),
        settings.RELEASE,
    ]
    digest = hashlib.sha256("\n".join(facts).encode()).hexdigest()
    return f'"{digest[:32]}"'
