"""The report on a period as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response

from commitments.api.operations import PUBLIC_LIST, operation
from commitments.api.serializers.period_report import PeriodReportSerializer
from commitments.api.views_status import SinceView, day_parameter
from commitments.choices import Movement
from commitments.models import Evidence
from commitments.reports import PeriodReport, ReportPeriod, read_period_report

# The routes of the page and of the files.
ROUTES = {"html_url": "report", "docx_url": "report-docx", "xlsx_url": "report-xlsx"}


class NumberedSource(NamedTuple):
    number: int
    piece: Evidence


class PeriodReportView(SinceView):
    """Report on a period: the figures at its beginning and end, what changed, its events with their
    sources, what was corrected, and what is not known. The period begins on `from` and ends on the
    date given by `as_of`, else by `known_at`, else today; both days are included. The filters are
    applied as of its end."""

    serializer_class = PeriodReportSerializer

    @operation("status_report", PUBLIC_LIST, PeriodReportSerializer, filters=True)
    def get(self, request: Request) -> Response:
        selection = self.selection(request)
        first = day_parameter(request, "from", selection.day)
        plan, clock = selection.plan, selection.clock
        period = ReportPeriod(first, selection.day)
        rows = selection.rows.in_order()
        report = read_period_report(rows, plan, period, clock, plan.review_periods(clock))
        payload = selection.payload(**_facts(report), **self._addresses(request, plan.code))
        return Response(PeriodReportSerializer(payload, context={"request": request}).data)

    def _addresses(self, request: Request, code: str) -> Mapping[str, str]:
        """Return the addresses of the page and the files with the query of the request; a filter
        that they do not understand leads to the page's notice about it."""
        query = request.GET.copy()
        query.pop("plan", None)
        return {
            name: request.build_absolute_uri(
                f"{reverse(f'pages:{route}', args=[code])}?{query.urlencode()}"
            )
            for name, route in ROUTES.items()
        }


def _facts(report: PeriodReport) -> dict[str, Any]:
    movements = report.movements
    return {
        "first": report.period.first,
        "opening_day": report.period.opening_day,
        "opening": report.opening,
        "closing": report.closing,
        "counts": {code.value: movements.get(code, 0) for code in Movement},
        "changes": report.changes,
        "events": report.events,
        "withdrawn_events": report.withdrawn_events,
        "corrections": report.corrections,
        "not_known": report,
        "sources": [NumberedSource(*pair) for pair in report.sources.numbered],
    }
