"""The ETag of public responses."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest

from commitments.clocks import local_day
from commitments.models import Plan

# Those that pages show, or that their links depend on.
SHOWN_SETTINGS = (
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
    plans = Plan.objects.in_order().values_list("code", "revision", "time_zone")
    facts = [f"{code} {revision} {local_day(at, zone)}" for code, revision, zone in plans]
    facts += [
        str(local_day(at, "UTC")),
        request.build_absolute_uri(),
        languages,
        settings.RELEASE,
        *(str(getattr(settings, name)) for name in SHOWN_SETTINGS),
    ]
    digest = hashlib.sha256("\n".join(facts).encode()).hexdigest()
    return f'"{digest[:32]}"'
