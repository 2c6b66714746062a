"""The planning table of a plan as a sheet, to be edited and loaded again."""

from __future__ import annotations

from io import BytesIO

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header

from commitments.admin.workbench.base import ForStaff
from commitments.admin.workbench.planning_selection import PlanningSelection
from commitments.clocks import local_day
from commitments.curation.planning import PLANNED_RELATIONS
from commitments.exports.columns import Cell
from commitments.exports.planning import planning_table
from commitments.exports.tables import CSV_FORMAT, XLSX_FORMAT

FORMATS = {file_format.extension: file_format for file_format in (CSV_FORMAT, XLSX_FORMAT)}


class PlanningFile(PlanningSelection, ForStaff):
    """The commitments that the planning table shows, on all its pages, with what it edits, as CSV
    or XLSX."""

    http_method_names = ["get"]

    def get(self, request: HttpRequest, code: str, extension: str) -> HttpResponse:
        plan, file_format = self.plan, FORMATS.get(extension)
        if file_format is None:
            raise Http404
        rows = self.selected().in_order().select_related("plan", "lead_office")
        day = local_day(timezone.now(), plan.time_zone)
        about: dict[str, Cell] = {"plan": plan.code, "day": day}
        table = planning_table(rows.prefetch_related(*PLANNED_RELATIONS), about)
        file = BytesIO()
        file_format.write(table, file)
        response = HttpResponse(file.getvalue(), content_type=file_format.media_type)
        name = f"{plan.code}-planning-{day}.{extension}"
        response["Content-Disposition"] = content_disposition_header(True, name)
        return response
