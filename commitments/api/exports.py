"""Lists exported as files, at `export/` below the list."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from tempfile import TemporaryFile
from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse, HttpResponseBase
from django.utils.translation import gettext as _
from rest_framework.decorators import action
from rest_framework.request import Request

from commitments.addresses import path_to
from commitments.api.lists import ListView
from commitments.api.operations import PUBLIC_LIST, operation
from commitments.api.refusals import InvalidQuery, QueryCheck, parameter_error
from commitments.api.strict import FORMAT
from commitments.choices import METHODOLOGY, ErrorCode
from commitments.clocks import Clock
from commitments.db import consistent_read
from commitments.exports.columns import Cell, ColumnList, columns_in
from commitments.exports.tables import CSV_FORMAT, XLSX_FORMAT, FileFormat, PlanTerm, Table
from commitments.exports.workbook import Sheet, write_workbook
from commitments.filters import ClockedFilterSet
from commitments.ledger import format_utc
from commitments.models import Commitment, Plan, ProgressUpdate
from commitments.models.plans import languages_of
from commitments.texts.text import Text


@dataclass(frozen=True)
class Export:
    """A file format of a list; `name` becomes part of the file name. With `sheets`, it is a
    workbook for people instead of a table of the columns."""

    name: str
    columns: ColumnList
    file_format: FileFormat
    sheets: Sequence[Sheet] = ()


def export_operation(operation_id: str, exports: Mapping[str, Export]) -> Callable[[Any], Any]:
    """Return a decorator for the method of an `ExportedList` that answers at `export/` with one of
    these files."""
    files = (CSV_FORMAT, XLSX_FORMAT)
    described = operation(operation_id, PUBLIC_LIST, None, files=files, filters=True)
    routed = action(detail=False, formats=[*exports], required_parameters=(FORMAT,))
    return lambda view: described(routed(view))


class ExportedList(ListView):
    """A list that can be exported as a file. The file is generated in full, from one consistent
    state of the data, before it is sent: it is complete, and slow connections do not block the
    database."""

    exports: Mapping[str, Export]
    # Set by `FilterBackend`.
    filterset: ClockedFilterSet

    def known_parameters(self) -> set[str]:
        known = super().known_parameters()
        return known | set(self.filterset_class.base_filters) if self.action == "export" else known

    def query_checks(self, request: Request) -> Iterator[QueryCheck]:
        yield from super().query_checks(request)
        if self.action == "export" and FORMAT not in request.query_params:
            yield partial(self._requested_export, request)

    def rows(self, items: Iterable[Any], clock: Clock) -> Iterator[object]:
        """Return a row of the export for each item of the list."""
        raise NotImplementedError

    def exported(self, rows: QuerySet[Any]) -> Iterable[Any]:
        """Return these rows, each with what the columns of a file contain of it. They are read
        `ROWS_PER_QUERY` at a time, so that a file takes no more memory the longer it is."""
        raise NotImplementedError

    def in_full(self, ids: Sequence[int]) -> Iterable[Any]:
        """Return these rows, which the caller may see, in any order, with the values of their
        payload."""
        raise NotImplementedError

    def paginate_queryset(self, queryset: Any) -> list[Any]:
        """Select the ids of the page first, then read only those rows in full.

        Otherwise the database would compute what a payload needs for every row of the list.
        """
        page: Any = super().paginate_queryset(queryset.values("id"))
        ids = [row["id"] for row in page]
        found = {row.pk: row for row in self.in_full(ids)}
        return [found[pk] for pk in ids if pk in found]

    def selection(self, items: QuerySet[Any], clock: Clock) -> object:
        """Return what the sheets of a workbook read their rows from."""
        raise NotImplementedError

    def export_file(self, request: Request) -> HttpResponseBase:
        """Return everything that the filters select as a file of the format that is asked for."""
        return self._file(request, self._requested_export(request))

    def _requested_export(self, request: Request) -> Export:
        if FORMAT in request.query_params:
            return self.exports[request.query_params[FORMAT]]
        sentence = _("Choose one of the allowed formats.")
        error = parameter_error(FORMAT, sentence, ErrorCode.REQUIRED, [*self.exports])
        raise InvalidQuery([error])

    def _file(self, request: Request, export: Export) -> HttpResponseBase:
        selected = self.filter_queryset(self.get_queryset())
        clock = self.filterset.clock
        plans = self.selected_plans()
        with ExitStack() as on_failure:
            file = on_failure.enter_context(TemporaryFile())
            with consistent_read():
                about, texts = _provenance(request, clock), _terms(plans)
                languages = languages_of(plans)
                if export.sheets:
                    selection = self.selection(selected, clock)
                    write_workbook(export.sheets, selection, languages, about, texts, file)
                else:
                    columns = columns_in(export.columns, languages)
                    # No variable here holds the rows: after a failure their query would stay open.
                    export.file_format.write(
                        Table(columns, self.rows(self.exported(selected), clock), about, texts),
                        file,
                    )
            file.seek(0)
            on_failure.pop_all()
        return FileResponse(
            file,
            as_attachment=True,
            filename=_file_name(export, clock, plans),
            content_type=export.file_format.media_type,
        )

    def selected_plans(self) -> Sequence[Plan]:
        """Return the plans named in the query, or all."""
        named = self.filterset.named_plans
        return tuple(named or Plan.objects.visible_to(self.request.user).in_order())


def _file_name(export: Export, clock: Clock, plans: Sequence[Plan]) -> str:
    """Return a file name with the code of the plan, if there is only one, and the clock's date."""
    plan = plans[0] if len(plans) == 1 else None
    day = clock.day(plan.time_zone if plan else "UTC")
    return "-".join(
        [*([plan.code] if plan else []), export.name, f"{day}.{export.file_format.extension}"]
    )


def _provenance(request: Request, clock: Clock) -> dict[str, Cell]:
    return {
        "address": request.build_absolute_uri(),
        "written_at": format_utc(clock.now),
        "as_of": clock.as_of,
        "known_at": clock.known_at and format_utc(clock.known_at),
        "methodology": METHODOLOGY,
    }


def _terms(plans: Iterable[Plan]) -> dict[PlanTerm, Text]:
    """Return the titles, licences and notices of the plans."""
    return {
        PlanTerm(plan.code, name): getattr(plan, name)
        for plan in plans
        for name in ("title", "licence", "notice")
    }


def update_place(request: Request, update: ProgressUpdate) -> str:
    """Return the address of an update on its commitment's page."""
    return f"{page_of(request, update.commitment)}#update-{update.pk}"


def page_of(request: Request, commitment: Commitment) -> str:
    """Return the address of the commitment's page in the language of the request."""
    path = path_to("pages:commitment", commitment.plan.code, commitment.number)
    return request.build_absolute_uri(path)
