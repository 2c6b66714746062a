"""The tidy tables of a plan, and their description."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from functools import cached_property, partial
from tempfile import TemporaryFile

from django.core.files.base import ContentFile
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from commitments.api.byte_ranges import file_response
from commitments.api.conditional_get import REVALIDATED, ConditionalGetMixin
from commitments.api.data_packages import describe_package, listed_snapshots, package_facts
from commitments.api.operations import PUBLIC_ITEM, WITHDRAWABLE_FILE, operation
from commitments.api.refusals import QueryCheck, Withdrawn
from commitments.api.request_data import period_unit
from commitments.api.serializers.data import DataIndexSerializer
from commitments.api.strict import PlanFilterBackend, StrictQuery
from commitments.choices import PeriodUnit
from commitments.db import consistent_read
from commitments.exports.tidy import TIDY_CSV, TIDY_TABLES, Scope, TidyTable
from commitments.exports.tidy.tables import DEFAULT_UNIT
from commitments.filters.tidy import TidyFilter
from commitments.models import Plan


def _in_path(name: str, description: str, **schema: object) -> OpenApiParameter:
    described = {"type": "string", **schema}
    return OpenApiParameter(name, described, OpenApiParameter.PATH, description=description)


PLAN_PARAMETER = _in_path("code", "Code of the plan.", pattern="^[A-Z][A-Z0-9_]*$")
TABLE_PARAMETER = _in_path("table", "Name of the table.", enum=list(TIDY_TABLES))
QUARTER_PARAMETER = _in_path("quarter", "Such as `2025-Q3`.", pattern="^[0-9]{4}-Q[1-4]$")
ZIP_TYPE = "application/zip"
# Any JSON object that the standard allows.
DESCRIPTOR = {
    "type": "object",
    "description": "A Data Package, https://datapackage.org/profiles/2.0/datapackage.json.",
    "additionalProperties": True,
}


class PlanOfAddress(GenericAPIView[Plan]):
    """A view of the data of one plan that the caller may see. It comes first among the bases: the
    plan is read after the tag of the answer."""

    queryset = Plan.objects.all()
    pagination_class = None

    @cached_property
    def plan(self) -> Plan:
        visible = Plan.objects.visible_to(self.request.user)
        return get_object_or_404(visible, code=self.kwargs["code"])

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        super().initial(request, *args, **kwargs)
        # Check access to the plan before its tables.
        _plan = self.plan


class PlanDataView(PlanOfAddress, ConditionalGetMixin, StrictQuery):
    """The same with an ETag."""


class DataIndexView(PlanDataView):
    """List the tidy tables of a plan."""

    serializer_class = DataIndexSerializer

    @operation("data", PUBLIC_ITEM, DataIndexSerializer, path_parameters=(PLAN_PARAMETER,))
    def get(self, request: Request, code: str) -> Response:
        facts = package_facts(request, self.plan, timezone.now())
        payload = {
            "plan": self.plan.code,
            "title": facts.title,
            "version": facts.version,
            "html_url": facts.homepage,
            "datapackage": reverse("api:data-package", args=[code], request=request),
            "tables": [
                {
                    "name": table.name,
                    "title": table.title,
                    "description": table.description,
                    "parameters": table.parameters,
                    "url": facts.path(table),
                }
                for table in TIDY_TABLES.values()
            ],
            "snapshots": listed_snapshots(request, facts),
        }
        return Response(DataIndexSerializer(payload).data)


class SnapshotView(PlanOfAddress, StrictQuery):
    """Download the tidy tables of a plan at the end of a quarter, such as `2025-Q3`, as a ZIP that
    never changes: the tables, and their description as a Data Package."""

    formats = ()

    @operation(
        "data_snapshot",
        WITHDRAWABLE_FILE,
        OpenApiTypes.BINARY,
        media_type=ZIP_TYPE,
        path_parameters=(PLAN_PARAMETER, QUARTER_PARAMETER),
    )
    def get(self, request: Request, code: str, quarter: str) -> HttpResponse | FileResponse:
        rows = self.plan.snapshots.made_by(timezone.now()).select_related("withdrawn_by")
        snapshot = get_object_or_404(rows, quarter=quarter)
        if snapshot.content is None:
            sentence = _(
                "This snapshot was withdrawn because of the erasure in ledger link %(seq)s."
            )
            raise Withdrawn(sentence % {"seq": snapshot.withdrawn_by and snapshot.withdrawn_by.seq})
        headers = {**REVALIDATED, "ETag": f'"{snapshot.sha256}"'}
        return file_response(
            request,
            partial(ContentFile, bytes(snapshot.content)),
            headers,
            name=f"{code}-{quarter}.zip",
            media_type=ZIP_TYPE,
        )


class ClockedDataView(PlanDataView):
    """A view of tables under the clocks."""

    filterset_class = TidyFilter
    filter_backends = [PlanFilterBackend]
    other_parameters = {"by": {"type": "string", "enum": PeriodUnit.values()}}

    def known_parameters(self) -> set[str]:
        return {*self.other_parameters, *TidyFilter.base_filters}

    def query_checks(self, request: Request) -> Iterator[QueryCheck]:
        yield from super().query_checks(request)
        if "by" in request.query_params:
            yield partial(period_unit, request)

    def scope(self) -> Scope:
        """Return what the query asks for. Raise InvalidQuery if it is invalid."""
        rows = self.get_queryset()
        clock = PlanFilterBackend().validated_filterset(self.request, rows, self).clock
        has_unit = "by" in self.request.query_params
        return Scope(self.plan, clock, period_unit(self.request) if has_unit else DEFAULT_UNIT)


class DataPackageView(ClockedDataView):
    """Describe the tidy tables of a plan as a Data Package 2.0: types, keys and codes. The
    parameters are passed on to the addresses of the tables that know them."""

    @operation(
        "data_package", PUBLIC_ITEM, DESCRIPTOR, filters=True, path_parameters=(PLAN_PARAMETER,)
    )
    def get(self, request: Request, code: str) -> Response:
        self.scope()
        query = request.query_params.dict()
        return Response(describe_package(request, self.plan, timezone.now(), query))


class DataTableView(ClockedDataView):
    """Download a tidy table of a plan as CSV, as everybody may see it. Not every table knows every
    parameter; the index says which."""

    formats = ()

    @cached_property
    def table(self) -> TidyTable:
        try:
            return TIDY_TABLES[self.kwargs["table"]]
        except KeyError as error:
            raise Http404 from error

    def known_parameters(self) -> set[str]:
        return set(self.table.parameters) if "table" in self.kwargs else super().known_parameters()

    @operation(
        "data_table",
        PUBLIC_ITEM,
        OpenApiTypes.BINARY,
        media_type="text/csv",
        filters=True,
        path_parameters=(PLAN_PARAMETER, TABLE_PARAMETER),
    )
    def get(self, request: Request, code: str, table: str) -> HttpResponseBase:
        scope = self.scope()
        with ExitStack() as on_failure:
            file = on_failure.enter_context(TemporaryFile())
            # The table is complete and of one state of the data, and a slow connection does not
            # hold the database.
            with consistent_read():
                TIDY_CSV.write(self.table.of(scope), file)
            file.seek(0)
            on_failure.pop_all()
        response = FileResponse(
            file,
            as_attachment=True,
            filename=f"{self.plan.code}-{self.table.name}.csv",
            content_type=TIDY_CSV.media_type,
        )
        package = reverse("api:data-package", args=[code], request=request)
        response.headers["Link"] = f'<{package}>; rel="describedby"; type="application/json"'
        return response
