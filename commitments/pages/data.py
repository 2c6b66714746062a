"""The data page of a plan: every download and feed, with a description of what it contains."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from commitments.api.data_packages import (
    ListedSnapshot,
    listed_snapshots,
    package_facts,
    table_path,
)
from commitments.choices import PeriodUnit, SubjectType
from commitments.clocks import years_before
from commitments.exports.documents.docx_file import DOCX_TYPE
from commitments.exports.tables import CSV_FORMAT, XLSX_FORMAT
from commitments.exports.tidy import TIDY_TABLES
from commitments.exports.tidy.linked_data import (
    CatalogueFacts,
    dcat_dataset,
    schema_org_dataset,
)
from commitments.exports.tidy.package import PackageFacts
from commitments.models import Decision
from commitments.pages.base import PlanPage, has_parts
from commitments.pages.feeds import MAX_FEED_ENTRIES
from commitments.pages.sharing import sheet_links
from commitments.pages.terms import terms_of
from commitments.rollups import GROUPINGS

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from commitments.texts.text import Text

# Characters that could end a script, or begin a comment in it.
SCRIPT_ESCAPES = {ord(character): f"\\u{ord(character):04X}" for character in "<>&"}
JSON_TYPE, ATOM_TYPE = "application/json", "application/atom+xml"
CSV_TYPE, XLSX_TYPE = (
    file_format.media_type.partition(";")[0] for file_format in (CSV_FORMAT, XLSX_FORMAT)
)
IMAGE_TYPES = {"SVG": "image/svg+xml", "PNG": "image/png"}
HTML_TYPE = "text/html"
REPORT_TYPES = {"docx": DOCX_TYPE, "xlsx": XLSX_TYPE}
# The part that a plan must have for each grouping; every plan has kinds.
PARTS_GROUPED = {"goal": "goals", "area": "areas", "forum": "forums", "office": "offices"}


def json_for_script(value: object) -> SafeString:
    """Return a value as JSON that is safe inside a `script` element."""
    text = json.dumps(value, ensure_ascii=False).translate(SCRIPT_ESCAPES)
    return mark_safe(text)  # noqa: S308 - it has no character of HTML left


@dataclass(frozen=True)
class Download:
    """A download: its address, the text of its link, and its media type."""

    label: Text | StrOrPromise
    address: str
    media_type: str


@dataclass(frozen=True)
class Dataset:
    """The downloads of one sort of thing: what they contain, and the files."""

    title: Text | StrOrPromise
    description: str
    downloads: list[Download]


@dataclass(frozen=True)
class DataSection:
    title: str
    datasets: list[Dataset]


class DataPage(PlanPage):
    """The downloads of a plan, under the reader's clocks where clocks apply."""

    template_name = "commitments/data.html"

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        # Reading `day` validates the clocks, so the addresses below have only valid parameters.
        since = years_before(self.day, 1)
        return super().get_context_data(
            sections=[
                DataSection(_("Commitments and updates"), list(self._record())),
                DataSection(_("Figures"), [*self._figures(since.isoformat()), self._report()]),
                DataSection(_("Plan"), self._plan_texts()),
                DataSection(_("Changes"), list(self._changes())),
                DataSection(_("Tables for programs"), list(self._tables())),
            ],
            snapshots=self._snapshots,
            linked_data=[] if self.plan.is_draft else self._linked_data(),
            site_address=self.request.build_absolute_uri(reverse("home")),
            **kwargs,
        )

    def _api(self, route: str, **query: str) -> str:
        """Return the address of an API route, limited to this plan."""
        return f"{reverse(f'api:{route}')}?{urlencode({'plan': self.plan.code, **query})}"

    def _json(self, route: str, **query: str) -> Download:
        return Download("JSON", self._api(route, **query), JSON_TYPE)

    def _files(self, name: str, **media_types: str) -> list[Download]:
        """Return the list as JSON and in each of these formats, under the reader's clocks."""
        clocks = self.clock_parameters
        files = [
            Download(code.upper(), self._api(f"{name}-export", **clocks, format=code), media_type)
            for code, media_type in media_types.items()
        ]
        return [*files, self._json(f"{name}-list", **clocks)]

    def _record(self) -> Iterator[Dataset]:
        yield Dataset(
            _("Commitments"),
            _(
                "One row for each commitment: its text, our reading of it, its dates, and its "
                "current assessment. XLSX is a workbook for people, with sheets of criteria, "
                "updates, sources and milestones; OGP has the columns of the Open Government "
                "Partnership."
            ),
            self._files("commitment", csv=CSV_TYPE, xlsx=XLSX_TYPE, ogp=CSV_TYPE),
        )
        yield Dataset(
            _("Updates"),
            _(
                "One row for each event or assessment on record, with its findings, its sources "
                "and the digest of its content. Withdrawn ones stay, without their text."
            ),
            self._files("update", csv=CSV_TYPE, xlsx=XLSX_TYPE),
        )
        if has_parts(self.plan, ["dates"]):
            yield Dataset(
                _("Milestones"),
                _("The dated steps of commitments, with the update by which each was met."),
                self._files("milestone"),
            )

    def _figures(self, since: str) -> list[Dataset]:
        clocks, code = self.clock_parameters, self.plan.code
        by_year = {"by": PeriodUnit.YEAR.value, **clocks}
        return [
            Dataset(
                _("Status"),
                _("How many commitments count as what, in total and by group."),
                [
                    Download(_("Total"), self._api("status", **clocks), JSON_TYPE),
                    *(
                        Download(label, self._api("status", group_by=name, **clocks), JSON_TYPE)
                        for name, label in self._groupings()
                    ),
                ],
            ),
            Dataset(
                _("Counts by year"),
                _(
                    "The same at the end of each year. by=quarter and by=month select shorter "
                    "periods."
                ),
                [
                    Download(
                        "CSV", self._clocked(reverse("pages:time-file", args=[code])), CSV_TYPE
                    ),
                    self._json("trend", **by_year),
                    *self._pictures("years"),
                ],
            ),
            Dataset(
                _("Status of each commitment by year"),
                _("What the grid on these pages shows: status, findings and number of events."),
                [self._json("grid", **by_year), *self._pictures("grid")],
            ),
            Dataset(
                _("Compare with a year ago"),
                _("How each commitment changed between two dates; from= sets the first."),
                [self._json("compare", **{"from": since}, **clocks)],
            ),
        ]

    def _report(self) -> Dataset:
        """Return the report on a period, with the page on which to choose the period."""
        code = self.plan.code
        return Dataset(
            _("Report on a period"),
            _(
                "What happened in a quarter, a year or any days: figures, changes, events with "
                "their sources, sentences to quote, and what is not known."
            ),
            [
                Download(
                    _("Choose a period"),
                    self._clocked(reverse("pages:report", args=[code])),
                    HTML_TYPE,
                ),
                *(
                    Download(
                        extension.upper(),
                        self._clocked(reverse(f"pages:report-{extension}", args=[code])),
                        media_type,
                    )
                    for extension, media_type in REPORT_TYPES.items()
                ),
            ],
        )

    def _tables(self) -> Iterator[Dataset]:
        package = reverse("api:data-package", args=[self.plan.code])
        yield Dataset(
            _("Data Package"),
            _("The types, keys and codes of all columns, for programs that read such packages."),
            [Download("datapackage.json", self._clocked(package), JSON_TYPE)],
        )
        for table in TIDY_TABLES.values():
            path = table_path(self.plan, table, self.clock_parameters)
            download = Download(f"{table.name}.csv", path, CSV_TYPE)
            yield Dataset(table.title, str(table.description), [download])

    @property
    def _facts(self) -> PackageFacts:
        return package_facts(self.request, self.plan, self.now)

    @cached_property
    def _snapshots(self) -> list[ListedSnapshot]:
        return listed_snapshots(self.request, self._facts)

    def _linked_data(self) -> list[SafeString]:
        """Return the descriptions of the tables for catalogues, as JSON-LD."""
        facts, tables, more = self._facts, TIDY_TABLES.values(), self._catalogue_facts()
        nodes = schema_org_dataset(facts, tables, more), dcat_dataset(facts, tables, more)
        return [json_for_script(node) for node in nodes]

    def _catalogue_facts(self) -> CatalogueFacts:
        """Return the facts that catalogues need in addition to the package; two queries."""

        def address(route: str, *args: str) -> str:
            return self.request.build_absolute_uri(reverse(route, args=args))

        first = self.plan.decisions.public().order_by("seq").first()
        latest = Decision.objects.on_plans([self.plan]).latest_public(self.now).first()
        return CatalogueFacts(
            package=address("api:data-package", self.plan.code),
            service=address("api:index"),
            service_description=address("api:schema"),
            snapshots=tuple((row.snapshot, row.url) for row in self._snapshots if row.url),
            issued=first.at if first else None,
            # Rows that plans share may have changed before this plan was public.
            modified=latest.at if first and latest else None,
        )

    def _clocked(self, address: str) -> str:
        clocks = urlencode(self.clock_parameters)
        return f"{address}?{clocks}" if clocks else address

    def _pictures(self, sheet: str) -> list[Download]:
        return [
            Download(name, self._clocked(address), IMAGE_TYPES[name])
            for name, address in sheet_links(self.plan, sheet)
        ]

    def _groupings(self) -> Iterator[tuple[str, Text | StrOrPromise]]:
        """Yield each grouping that the plan has, with the plan's word for its groups."""
        terms = terms_of(self.plan)
        labels: dict[str, Text | StrOrPromise] = {
            **{name: term.many for name, term in terms.items()},
            "office": _("Offices"),
            "kind": _("Kind"),
        }
        for name in GROUPINGS:
            if name not in PARTS_GROUPED or has_parts(self.plan, [PARTS_GROUPED[name]]):
                yield name, labels[name]

    def _plan_texts(self) -> list[Dataset]:
        code = self.plan.code
        terms = terms_of(self.plan)
        lists = [
            Download(term.many, self._api(f"{name}-list"), JSON_TYPE)
            for name, term in terms.items()
            if has_parts(self.plan, [PARTS_GROUPED[name]])
        ]
        if has_parts(self.plan, ["offices"]):
            lists.append(Download(_("Offices"), reverse("api:office-list"), JSON_TYPE))
        contents = urlencode({"type": SubjectType.PLAN.value, "key": code})
        return [
            Dataset(
                _("Plan and its parts"),
                _("Titles, texts and codes in every language of the plan."),
                [Download(_("Plan"), reverse("api:plan-detail", args=[code]), JSON_TYPE), *lists],
            ),
            Dataset(
                _("Recorded contents"),
                _(
                    "Every version that the ledger recorded of the plan, in the form of a plan "
                    "file. The same address without filters has those of commitments, goals, "
                    "forums and offices."
                ),
                [Download("JSON", f"{reverse('api:content-list')}?{contents}", JSON_TYPE)],
            ),
            Dataset(
                _("Codes"),
                _("The meaning of every code, in each language of the interface."),
                [Download("JSON", reverse("api:codes"), JSON_TYPE)],
            ),
        ]

    def _changes(self) -> Iterator[Dataset]:
        if not self.plan.is_draft:
            yield Dataset(
                _("Atom feed of changes"),
                _(
                    "The latest %(n)s changes. Every goal, forum and commitment has a feed of its "
                    "own."
                )
                % {"n": MAX_FEED_ENTRIES},
                [Download("Atom", reverse("pages:changes-feed", args=[self.plan.code]), ATOM_TYPE)],
            )
        yield Dataset(
            _("Public changes"),
            _("Everything published, corrected, withdrawn or edited, oldest first."),
            [self._json("changes")],
        )
