"""The search pages: of one plan, and of all plans of the site."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.forms import ValidationError
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from commitments.choices import HitKind
from commitments.clocks import Clock
from commitments.filters import CommitmentFilter
from commitments.form_fields import SearchTermsField
from commitments.models import Plan
from commitments.pages.base import PlanPage, ignored_notice
from commitments.pages.hits import Hit, HitPresenter
from commitments.pages.public import PublicPage
from commitments.pages.querystrings import CLOCKS, only
from commitments.roles import ANONYMOUS
from commitments.search import RecordSearch
from commitments.texts.lists import ITEMS, join_list
from commitments.texts.search_terms import SearchTerm

PARAMETERS = ("q", "type", "page")
# Hits of each kind where all kinds are shown. Where one kind is shown, all its hits are, in pages.
HITS_PER_KIND = 5
HITS_PER_PAGE = 20


@dataclass(frozen=True)
class HitList:
    """The hits of one kind that are shown, out of `count`."""

    kind: HitKind
    count: int
    hits: list[Hit]

    @property
    def has_more(self) -> bool:
        return self.count > len(self.hits)


@dataclass(frozen=True)
class SearchForm:
    """What a query asks for, and notices about what is wrong with it."""

    query: str
    terms: list[SearchTerm]
    kind: HitKind | None
    notices: list[str]

    @property
    def other_names(self) -> list[str]:
        """Other names that are searched for too, if the query gives the name of a forum."""
        names = [name for term in self.terms if term.is_name for name in term.spellings]
        return [name for name in names if name.casefold() not in self.query.casefold()]


def search_form(query: QueryDict) -> SearchForm:
    """Return what a query string asks for."""
    terms: list[SearchTerm] = []
    notices = []
    words = query.get("q", "")
    try:
        terms = SearchTermsField(required=False).clean(words)
    except ValidationError as error:
        notices += error.messages
    given = query.get("type", "")
    kind = HitKind(given) if given in HitKind.values() else None
    if given and kind is None:
        allowed = _("Choose one of: %(codes)s.") % {"codes": join_list(HitKind.values(), ITEMS)}
        notices.append(ignored_notice("type", allowed))
    return SearchForm(words, terms, kind, notices)


def search_context(
    form: SearchForm, search: RecordSearch, clocks: Mapping[str, str], page: str | None
) -> dict[str, object]:
    """Return the template context: `lists` of hits, and the number of hits of each kind in
    `counts`. If the query asks for one kind, `page` has its pages."""
    if not form.terms:
        return {"form": form, "counts": [], "lists": [], "page": None}
    present = HitPresenter(search, clocks)
    counts = [(kind, n) for kind, n in search.counts.items() if n]
    chosen: Page[Any] | None = None
    if form.kind is not None:
        chosen = Paginator(search.hits(form.kind), HITS_PER_PAGE).get_page(page)
        lists = [HitList(form.kind, chosen.paginator.count, present.hits(form.kind, chosen))]
    else:
        lists = [
            HitList(kind, n, present.hits(kind, search.hits(kind)[:HITS_PER_KIND]))
            for kind, n in counts
        ]
    return {"form": form, "counts": counts, "lists": lists, "page": chosen}


class PlanSearchPage(PlanPage):
    """A search of the record of a plan, under the reader's clocks."""

    template_name = "commitments/search.html"
    parameters = (*CLOCKS, *PARAMETERS)

    @cached_property
    def filterset(self) -> CommitmentFilter:
        """The filter set of the clocks alone."""
        return self.valid_filterset(lambda query: self.commitments_by(only(query, CLOCKS)))

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        form = search_form(self.query)
        search = RecordSearch(form.terms, [self.plan], self.clock, self.filterset.periods)
        found = search_context(form, search, self.clock_parameters, self.query.get("page"))
        self.notices.extend(form.notices)
        return super().get_context_data(**found, **kwargs)


class SearchPage(PublicPage, TemplateView):
    """A search of the record of all public plans, as of today."""

    template_name = "commitments/search.html"

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        form, clock = search_form(self.request.GET), Clock(timezone.now())
        plans = list(Plan.objects.visible_to(ANONYMOUS))
        search = RecordSearch(form.terms, plans, clock, Plan.objects.review_periods(clock, plans))
        found = search_context(form, search, {}, self.request.GET.get("page"))
        return super().get_context_data(**found, notices=form.notices, **kwargs)
