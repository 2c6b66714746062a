"""What programs look for at addresses that are the same on every site."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from commitments.models import Plan
from commitments.roles import ANONYMOUS

# RFC 9116 recommends an expiry date less than a year ahead.
EXPIRES_AFTER = timedelta(days=180)
CATALOGUE_TYPE = 'application/linkset+json; profile="https://www.rfc-editor.org/info/rfc9727"'


def security_txt(request: HttpRequest) -> HttpResponse:
    """Return where to report vulnerabilities (RFC 9116): `SITE_CONTACT`. Respond with 404 if it is
    not set."""
    contact = settings.SITE_CONTACT
    if not contact:
        raise Http404
    address = contact if ":" in contact else f"mailto:{contact}"
    ends = (timezone.now() + EXPIRES_AFTER).replace(minute=0, second=0, microsecond=0)
    languages = ", ".join(code for code, _name in settings.LANGUAGES)
    lines = [
        f"Contact: {address}",
        f"Expires: {ends:%Y-%m-%dT%H:%M:%SZ}",
        f"Preferred-Languages: {languages}",
        f"Canonical: {request.build_absolute_uri(reverse('security-txt'))}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
def api_catalog(request: HttpRequest) -> HttpResponse:
    """Return the site's API as a set of links (RFC 9727 and RFC 9264): its description, its
    documentation, its health, and the data package of each public plan."""

    def address(route: str, *args: str) -> str:
        return request.build_absolute_uri(reverse(route, args=args))

    catalogue, api = address("api-catalog"), address("api:index")
    codes = Plan.objects.visible_to(ANONYMOUS).in_order().values_list("code", flat=True)
    packages = [
        {"href": address("api:data-package", code), "type": "application/json"} for code in codes
    ]
    links = {
        "service-desc": [
            {"href": address("api:schema"), "type": "application/vnd.oai.openapi+json"}
        ],
        "service-doc": [{"href": address("api:docs"), "type": "text/html"}],
        "status": [{"href": request.build_absolute_uri("/readyz"), "type": "application/json"}],
    }
    linkset = [
        {"anchor": catalogue, "item": [{"href": api}]},
        {"anchor": api, **links, **({"service-meta": packages} if packages else {})},
    ]
    headers = {"Link": f'<{catalogue}>; rel="api-catalog"'}
    return JsonResponse({"linkset": linkset}, content_type=CATALOGUE_TYPE, headers=headers)
