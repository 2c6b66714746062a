"""The methodology of a plan, generated from the definitions and functions that the code uses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.template.defaultfilters import floatformat
from django.utils.translation import gettext_lazy as _

from commitments import choices
from commitments.choices import (
    STATUS_RULES,
    CoverageGap,
    EventType,
    FindingResult,
    Freshness,
    Kind,
    Reading,
    Schedule,
    Source,
    Status,
)
from commitments.clocks import local_day
from commitments.links import checks
from commitments.models import Decision, ProgressUpdate
from commitments.pages.base import PlanPage
from commitments.rollups.agreement import Agreement, agreement
from commitments.workflow import following_statuses

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

SHOWN, IN_PART = FindingResult.SHOWN, FindingResult.IN_PART
NOT_SHOWN, AGAINST = FindingResult.NOT_SHOWN, FindingResult.AGAINST


@dataclass(frozen=True)
class FindingsCase:
    """An example of what an assessment may be based on: the results of its criteria, its evidence
    level, and whether there was an action in the period (for a deliverable: in two review
    intervals)."""

    found: StrOrPromise
    results: tuple[FindingResult, ...]
    level: int = 3
    acted: bool = True

    def statuses(self, kind: Kind) -> list[Status]:
        """Return the statuses that follow from the case, without those that are always allowed."""
        permitted = following_statuses(
            kind, self.results, level=self.level, acted=self.acted, stalled=not self.acted
        )
        return [status for status in permitted if not status.rule.free]


CASES = (
    FindingsCase(_("All criteria are shown"), (SHOWN, SHOWN)),
    FindingsCase(
        _("All are shown, but by statements of a party only"),
        (SHOWN, SHOWN),
        level=Source.STATEMENT.level,
    ),
    FindingsCase(_("More than half are shown"), (SHOWN, SHOWN, NOT_SHOWN)),
    FindingsCase(_("Some are shown or shown in part"), (IN_PART, NOT_SHOWN)),
    FindingsCase(
        _("Some are shown, but there was no action in the period"), (SHOWN, NOT_SHOWN), acted=False
    ),
    FindingsCase(_("None is shown"), (NOT_SHOWN, NOT_SHOWN)),
    FindingsCase(_("Sources show action against one"), (SHOWN, AGAINST)),
)


@dataclass(frozen=True)
class AgreementRow:
    """How far second raters agree with the authors on one item, for one kind."""

    kind: Kind
    compared: StrOrPromise
    found: Agreement

    @property
    def alpha(self) -> str:
        """Alpha to two decimals; "" if it is undefined."""
        return "" if self.found.alpha is None else floatformat(float(self.found.alpha), 2)


class MethodologyPage(PlanPage):
    template_name = "commitments/methodology.html"
    menu_entry = "methodology"

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        links = checks.count_checked(self.plan)
        return super().get_context_data(
            version=choices.METHODOLOGY,
            statuses=STATUS_RULES.items(),
            sources=list(Source),
            event_types=list(EventType),
            finding_results=list(FindingResult),
            cases=[
                (case.found, case.statuses(Kind.STANDING), case.statuses(Kind.DELIVERABLE))
                for case in CASES
            ],
            freshness_codes=list(Freshness),
            schedule_codes=list(Schedule),
            gaps=list(CoverageGap),
            readings=list(Reading),
            link_count=links["links"],
            checked_count=links["checked"],
            files=self._files(),
            agreements=self._agreements(),
            **kwargs,
        )

    def _agreements(self) -> list[AgreementRow]:
        """Return the agreement of second raters with the authors, where there are second
        ratings."""
        updates = ProgressUpdate.objects.under(self.clock, self.filterset.periods)
        kinds = agreement(updates.filter(commitment__plan=self.plan))
        return [
            AgreementRow(kind.kind, label, found)
            for kind in kinds
            if kind.status.units
            for label, found in (
                (_("Statuses"), kind.status),
                (_("Places on the scale of statuses"), kind.scale),
                (_("Criteria"), kind.findings),
            )
        ]

    def _files(self) -> list[dict[str, Any]]:
        """Return the files from which public updates were loaded, each with the day of loading."""
        files = Decision.objects.filter(plan=self.plan).import_files(self.clock)
        return [
            {**file._asdict(), "loaded_on": local_day(file.at, self.plan.time_zone)}
            for file in files
        ]
