"""For load balancers and monitors: whether the process lives, and whether the site can serve."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from commitments.choices import Health
from commitments.operations.health import health_reports, worst


@require_safe
@never_cache
def livez(request: HttpRequest) -> HttpResponse:
    """Answer as long as the process does; nothing else is looked at."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Name the health of each part, with 503 if one has failed. What is wrong with it is shown to
    administrators and in the log, not here."""
    reports = health_reports(timezone.now())
    health = worst(reports)
    parts = {report.name: report.health.value for report in reports}
    status = 503 if health is Health.FAILED else 200
    return JsonResponse({"status": health.value, "parts": parts}, status=status)
