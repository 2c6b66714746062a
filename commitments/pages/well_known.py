"""What programs look for at addresses that are the same on every site."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

# RFC 9116 asks for an end within a year.
EXPIRES_AFTER = timedelta(days=180)


def security_txt(request: HttpRequest) -> HttpResponse:
    """Say to whom a weakness is reported (RFC 9116): `SITE_CONTACT`. Without it there is no such
    page."""
    contact = settings.SITE_CONTACT
    if not contact:
        raise Http404
    address = contact if ":" in contact else f"mailto:{contact}"
    ends = (timezone.now() + EXPIRES_AFTER).replace(minute=0, second=0, microsecond=0)
    languages = ", ".join(code for code, _name in settings.LANGUAGES)
    lines = [
        f"Contact: {address}",
        f"Expires: {ends:%Y-%m-%dT%H:%M:%SZ}",
        f"Preferred-Languages: {languages}",
        f"Canonical: {request.build_absolute_uri(reverse('security-txt'))}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
