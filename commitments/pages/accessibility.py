"""The accessibility statement, after the model of the W3C."""

from __future__ import annotations

from collections import Counter
from datetime import date

from django.utils.translation import gettext as _

from commitments.pages.base import SitePage
from commitments.pages.wcag import SUCCESS_CRITERIA, Conformance

# When the results of `SUCCESS_CRITERIA` were last reviewed.
EVALUATED_ON = date(2026, 11, 30)


class AccessibilityPage(SitePage):
    template_name = "commitments/accessibility.html"

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        counts = Counter(criterion.result for criterion in SUCCESS_CRITERIA)
        return super().get_context_data(
            criteria=SUCCESS_CRITERIA,
            counts=[(result, counts[result]) for result in Conformance if counts[result]],
            open_points=[
                criterion
                for criterion in SUCCESS_CRITERIA
                if criterion.result in (Conformance.NOT_MET, Conformance.NOT_EVALUATED)
            ],
            evaluated_on=EVALUATED_ON,
            description=_("How accessible this site is, by each criterion of WCAG 2.2 A and AA."),
            **kwargs,
        )
