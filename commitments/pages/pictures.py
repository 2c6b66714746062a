"""Pictures: the grid as a sheet, and the picture of a page where it is shared."""

from __future__ import annotations

import html
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from django.utils.html import strip_tags
from django.utils.translation import gettext as _

from commitments import rollups
from commitments.choices import Status
from commitments.filters import CommitmentFilter
from commitments.pages import charts
from commitments.pages.facets import active_filters, commitment_facets
from commitments.pages.grid import GridTable, Heading, Section, by_area
from commitments.pages.groups import MAX_LISTED
from commitments.pages.phrases import renewal_period
from commitments.pages.querystrings import CLOCKS, without_blanks
from commitments.pages.reuse import ReusedPage
from commitments.pages.rows import status_warnings
from commitments.pages.subjects import GROUP_SUBJECTS, PlanSubject, whole_plan
from commitments.pages.summary import sentence_of, summarise
from commitments.pictures.drawing import Drawing
from commitments.pictures.share import ShareBar, ShareCard, draw_share
from commitments.pictures.sheet import GridSheet, SheetCell, SheetLine, SheetSection, draw_sheet
from commitments.templatetags.pages import site
from commitments.templatetags.tracker import on_day
from commitments.texts.languages import reader_tag
from commitments.texts.lists import COMMAS, join_list


class PicturePage(ReusedPage):
    """A picture as SVG, or as PNG where the server has fonts for its words."""

    as_png = False

    def drawing(self) -> Drawing:
        raise NotImplementedError

    def answer(self) -> HttpResponse:
        drawing = self.drawing()
        if not self.as_png:
            return HttpResponse(drawing.svg(), content_type="image/svg+xml; charset=utf-8")
        if drawing.undrawable():
            return HttpResponse(
                self.why_not(), status=404, content_type="text/plain; charset=utf-8"
            )
        return HttpResponse(drawing.png(), content_type="image/png")

    def why_not(self) -> str:
        """Return the answer where the server has no fonts."""
        return _("This server has no fonts for the words of this picture.") + "\n"


class GridSheetPage(PicturePage):
    """The grid of the commitments that the filters of the list select, the first of them if they
    are many."""

    parameters = tuple(CommitmentFilter.base_filters)

    def drawing(self) -> Drawing:
        rows: list[Any] = list(self.listed)
        shown = rows[:MAX_LISTED]
        grid = self.grid(shown, self._heading) if shown else None
        return draw_sheet(
            GridSheet(
                title=self.plan.title.inline(),
                subject=self._subject(),
                sentence=sentence_of(summarise(rollups.total(rows), self.day)),
                explanation=self._explanation(grid, len(rows)),
                periods=grid.periods if grid else [],
                sections=[_section(part) for part in grid.sections] if grid else [],
                tones=grid.tones if grid else [],
                lapsed=_("Lapsed") if grid and grid.has_lapsed else "",
                source=self._source(),
                language=reader_tag(),
            )
        )

    def why_not(self) -> str:
        svg = self.request.build_absolute_uri().replace("/grid.png", "/grid.svg", 1)
        return f"{super().why_not()}{svg}\n"

    def _heading(self, commitment: Any) -> Heading | None:
        in_order = self.query.get("ordering", "number") == "number"
        return by_area(commitment) if in_order else None

    def _subject(self) -> list[str]:
        """Return the filters that are set, in words."""
        chosen = without_blanks(self.query)
        if not set(chosen) - {*CLOCKS, "ordering"}:
            return []
        facets = commitment_facets(self.plan, self.interval, chosen, only=set(chosen))
        found = active_filters(facets, chosen, exclude=["ordering"])
        return [html.unescape(strip_tags(row.label)) for row in found]

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
        if grid.has_lapsed:
            lapsed = _("Pale: not renewed %(renewal_period)s, so it counts as unknown.")
            sentences.append(lapsed % {"renewal_period": renewal_period(self.interval)})
        if n > MAX_LISTED:
            message = _("The first %(shown)s of %(n)s commitments.")
            sentences.append(message % {"shown": MAX_LISTED, "n": n})
        return " ".join(sentences)

    def _source(self) -> list[str]:
        filters = without_blanks(self.query)
        for name in CLOCKS:
            filters.pop(name, None)
        route = "pages:commitments" if filters else "pages:overview"
        address = self.addresses.of(route).partition("?")[0]
        query = without_blanks(self.query).urlencode()
        address = f"{address}?{query}".removesuffix("?").partition("://")[2]
        source = _("Source: %(site)s, %(address)s") % {"site": site().name, "address": address}
        licence = str(self.plan.licence)
        return [f"{source} · {self.dated()}", *([licence] if licence else [])]


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
    """The picture of a page about a plan, or about a part of it by the name of its route."""

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
                sentence=sentence_of(summarise(total, self.day)),
                bars=[_bar(bar) for bar in charts.bars(total, self.interval)],
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
                status=Status(row.assessment_status),
                warning=join_list(status_warnings(row), COMMAS),
                periods=grid.periods,
                cells=years.cells,
            )
        )
