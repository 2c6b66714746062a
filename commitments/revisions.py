"""What every answer to the public depends on, as one tag."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest

from commitments.clocks import local_day
from commitments.models import Plan


def tag(request: HttpRequest, at: datetime) -> str:
    """An ETag over whatever could make the public answer another one: the plans with their
    revisions and local days, the full address, the languages asked for, and the release. Taken
    before anything else is read, what changes meanwhile changes the next one. One query."""
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
