"""The addresses with which other sites show a page: its card, its badge and its pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import get_language

from commitments.choices import Status
from commitments.models import Plan
from commitments.pictures.fonts import can_draw
from commitments.templatetags.pages import site

# Heights in pixels at which nothing of the card of a commitment, a forum or a plan is cut off if it
# is at least 400 pixels wide.
CARD_HEIGHT = 780
FORUM_CARD_HEIGHT = 480
PLAN_CARD_HEIGHT = 740


@dataclass(frozen=True)
class ShareLinks:
    """What other sites can show of a page of a plan; all addresses are absolute. An address is ""
    if the page has no card or badge, or if the server has no fonts to draw it as PNG."""

    title: str
    page: str
    picture: str
    card: str = ""
    card_height: int = CARD_HEIGHT
    badge: str = ""
    label: str = ""
    grid_svg: str = ""
    grid_png: str = ""

    @property
    def iframe(self) -> str:
        """HTML that embeds the card."""
        code = (
            '<iframe src="{}" title="{}" width="100%" height="{}" loading="lazy" '
            'style="border: 0"></iframe>'
        )
        return format_html(code, self.card, self.title, self.card_height)

    @property
    def markdown(self) -> str:
        """Markdown that shows the badge as a link to the page."""
        return f"[![{self.label}]({self.badge})]({self.page})"


class Addresses:
    """Builds absolute addresses within a plan that keep the reader's clocks."""

    def __init__(self, request: HttpRequest, plan: Plan, clocks: Mapping[str, str]) -> None:
        self.request, self.plan, self.clocks = request, plan, clocks

    def of(self, route: str, *names: object, **filters: object) -> str:
        """Return the address of a route. Cards and badges, whose addresses have a language, are in
        the reader's."""
        language = [get_language()] if route.startswith("embed:") else []
        address = reverse(route, args=[*language, self.plan.code, *names])
        query = urlencode({**filters, **self.clocks})
        return self.request.build_absolute_uri(f"{address}?{query}".removesuffix("?"))


def has_png(*texts: object) -> bool:
    """Return whether this server can draw these texts and the interface's words as PNG."""
    return can_draw("".join(map(str, [*texts, Status.ACTIVE.label])))


def share_picture(
    addresses: Addresses, route: str, names: Sequence[object], title: object = ""
) -> str:
    """Return the address of the picture of a page, or of its plan if the page has none of its own.
    Return "" for a draft, or if the server lacks the fonts for the texts of the picture: the names
    of the site and the plan and the page's own `title`, or else the plan's issuer."""
    plan = addresses.plan
    if plan.is_draft or not has_png(site().name, plan.title, title or plan.issuer):
        return ""
    return addresses.of(f"pages:{route}", *names) if route else addresses.of("pages:plan-picture")


def sheet_links(plan: Plan, sheet: str) -> list[tuple[str, str]]:
    """Return (format, address without a query) for each format of the sheet `grid` or `years` of a
    plan; none for a draft."""
    if plan.is_draft:
        return []
    formats = ["svg", "png"] if has_png(plan.title) else ["svg"]
    return [(name.upper(), reverse(f"pages:{sheet}-{name}", args=[plan.code])) for name in formats]


def commitment_sharing(addresses: Addresses, number: str, title: str) -> ShareLinks | None:
    """Return the sharing links of a commitment; None if its plan is a draft."""
    plan, code = addresses.plan, f"{addresses.plan.code}-{number}"
    if plan.is_draft:
        return None
    return ShareLinks(
        title=f"{code} {title}",
        page=addresses.of("pages:commitment", number),
        picture=share_picture(addresses, "commitment-picture", [number], title),
        card=addresses.of("embed:commitment", number),
        badge=addresses.of("embed:commitment-badge", number),
        label=code,
    )


def group_sharing(addresses: Addresses, title: str, forum: str | None = None) -> ShareLinks | None:
    """Return the sharing links of a plan, or of one of its forums given by code; None if the plan
    is a draft."""
    plan = addresses.plan
    if plan.is_draft:
        return None
    route, names, filters = ("forum", [forum], {"forum": forum}) if forum else ("plan", [], {})
    page = "forum" if forum else "overview"
    grid_png = addresses.of("pages:grid-png", **filters) if has_png(plan.title, title) else ""
    return ShareLinks(
        title=title,
        page=addresses.of(f"pages:{page}", *names),
        picture=share_picture(addresses, f"{route}-picture", names, title if forum else ""),
        card=addresses.of(f"embed:{route}", *names),
        card_height=FORUM_CARD_HEIGHT if forum else PLAN_CARD_HEIGHT,
        badge=addresses.of(f"embed:{route}-badge", *names),
        label=forum or plan.code,
        grid_svg=addresses.of("pages:grid-svg", **filters),
        grid_png=grid_png,
    )
