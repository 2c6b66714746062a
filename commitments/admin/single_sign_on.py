"""Signing in by the organisation's own sign-in, by OpenID Connect (`OIDC_ISSUER`).

It tells who somebody is; which account that is, and what it may do, is decided here: the provider
must have verified the address, and exactly one account with a role must have it. Nothing that the
provider sends is stored.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, cast

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.openid_connect import views
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy
from requests import RequestException

from commitments.roles import is_staff

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
        """Find the account of whoever has signed in with the provider."""
        verified = [row.email for row in sociallogin.email_addresses if row.verified]
        found = [user for email in verified for user in accounts_with(email)]
        if len(found) != 1:
            raise ImmediateHttpResponse(_back(request, NO_ACCOUNT))
        sociallogin.user = found[0]

    def on_authentication_error(self, request: HttpRequest, provider: Any, **kwargs: Any) -> None:
        """Lead back to signing in: the provider refused, or sent what cannot be trusted."""
        raise ImmediateHttpResponse(_back(request, FAILED))


def begin(request: HttpRequest) -> HttpResponse:
    """Lead to the provider, or back to signing in if it cannot be reached."""
    try:
        return cast(HttpResponse, views.login(request, PROVIDER))
    except (RequestException, KeyError) as error:
        _logger.error("The provider of OIDC_ISSUER does not say where to sign in: %s", error)
        return _back(request, FAILED)


def come_back(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Take what the provider sends."""
    return cast(HttpResponse, views.callback(request, provider_id))


def accounts_with(email: str) -> list[User]:
    """Return the active accounts with a role that have this address."""
    rows = User.objects.filter(email__iexact=email, is_active=True) if email else []
    return [user for user in rows if is_staff(user)]


def _back(request: HttpRequest, sentence: StrOrPromise) -> HttpResponse:
    messages.error(request, sentence)
    return HttpResponseRedirect(reverse("admin:login"))
