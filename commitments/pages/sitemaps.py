"""Sitemaps and `robots.txt` for search engines."""

from __future__ import annotations

from typing import Any

from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps.views import SitemapIndexItem, sitemap
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from commitments.addresses import path_to
from commitments.models import Forum, Meeting, Office, Plan
from commitments.models.querysets import PlanQuerySet
from commitments.pages.base import has_parts, menu_of
from commitments.roles import ANONYMOUS

# A page: its route and the arguments of its address.
SitemapItem = tuple[str, tuple[Any, ...]]
# Pages of the whole site.
SITE_PAGES = ("plans", "ledger", "accessibility")
# Pages besides those of the menu, with the parts that a plan must have for them.
MORE_PAGES: dict[str, tuple[str, ...]] = {"matrix": ("goals", "forums"), "data": (), "report": ()}


class PagesSitemap(Sitemap):  # type: ignore[type-arg]
    """Pages in each language, with links to the other languages."""

    i18n = True
    alternates = True

    def items(self) -> list[SitemapItem]:
        return [(route, ()) for route in SITE_PAGES]

    def location(self, item: SitemapItem) -> str:
        route, names = item
        return path_to(f"pages:{route}", *names)


class PlanSitemap(PagesSitemap):
    """The pages of a plan."""

    def __init__(self, code: str) -> None:
        self.code = code

    def items(self) -> list[SitemapItem]:
        plans = Plan.objects.visible_to(ANONYMOUS).filter(code=self.code)
        plan = get_object_or_404(plans.with_parts())
        forums = Forum.objects.filter(commitments__plan=plan)
        groups = {
            "goal": plan.goals.order_by("number").values_list("number", flat=True),
            "area": plan.areas.order_by("number").values_list("number", flat=True),
            "commitment": plan.commitments.in_order().values_list("number", flat=True),
            "forum": forums.order_by("code").values_list("code", flat=True).distinct(),
            "office": Office.objects.of_plan(plan).values_list("code", flat=True),
        }
        routes = [route for route, _label in menu_of(plan)]
        routes += [route for route, needs in MORE_PAGES.items() if has_parts(plan, needs)]
        return [
            *((route, (plan.code,)) for route in routes),
            *((route, (plan.code, name)) for route, names in groups.items() for name in names),
            *_meeting_pages(plans),
        ]


def _meeting_pages(plans: PlanQuerySet) -> list[SitemapItem]:
    """Return the calendars of these plans and the pages of their public meetings."""
    meetings = Meeting.objects.visible_to(ANONYMOUS)
    concerned = meetings.plans_concerned(plans)
    calendars = sorted({code for codes in concerned.values() for code in codes})
    return [("meetings", (code,)) for code in calendars] + [
        ("meeting", (code, pk))
        for pk, forum in meetings.order_by("pk").values_list("pk", "forum")
        for code in concerned[forum]
    ]


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Return the index of sitemaps: one for the site, and one for each plan."""
    codes = Plan.objects.visible_to(ANONYMOUS).in_order().values_list("code", flat=True)
    addresses = [reverse("site-sitemap"), *(reverse("plan-sitemap", args=[code]) for code in codes)]
    found = [SitemapIndexItem(request.build_absolute_uri(address)) for address in addresses]
    context = {"sitemaps": found}
    return render(request, "sitemap_index.xml", context, content_type="application/xml")


@require_safe
def of_site(request: HttpRequest) -> HttpResponse:
    """Return the sitemap of the pages that do not belong to a plan."""
    return sitemap(request, {"site": PagesSitemap})


@require_safe
def of_plan(request: HttpRequest, plan: str) -> HttpResponse:
    """Return the sitemap of a plan's pages."""
    return sitemap(request, {plan: PlanSitemap(plan)})


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Allow everything except the admin and lists with filters or clocks, which are tens of
    thousands of addresses with the same content."""
    lines = (
        "User-agent: *",
        f"Disallow: {reverse('admin:index')}",
        "Disallow: /*?",
        "Allow: /*.png?",
        f"Sitemap: {request.build_absolute_uri(reverse('sitemap'))}",
        "",
    )
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
