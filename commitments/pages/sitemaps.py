"""The sitemap and `robots.txt` for search engines."""

from __future__ import annotations

from typing import Any

from django.contrib.sitemaps import Sitemap
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from commitments.models import Commitment, Forum, Meeting, Office, Plan
from commitments.models.querysets import PlanQuerySet
from commitments.pages.base import has_parts, menu_of
from commitments.roles import ANONYMOUS

# A page: its route and the names in its address.
SitemapItem = tuple[str, tuple[Any, ...]]
# Pages of the whole site.
SITE_PAGES = ("plans", "ledger", "accessibility")
# Pages beside those of the menu, with the parts that a plan needs to have them.
MORE_PAGES: dict[str, tuple[str, ...]] = {"matrix": ("goals", "forums"), "data": (), "report": ()}


class PagesSitemap(Sitemap):  # type: ignore[type-arg]
    """Every public page in each language, with links to the other languages."""

    i18n = True
    alternates = True

    def items(self) -> list[SitemapItem]:
        visible = Plan.objects.visible_to(ANONYMOUS)
        found: list[SitemapItem] = [(route, ()) for route in SITE_PAGES]
        found += [
            (route, (plan.code,))
            for plan in visible.with_parts().in_order()
            for route in (
                *(route for route, _label in menu_of(plan)),
                *(route for route, needs in MORE_PAGES.items() if has_parts(plan, needs)),
            )
        ]
        for route, model in (("goal", "goals"), ("area", "areas")):
            rows = visible.filter(**{f"{model}__isnull": False}).order_by("code")
            numbers = rows.values_list("code", f"{model}__number").order_by(
                "code", f"{model}__number"
            )
            found += [(route, pair) for pair in numbers]
        commitments = Commitment.objects.filter(plan__in=visible).in_order()
        found += [("commitment", pair) for pair in commitments.values_list("plan__code", "number")]
        named = Forum.objects.filter(commitments__plan__in=visible).distinct()
        pairs = named.values_list("commitments__plan__code", "code")
        found += [("forum", pair) for pair in sorted(set(pairs))]
        found += _meeting_pages(visible)
        at_work = {
            pair
            for relation in ("led_commitments", "supported_commitments")
            for pair in Office.objects.filter(**{f"{relation}__plan__in": visible}).values_list(
                f"{relation}__plan__code", "code"
            )
        }
        found += [("office", pair) for pair in sorted(at_work)]
        return found

    def location(self, item: SitemapItem) -> str:
        route, names = item
        return reverse(f"pages:{route}", args=names)


def _meeting_pages(plans: PlanQuerySet) -> list[SitemapItem]:
    """Return the calendars of these plans, and the pages of their public meetings."""
    meetings = Meeting.objects.visible_to(ANONYMOUS)
    concerned = meetings.plans_concerned(plans)
    calendars = sorted({code for codes in concerned.values() for code in codes})
    return [("meetings", (code,)) for code in calendars] + [
        ("meeting", (code, pk))
        for pk, forum in meetings.order_by("pk").values_list("pk", "forum")
        for code in concerned[forum]
    ]


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Allow everything except the admin and what filters and clocks make of lists, which is tens of
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
