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

# The newest links are enough to find out what is usual.
MAX_EXAMPLES = 500


class SourceProposal(NamedTuple):
    """What most recorded links to a site have in common. The language is "" if they have several,
    since the site then says nothing about the language of a page."""

    publisher: Publisher | None
    kind: str
    source: str
    language: str


def propose_sources(addresses: Iterable[str], user: Person) -> dict[str, SourceProposal]:
    """Return proposals, by link, for those of these links to whose site other links are on record
    that this person may see. One query."""
    sites = {address: site for address in addresses if (site := _site(address))}
    if not sites:
        return {}
    same_site = Q(pk__in=[])
    for site in set(sites.values()):
        same_site |= Q(url__istartswith=f"https://{site}/") | Q(url__istartswith=f"http://{site}/")
    found: dict[str, Counter[tuple[Publisher | None, str, str]]] = defaultdict(Counter)
    languages: dict[str, set[str]] = defaultdict(set)
    rows = (
        Evidence.objects.visible_to(user)
        .filter(same_site)
        .select_related("publisher")
        .order_by("-pk")
    )
    for row in rows[:MAX_EXAMPLES]:
        site = _site(row.url)
        found[site][row.publisher, row.kind, row.source] += 1
        languages[site] |= {row.language} - {""}
    usual = {}
    for site, counted in found.items():
        [(commonest, _number)] = counted.most_common(1)
        language = "".join(languages[site]) if len(languages[site]) == 1 else ""
        usual[site] = SourceProposal(*commonest, language)
    return {address: usual[site] for address, site in sites.items() if site in usual}


def _site(address: str) -> str:
    """Return the host of an address, "" if it is not one."""
    try:
        return urlsplit(address).netloc.lower()
    except ValueError:
        return ""
