"""Short lasting addresses.

The lasting address of a page always shows the statuses that it has now, whatever is published
later; the plan's texts and structure are those of the day on which it is opened. It names the date
shown, the latest public ledger entry that was known, and the page with its language:
`/at/2026-11-27/1163/en/ISCC/commitments/4.1/`. It redirects to the page under both clocks. Without
a language it redirects to the page in the language of the reader's browser. `/source/293/`
redirects to a source.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from django.utils.translation import get_language, override
from django.views import View

from commitments import ledger
from commitments.clocks import FARTHEST_EAST, local_day
from commitments.form_fields import iso_day
from commitments.models import Decision, Evidence
from commitments.pages.querystrings import CLOCKS
from commitments.roles import ANONYMOUS

BEFORE_ANY_ENTRY = datetime(1970, 1, 1, tzinfo=UTC)


def lasting_address(request: HttpRequest, day: date, entry: int) -> str:
    """Return the absolute lasting address of the page of this request as of a day, with what was
    known at a ledger entry; entry 0 stands for the time before the first. Query parameters other
    than the clocks are kept."""
    return lasting_address_of(request, request.path, request.GET, day, entry)


def lasting_address_of(
    request: HttpRequest, path: str, query: QueryDict, day: date, entry: int
) -> str:
    """Return the lasting address of the page with this path and query; see `lasting_address`."""
    page = f"{get_language()}/{path.removeprefix(reverse('pages:plans'))}"
    address = reverse("lasting", args=[day.isoformat(), entry, page])
    kept = query.copy()
    for name in CLOCKS:
        kept.pop(name, None)
    return request.build_absolute_uri(f"{address}?{kept.urlencode()}".removesuffix("?"))


class LastingAddress(View):
    """Redirect to the page that a lasting address names. There is none of a day that has not begun
    anywhere."""

    def get(self, request: HttpRequest, day: str, entry: int, page: str) -> HttpResponse:
        address = _address_of(page)
        _check_day(day)
        query = request.GET.copy()
        query.update({"as_of": day, "known_at": ledger.format_utc(_time_of(entry))})
        return redirect(f"{address}?{query.urlencode(safe=':')}")


def _check_day(day: str) -> None:
    """Raise Http404 if this is no day, or one that has not begun anywhere."""
    shown = iso_day(day)
    if shown is None or shown > local_day(timezone.now(), FARTHEST_EAST):
        raise Http404


def _time_of(entry: int) -> datetime:
    """Return the time of a public entry of the ledger. Raise Http404 if there is none."""
    if not entry:
        return BEFORE_ANY_ENTRY
    return get_object_or_404(Decision.objects.public(), seq=entry).at


def _address_of(page: str) -> str:
    """Return the address of a page given with or without its language. Raise Http404 if there is no
    such page."""
    language, _slash, rest = page.partition("/")
    if language not in dict(settings.LANGUAGES):
        language, rest = str(get_language()), page
    with override(language):
        address = f"{reverse('pages:plans')}{rest}"
        try:
            is_page = resolve(address).namespace == "pages"
        except Resolver404:
            is_page = False
    if not is_page:
        raise Http404
    return address


class SourceAddress(View):
    """Redirect to the link of a public piece of evidence. Printed pages have its address."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        links = Evidence.objects.visible_to(ANONYMOUS).exclude(url="")
        return redirect(get_object_or_404(links, pk=pk).url)
