"""For load balancers and monitors: whether the process lives, and whether the site can serve.

They use any host name, and no HTTPS, so this middleware comes before those that check the host and
redirect.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from commitments.choices import Health
from commitments.operations.health import health_reports, worst

NOT_STORED = {"Cache-Control": "no-store"}
# The same headers as SecurityMiddleware sets, which comes after this middleware and the metrics.
SAFE = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": settings.SECURE_REFERRER_POLICY}


def probes(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Answer `/livez` and `/readyz`."""

    def middleware(request: HttpRequest) -> HttpResponse:
        answer = ANSWERS.get(request.path)
        is_probe = answer is not None and request.method in ("GET", "HEAD")
        response = answer() if answer and is_probe else get_response(request)
        for name, value in SAFE.items():
            response.headers.setdefault(name, value)
        return response

    return middleware


def live() -> HttpResponse:
    """Answer as long as the process runs; nothing else is checked."""
    return HttpResponse("ok\n", content_type="text/plain", headers=NOT_STORED)


def ready() -> HttpResponse:
    """Name the health of each part, with 503 if one has failed. What is wrong with it is shown to
    administrators, not here."""
    reports = health_reports(timezone.now())
    health = worst(reports)
    parts = {report.name: report.health.value for report in reports}
    status = 503 if health is Health.FAILED else 200
    body = {"status": health.value, "parts": parts}
    return JsonResponse(body, status=status, headers=NOT_STORED)


ANSWERS = {"/livez": live, "/readyz": ready}
