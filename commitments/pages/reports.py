"""The report on a period: the page, and the files to hand in."""

from __future__ import annotations

import html
from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any

from django import forms
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import strip_tags
from django.utils.http import content_disposition_header
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from commitments.addresses import path_to
from commitments.choices import PeriodUnit
from commitments.clocks import local_day, parse_datetime
from commitments.exports.documents.blocks import TextDocument
from commitments.exports.documents.docx_file import DOCX_TYPE, write_docx
from commitments.exports.documents.packages import write_package
from commitments.exports.period_report import ReportBook, write_report_workbook
from commitments.exports.tables import XLSX_FORMAT
from commitments.form_fields import IsoDateField, iso_day
from commitments.models import Evidence
from commitments.pages.base import PlanPage, ignored_notice
from commitments.pages.changes import change_entries
from commitments.pages.facets import (
    CLOCK_INDEPENDENT,
    Facet,
    active_filters,
    commitment_facets,
)
from commitments.pages.lasting import lasting_address_of
from commitments.pages.querystrings import CLOCKS, without_blanks
from commitments.pages.report_lines import ReportAddresses
from commitments.pages.report_words import ReportWords, adoption_notice, report_quotation
from commitments.reports import (
    PeriodReport,
    ReportPeriod,
    last_full_quarter,
    period_presets,
    read_period_report,
)
from commitments.reports.period import start_of_unit
from commitments.texts.languages import best_match, interface_tag, interface_tags

PERIOD_FIELDS = ("from", "to")
# Parameters besides filters and clocks. `languages` affects files only.
NOT_FILTERS = (*PERIOD_FIELDS, "languages")
# The value of `languages` that asks for every language.
ALL_LANGUAGES = "all"


class PeriodForm(forms.Form):
    """The first and last day of the period, both optional. `today` is the latest day allowed,
    `last` the one on which the period ends if that is not given."""

    def __init__(self, data: QueryDict, today: date, last: date) -> None:
        super().__init__(data)
        self.today, self.last = today, last
        for name in PERIOD_FIELDS:
            self.fields[name] = IsoDateField(required=False)

    def clean_to(self) -> date | None:
        day: date | None = self.cleaned_data["to"]
        if day is not None and day > self.today:
            message = _("This date is in the future; today is %(day)s.")
            raise forms.ValidationError(message % {"day": self.today})
        return day

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        first, last = data.get("from"), data.get("to") or self.last
        if first is not None and "to" not in self.errors and first > last:
            self.add_error("from", _("The first day is after the last."))
        return data


@dataclass(frozen=True)
class PeriodPreset:
    """A period that the page offers as a link."""

    label: str
    address: str
    is_chosen: bool


class ReportPage(PlanPage):
    """What happened in a period to the commitments that the filters select. Only filters that
    select the same commitments on any date are understood.

    `from` and `to` are the first and the last day. `to` sets the clock as `as_of` does, and
    overrides it. If neither they nor `as_of` are given, the period is the last complete quarter.
    Otherwise it ends on the day of the clock and, without `from`, begins with the quarter in which
    it ends.
    """

    template_name = "commitments/report.html"
    menu_entry = "time"
    parameters: tuple[str, ...] = (*CLOCKS, *CLOCK_INDEPENDENT, *NOT_FILTERS)

    @cached_property
    def today(self) -> date:
        return local_day(self.now, self.plan.time_zone)

    @cached_property
    def period_form(self) -> PeriodForm:
        data = without_blanks(self.request.GET)
        last = self._latest_day(data)
        as_of = iso_day(data.get("as_of", "")) or last
        form = PeriodForm(data, self.today, min(as_of, last))
        form.full_clean()
        return form

    @cached_property
    def query(self) -> QueryDict:
        """The query parameters, with `as_of` in place of `to`."""
        query: QueryDict = super().query
        self.notices.extend(self._ambiguities())
        first, last = (self.period_form.cleaned_data.get(name) for name in PERIOD_FIELDS)
        query.pop("to", None)
        if last is not None:
            query["as_of"] = last.isoformat()
        elif first is None and "as_of" not in query:
            query["as_of"] = last_full_quarter(self._latest_day(query)).last.isoformat()
        return query

    def _ambiguities(self) -> Iterator[str]:
        """Yield notices about days that are given more than once."""
        given = without_blanks(self.request.GET)
        for name in (*PERIOD_FIELDS, "as_of"):
            if len(set(given.getlist(name))) > 1:
                message = _("“%(name)s” is given more than once; only the last value counts.")
                yield message % {"name": name}
        if "to" in given and given.get("as_of", given["to"]) != given["to"]:
            yield ignored_notice("as_of", _("The last day is given by “to”."))

    def _latest_day(self, query: QueryDict) -> date:
        """Return the day of `known_at`, else today."""
        known_at = parse_datetime(query.get("known_at", ""))
        return local_day(min(known_at or self.now, self.now), self.plan.time_zone)

    @cached_property
    def period(self) -> ReportPeriod:
        last = self.day
        given: date | None = self.period_form.cleaned_data.get("from")
        return ReportPeriod(given or start_of_unit(last, PeriodUnit.QUARTER), last)

    @cached_property
    def report(self) -> PeriodReport | None:
        """The report; None if the days are invalid, in which case the form shows the errors."""
        if self.period_form.errors:
            return None
        return read_period_report(
            self.filterset.commitments,
            self.plan,
            self.period,
            self.clock,
            self.filterset.periods,
        )

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        self._say_what_files_have()
        report = self.report
        facets = self._facets(CLOCK_INDEPENDENT)
        return super().get_context_data(
            document=report and self.document(report),
            period=self.period if report else None,
            errors=self.period_form.errors,
            given={name: self._given_day(name) for name in PERIOD_FIELDS},
            presets=self._presets(),
            facets=[row for row in facets if row.name in SELECTABLE],
            active_filters=active_filters(facets, self.query, exclude=NOT_FILTERS),
            files=self._files() if report else [],
            **kwargs,
        )

    def _say_what_files_have(self) -> None:
        """Add a notice that all languages are in the files, if the query asks for them."""
        asked = self.query.pop("languages", None)
        if asked == [ALL_LANGUAGES]:
            message = _(
                "This page is in one language; all languages stand side by side in the files."
            )
            self.notices.append(message)
        elif asked:
            message = _("The only value is “%(value)s”.") % {"value": ALL_LANGUAGES}
            self.notices.append(ignored_notice("languages", message))

    def document(self, report: PeriodReport) -> TextDocument:
        """Return the report as a document in the active language."""
        # Only facets that are set need their options.
        filters = active_filters(self._facets(set(self.query)), self.query, exclude=NOT_FILTERS)
        return ReportWords(
            report,
            self._addresses(report),
            [html.unescape(strip_tags(row.label)) for row in filters],
            self.plan.commitments.in_plan_by(self.clock).count()
            if filters
            else len(report.commitments),
            change_entries(report.corrections, self.plan, self.clock),
        ).document()

    def _facets(self, names: Container[str]) -> list[Facet]:
        """Return the facets; only those with these names have options."""
        return commitment_facets(self.parts, self.interval, self.query, only=names)

    def _given_day(self, name: str) -> str:
        """Return a day for the form: as it was given, or else that of the report."""
        given = self.request.GET.get(name)
        if given:
            return given
        if self.period_form.errors:
            return ""
        return (self.period.first if name == "from" else self.period.last).isoformat()

    def _presets(self) -> list[PeriodPreset]:
        labels = {
            "quarter": _("This quarter"),
            "last_quarter": _("Last quarter"),
            "year": _("This year"),
            "last_year": _("Last year"),
        }
        shown = None if self.period_form.errors else self.period
        return [
            PeriodPreset(labels[name], f"?{self._query_for(period).urlencode()}", period == shown)
            for name, period in period_presets(self.today).items()
        ]

    def _query_for(self, period: ReportPeriod) -> QueryDict:
        """Return the query that selects the same commitments for another period."""
        query = without_blanks(self.query)
        for name in ("as_of", "languages"):
            query.pop(name, None)
        query["from"], query["to"] = period.first.isoformat(), period.last.isoformat()
        return query

    def _files(self) -> list[tuple[str, str]]:
        """Return (label, address) for each file, in the reader's language and in all languages."""
        base = self._query_for(self.period).urlencode()
        files = []
        for extension in FILES:
            address = reverse(f"pages:report-{extension}", args=[self.plan.code])
            files.append((extension.upper(), f"{address}?{base}"))
            if len(self.editions) > 1:
                label = _("%(format)s in all languages") % {"format": extension.upper()}
                files.append((label, f"{address}?{base}&languages={ALL_LANGUAGES}"))
        return files

    @property
    def editions(self) -> list[str]:
        """The codes of the interface languages in which the plan has texts, the reader's first; if
        there are none, that of the reader's."""
        current = str(get_language())
        tags = interface_tags()
        matching = [
            code
            for code in map(str.lower, tags)
            if best_match(interface_tag(code), self.plan.languages)
        ]
        return sorted(matching, key=lambda code: code != current) or [current]

    def _addresses(self, report: PeriodReport) -> ReportAddresses:
        request, day = self.request, report.period.last
        entry = report.latest_entry.seq if report.latest_entry else 0
        nothing = QueryDict()

        def commitment(row: Any) -> str:
            path = path_to("pages:commitment", self.plan.code, row.number)
            return lasting_address_of(request, path, nothing, day, entry)

        def source(piece: Evidence) -> str:
            return request.build_absolute_uri(path_to("source", piece.pk))

        query = self._query_for(self.period)
        query.pop("to")
        path = reverse("pages:report", args=[self.plan.code])
        address = lasting_address_of(request, path, query, day, entry)
        return ReportAddresses(address, commitment, source, request.build_absolute_uri)


# The facets of the form. The others are understood in addresses only.
SELECTABLE = ("kind", "goal", "area", "forum", "office")


class ReportFile(ReportPage):
    """The report as a file, in the reader's language or, with `languages=all`, in all. Because a
    file has no room for notices, a query with a mistake redirects to the page, which says what is
    wrong."""

    extension = ""

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        return {}

    def render_to_response(self, context: object, **kwargs: object) -> HttpResponse:
        report = self.report
        in_languages = self.query.get("languages", ALL_LANGUAGES)
        if report is None or self.notices or in_languages != ALL_LANGUAGES:
            query = self.request.GET.urlencode()
            return redirect(f"{reverse('pages:report', args=[self.plan.code])}?{query}")
        codes = self.editions if "languages" in self.query else [str(get_language())]
        file = BytesIO()
        # Names and headings of sheets are in the first of the languages.
        with override(codes[0]):
            self.write(report, codes, file)
        response = HttpResponse(file.getvalue(), content_type=FILES[self.extension])
        response["Content-Disposition"] = content_disposition_header(True, self._name(codes))
        return response

    def write(self, report: PeriodReport, codes: list[str], file: BytesIO) -> None:
        """Write the report in these languages of the interface, given by their codes."""
        raise NotImplementedError

    def documents(self, report: PeriodReport, codes: list[str]) -> list[TextDocument]:
        """Return the report as one document for each of these languages."""
        documents = []
        for code in codes:
            with override(code):
                documents.append(self.document(report))
        return documents

    def _name(self, codes: list[str]) -> str:
        days = f"{self.period.first}-{self.period.last}"
        return f"{self.plan.code}-report-{days}-{'-'.join(codes)}.{self.extension}"


class ReportDocx(ReportFile):
    """The report as DOCX."""

    extension = "docx"

    def write(self, report: PeriodReport, codes: list[str], file: BytesIO) -> None:
        write_docx(self.documents(report, codes), file)


class ReportXlsx(ReportFile):
    """The facts of the report as a workbook."""

    extension = "xlsx"

    def write(self, report: PeriodReport, codes: list[str], file: BytesIO) -> None:
        addresses, packed = self._addresses(report), BytesIO()

        def sentence(row: Any) -> str:
            return report_quotation(report, row, addresses.commitment(row))

        book = ReportBook(
            report,
            addresses.report,
            addresses.commitment,
            addresses.source,
            sentence,
            notice=adoption_notice(report),
        )
        [document, *_others] = self.documents(report, codes[:1])
        write_report_workbook(book, document.title, codes, packed)
        write_package(packed, document.at, file)


# The formats by file extension, with their media types.
FILES = {"docx": DOCX_TYPE, "xlsx": XLSX_FORMAT.media_type}
