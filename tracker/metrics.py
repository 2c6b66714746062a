"""Metrics for Prometheus, at `/metrics`, for requests with `METRICS_TOKEN` as bearer token.

Each process counts its own requests. Where there are several, `PROMETHEUS_MULTIPROC_DIR` names a
folder, empty at the start, in which they are added up.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from time import monotonic

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from commitments.choices import Health
from commitments.operations import health_reports
from commitments.operations.figures import FIGURES, figures, ledger_head_age
from commitments.operations.runs import last_backup

ADDRESS = "/metrics"
# The parts of the site, by the outermost namespace of their URLs.
AREAS = {"pages": "pages", "api": "api", "admin": "staff"}
LEVELS = {Health.OK: 2, Health.WARNING: 1, Health.FAILED: 0}

OF_THIS_PROCESS = CollectorRegistry()
REQUESTS = Histogram(
    "tracker_request_seconds",
    "Requests and the seconds they took.",
    ["area", "method", "status"],
    registry=OF_THIS_PROCESS,
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class SiteCollector(Collector):
    """Collects what waits, what has decayed and the health of each part whenever metrics are
    read."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        now = timezone.now()
        health = GaugeMetricFamily(
            "tracker_health", "2 in order, 1 needs attention, 0 failed.", labels=["part"]
        )
        for report in health_reports(now):
            health.add_metric([report.name], LEVELS[report.health])
        yield health
        try:
            values, head_age, backup = figures(now), ledger_head_age(now), last_backup(now)
        except DatabaseError:
            # `/readyz` reports that the database fails.
            return
        for name, value in values.items():
            yield GaugeMetricFamily(f"tracker_{name}", str(FIGURES[name]), value=value)
        if head_age is not None:
            yield GaugeMetricFamily(
                "tracker_ledger_head_age_seconds",
                "Seconds since the newest entry of the ledger was recorded.",
                value=head_age.total_seconds(),
            )
        if backup is not None:
            yield GaugeMetricFamily(
                "tracker_backup_age_seconds",
                "Seconds since the last backup that succeeded began.",
                value=(now - backup.started_at).total_seconds(),
            )


def metrics(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Count requests, and answer with what was counted."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path == ADDRESS:
            return _metrics(request)
        begun = monotonic()
        response = get_response(request)
        labels = (_area(request), _method(request), str(response.status_code))
        REQUESTS.labels(*labels).observe(monotonic() - begun)
        return response

    return middleware


def _metrics(request: HttpRequest) -> HttpResponse:
    sent = request.headers.get("Authorization", "")
    if not constant_time_compare(sent, f"Bearer {settings.METRICS_TOKEN}"):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    site = CollectorRegistry()
    site.register(SiteCollector())
    text = generate_latest(_counted()) + generate_latest(site)
    headers = {"Cache-Control": "no-store"}
    return HttpResponse(text, content_type=CONTENT_TYPE_LATEST, headers=headers)


def _counted() -> CollectorRegistry:
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return OF_THIS_PROCESS
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry


def _area(request: HttpRequest) -> str:
    match = request.resolver_match
    return AREAS.get(next(iter(match.namespaces), ""), "other") if match else "other"


def _method(request: HttpRequest) -> str:
    """Return the method; methods that callers invent are combined, since each would be a series of
    its own."""
    return request.method if request.method in METHODS else "other"
