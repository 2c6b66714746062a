"""Signing in with the organisation's OpenID Connect provider (`OIDC_ISSUER`).

The provider establishes who somebody is; which account that is, and what it may do, is decided
here. The provider must have verified the mail address, and exactly one account with a role must
have that address. Nothing that the provider sends is stored.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.openid_connect import views
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe
from requests import RequestException

from commitments.roles import staff_with_address

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_logger = logging.getLogger(__name__)
# The name of the provider in SOCIALACCOUNT_PROVIDERS.
PROVIDER = "oidc"
FAILED = gettext_lazy("Signing in there has failed. Try again, or use your password.")
NO_ACCOUNT = gettext_lazy(
    "No account here has exactly your verified e-mail address. Ask an administrator for an "
    "account, or sign in with your password."
)


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Find the account of the person who has signed in with the provider."""
        verified = [row.email for row in sociallogin.email_addresses if row.verified]
        found = [user for email in verified for user in staff_with_address(email)]
        if len(found) != 1:
            raise ImmediateHttpResponse(_back(request, NO_ACCOUNT))
        sociallogin.user = found[0]

    def on_authentication_error(self, request: HttpRequest, provider: Any, **kwargs: Any) -> None:
        """Redirect to the sign-in page: the provider refused, or sent something that cannot be
        trusted."""
        raise ImmediateHttpResponse(_back(request, FAILED))


@require_safe
def begin(request: HttpRequest) -> HttpResponse:
    """Redirect to the provider."""
    # Pass on `next` only: django-allauth would act on other parameters too.
    request.GET = QueryDict(urlencode({"next": request.GET.get("next", "")}))
    return _answered(request, views.login, PROVIDER)


def come_back(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Handle the provider's response."""
    return _answered(request, views.callback, provider_id)


def _answered(
    request: HttpRequest, view: Callable[[HttpRequest, str], HttpResponse], provider: str
) -> HttpResponse:
    """Return the response of a view, or a redirect to the sign-in page if the provider cannot be
    reached or its response makes no sense."""
    try:
        return view(request, provider)
    except (RequestException, KeyError) as error:
        _logger.error(
            "The provider of OIDC_ISSUER is away, or not set up as it should be: %s", error
        )
        return _back(request, FAILED)


def _back(request: HttpRequest, sentence: StrOrPromise) -> HttpResponse:
    messages.error(request, sentence)
    return HttpResponseRedirect(reverse("admin:login"))
