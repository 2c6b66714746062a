"""Pictures: the grid and status by year as sheets, and the picture of a page for sharing."""

from __future__ import annotations

import html
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from django.utils.html import strip_tags
from django.utils.translation import gettext as _

from commitments import rollups
from commitments.choices import PeriodUnit, Status, Tone
from commitments.filters import CommitmentFilter
from commitments.pages import charts
from commitments.pages.base import plan_notice
from commitments.pages.facets import CLOCK_INDEPENDENT, active_filters, commitment_facets
from commitments.pages.grid import GridTable, Heading, Section, by_area
from commitments.pages.groups import MAX_LISTED
from commitments.pages.querystrings import CLOCKS, without_blanks
from commitments.pages.reuse import ReusedPage
from commitments.pages.rows import status_warnings
from commitments.pages.subjects import GROUP_SUBJECTS, PlanSubject, whole_plan
from commitments.pages.summary import summarise
from commitments.pictures.drawing import Drawing
from commitments.pictures.framing import SheetCell, SheetWords
from commitments.pictures.share import ShareBar, ShareCard, draw_share
from commitments.pictures.sheet import GridSheet, SheetLine, SheetSection, draw_sheet
from commitments.pictures.years import YearColumn, YearPart, YearsPanel, YearsSheet, draw_years
from commitments.rollups.trend import trend_periods
from commitments.templatetags.pages import site
from commitments.templatetags.tracker import on_day
from commitments.texts.languages import reader_tag
from commitments.texts.lists import COMMAS, join_list, join_sentences
from commitments.texts.phrases import sentence_of

# The years for which there is room, with numbers beside the columns.
MAX_YEARS = 20


class PicturePage(ReusedPage):
    """A picture as SVG, or as PNG if the server has fonts for its text."""

    as_png = False

    def drawing(self) -> Drawing:
        raise NotImplementedError

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        drawing = self.drawing()
        if not self.as_png:
            return HttpResponse(drawing.svg(), content_type="image/svg+xml; charset=utf-8")
        if drawing.undrawable():
            return HttpResponse(
                self.why_not(), status=404, content_type="text/plain; charset=utf-8"
            )
        return HttpResponse(drawing.png(), content_type="image/png")

    def notice(self) -> str:
        """Return the first paragraph of the plan's notice; "" if it has none."""
        notice = plan_notice(self.plan)
        return notice.first if notice else ""

    def why_not(self) -> str:
        """Return the response if the server lacks the fonts."""
        return _("This server has no fonts for the words of this picture.") + "\n"


class FiguresPage(PicturePage):
    """A chart of the commitments that filters select, with a headline, a legend and the source."""

    # The pages that show the same content, with filters and without.
    shown_on = ("pages:commitments", "pages:overview")

    def text(self, rows: list[Any], explanation: str) -> SheetWords:
        return SheetWords(
            title=self.plan.title.inline(),
            subject=self._subject(),
            sentence=sentence_of(summarise(rollups.total(rows), self.day)),
            explanation=explanation,
            source=self._source(),
            language=reader_tag(),
        )

    def why_not(self) -> str:
        svg = self.request.build_absolute_uri().replace(".png", ".svg", 1)
        return f"{super().why_not()}{svg}\n"

    def _subject(self) -> list[str]:
        """Return the labels of the filters that are set."""
        chosen = without_blanks(self.query)
        if not set(chosen) - {*CLOCKS, "ordering"}:
            return []
        facets = commitment_facets(
            self.parts, self.interval, chosen, only=set(chosen), for_labels=True
        )
        found = active_filters(facets, chosen, exclude=["ordering"])
        return [html.unescape(strip_tags(row.label)) for row in found]

    def _source(self) -> list[str]:
        filters = without_blanks(self.query)
        for name in CLOCKS:
            filters.pop(name, None)
        with_filters, without = self.shown_on
        address = self.addresses.of(with_filters if filters else without).partition("?")[0]
        query = without_blanks(self.query).urlencode()
        address = f"{address}?{query}".removesuffix("?").partition("://")[2]
        source = _("Source: %(site)s, %(address)s") % {"site": site().name, "address": address}
        lines = [f"{source} · {self.dated()}", str(self.plan.licence), self.notice()]
        return [line for line in lines if line]


class GridSheetPage(FiguresPage):
    """The grid of the commitments that the filters of the list select. If there are many, it shows
    only the first ones."""

    parameters = tuple(CommitmentFilter.base_filters)

    def drawing(self) -> Drawing:
        rows: list[Any] = list(self.listed)
        shown = rows[:MAX_LISTED]
        grid = self.grid(shown, self._heading) if shown else None
        return draw_sheet(
            GridSheet(
                text=self.text(rows, self._explanation(grid, len(rows))),
                periods=grid.periods if grid else [],
                sections=[_section(part) for part in grid.sections] if grid else [],
                tones=grid.tones if grid else [],
                lapsed=_("Lapsed") if grid and grid.has_lapsed else "",
            )
        )

    def _heading(self, commitment: Any) -> Heading | None:
        in_order = self.query.get("ordering", "number") == "number"
        return by_area(commitment) if in_order else None

    def _explanation(self, grid: GridTable | None, n: int) -> str:
        if grid is None:
            return ""
        sentences = [
            _(
                "Each commitment's status at the end of each year, the last on %(day)s. "
                "Numbers: events on record in that year."
            )
            % {"day": on_day(self.day)}
        ]
        if grid.has_partial:
            sentences.append(_("Stronger colour and longer line: more of its criteria are shown."))
        if grid.has_lapsed:
            sentences.append(_("Pale: lapsed, so it counts as unknown."))
        if n > MAX_LISTED:
            message = _("The first %(shown)s of %(n)s commitments.")
            sentences.append(message % {"shown": MAX_LISTED, "n": n})
        return join_sentences(sentences)


class YearsSheetPage(FiguresPage):
    """Status by year of the commitments selected by filters that do not depend on the date. If
    there are many years, it shows only the last ones."""

    parameters = (*CLOCKS, *CLOCK_INDEPENDENT)
    shown_on = ("pages:time", "pages:time")

    def drawing(self) -> Drawing:
        rows: list[Any] = list(self.listed)
        kinds = {row.pk: row.kind for row in rows}
        record = self.read_record(kinds)
        years = trend_periods(kinds, record, self.plan, PeriodUnit.YEAR, self.day)
        found = charts.series(years[-MAX_YEARS:], {}, self.interval) if rows else []
        tones = {tone for kind in found for tone in kind.tones}
        lapsed = any(kind.has_lapsed for kind in found)
        return draw_years(
            YearsSheet(
                text=self.text(rows, self._explanation(lapsed, len(years)) if found else ""),
                panels=[_panel(kind) for kind in found],
                tones=[tone for tone in Tone if tone in tones],
                lapsed=_("of which lapsed") if lapsed else "",
            )
        )

    def _explanation(self, lapsed: bool, n: int) -> str:
        sentences = [
            _("Number of commitments by status at the end of each year, the last on %(day)s.")
            % {"day": on_day(self.day)}
        ]
        if lapsed:
            sentences.append(_("Pale: lapsed, so it counts as unknown."))
        if n > MAX_YEARS:
            message = _("The last %(shown)s of %(n)s years.")
            sentences.append(message % {"shown": MAX_YEARS, "n": n})
        return join_sentences(sentences)


def _panel(series: charts.Series) -> YearsPanel:
    columns = [
        YearColumn(
            column.name,
            [YearPart(part.tone, part.count, part.lapsed) for part in column.bar.segments],
        )
        for column in series.columns
    ]
    return YearsPanel(f"{series.kind.label} · {series.count}", columns)


def _section(section: Section) -> SheetSection:
    heading = section.heading
    title = "" if heading is None else f"{heading.area or ''} {heading.title}".strip()
    return SheetSection(
        title,
        [
            SheetLine(
                row.commitment.number,
                row.commitment.title.inline(),
                [
                    SheetCell(cell.tone, cell.shade, cell.has_lapsed, cell.events)
                    for cell in row.cells
                ],
                Status(row.commitment.status),
                " · ".join(row.commitment.warnings),
            )
            for row in section.rows
        ],
    )


def _bar(bar: charts.Bar) -> ShareBar:
    values = {"list": bar.kind.label, "value": bar.alt}
    caption = _("%(list)s: %(value)s") % values
    return ShareBar(caption, [(part.tone, part.count) for part in bar.segments])


class SharePicturePage(PicturePage):
    """The sharing picture of a page about a plan, or about the part of it that the address
    names."""

    as_png = True
    group = ""

    def drawing(self) -> Drawing:
        subject = self.subject
        rows: list[Any] = list(subject.members(self.listed))
        total = rollups.total(rows)
        return draw_share(
            ShareCard(
                kicker=subject.kicker,
                title=subject.title.inline(),
                site=site().name,
                # The sentence begins with the day.
                day=self.dated() if self.clock.known_at else "",
                language=reader_tag(),
                notice=self.notice(),
                sentence=sentence_of(summarise(total, self.day)),
                bars=[_bar(bar) for bar in charts.bars(total, self.interval, self.day)],
            )
        )

    @cached_property
    def subject(self) -> PlanSubject:
        if not self.group:
            return whole_plan(self.plan)
        [name] = [value for key, value in self.kwargs.items() if key != "plan"]
        return GROUP_SUBJECTS[self.group](self.plan, name)


class CommitmentSharePicture(SharePicturePage):
    def drawing(self) -> Drawing:
        row: Any = get_object_or_404(self.listed, number=self.kwargs["number"])
        grid = self.grid([row])
        [section] = grid.sections
        [years] = _section(section).rows
        return draw_share(
            ShareCard(
                kicker=f"{self.plan.title.inline()} · {row.number}",
                title=row.title.inline(),
                site=site().name,
                day=self.dated(),
                language=reader_tag(),
                notice=self.notice(),
                status=Status(row.assessment_status),
                warning=join_list(status_warnings(row), COMMAS),
                periods=grid.periods,
                cells=years.cells,
            )
        )
