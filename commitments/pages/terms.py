"""The words that a plan uses for its goals, areas and forums."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from commitments.models import Plan
from commitments.texts.text import Text, sentence_html

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

DEFAULT_TERMS = {
    "goal": (_("Strategic goal"), _("Strategic goals")),
    "area": (_("Action area"), _("Action areas")),
    "forum": (_("Partner forum"), _("Partner forums")),
}


# How one of them is headed. A plan's own term needs a space before the number in every language.
DEFAULT_HEADINGS = {
    "goal": _("Strategic goal %(number)s: %(title)s"),
    "area": _("Action area %(number)s: %(title)s"),
}
OWN_HEADING = _("%(term)s %(number)s: %(title)s")


@dataclass(frozen=True)
class Term:
    """The singular and plural of a term. `is_own` says whether it is the plan's own word. `heading`
    is the format for one that has a number."""

    one: Text | StrOrPromise
    many: Text | StrOrPromise
    is_own: bool = False
    heading: StrOrPromise = OWN_HEADING

    def numbered(self, number: str, title: Text | str) -> SafeString:
        """Return the heading of one of them as HTML: “Strategic goal 2: Order based on rules”."""
        names = {"term": str(self.one), "number": number, "title": title}
        return sentence_html(str(self.heading), names)

    def or_else(self, default: StrOrPromise) -> Text | StrOrPromise:
        """Return the plan's own word in the singular, or the default if it has none."""
        return self.one if self.is_own else default


def terms_of(plan: Plan) -> dict[str, Term]:
    """Return the terms for `goal`, `area` and `forum`: the plan's own, or else the tracker's."""
    return {name: _term(plan, name) for name in DEFAULT_TERMS}


def _term(plan: Plan, name: str) -> Term:
    if name not in plan.words:
        return Term(*DEFAULT_TERMS[name], heading=DEFAULT_HEADINGS.get(name, OWN_HEADING))
    one, many = (Text(plan.words[name][form]).ordered(plan.languages) for form in ("one", "many"))
    return Term(one, many, is_own=True)
