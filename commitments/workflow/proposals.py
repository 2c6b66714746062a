"""Proposals for a new piece of evidence, from what is on record for the same site."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from django.db.models import Q

from commitments.models import Evidence, Publisher

if TYPE_CHECKING:
    from commitments.roles import Person

# The newest links are enough to tell what is usual.
MAX_EXAMPLES = 500


class SourceProposal(NamedTuple):
    """What most links to a site are, by the record."""

    publisher: Publisher | None
    kind: str
    source: str
    language: str


def propose_sources(addresses: Iterable[str], user: Person) -> dict[str, SourceProposal]:
    """Return a proposal for each of these links to whose site there are others on record that this
    person may see, by the link. One query."""
    sites = {address: site for address in addresses if (site := _site(address))}
    if not sites:
        return {}
    same_site = Q(pk__in=[])
    for site in set(sites.values()):
        same_site |= Q(url__istartswith=f"https://{site}/") | Q(url__istartswith=f"http://{site}/")
    found: dict[str, Counter[SourceProposal]] = defaultdict(Counter)
    rows = (
        Evidence.objects.visible_to(user)
        .filter(same_site)
        .select_related("publisher")
        .order_by("-pk")
    )
    for row in rows[:MAX_EXAMPLES]:
        proposal = SourceProposal(row.publisher, row.kind, row.source, row.language)
        found[_site(row.url)][proposal] += 1
    usual = {site: counted.most_common(1)[0][0] for site, counted in found.items()}
    return {address: usual[site] for address, site in sites.items() if site in usual}


def _site(address: str) -> str:
    """Return the host of an address, "" for what is none."""
    try:
        return urlsplit(address).netloc.lower()
    except ValueError:
        return ""
