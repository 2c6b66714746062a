"""Signing in with the organisation's OpenID Connect provider (`OIDC_ISSUER`).

The provider establishes who somebody is; which account that is, and what it may do, is decided
here. The provider must have verified the mail address, and exactly one account with a role must
have that address. Nothing that the provider sends is stored.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect import views
from django.contrib import messages
from django.core.exceptions import ImproperlyConfigured
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
# What django-allauth raises if it reads something else than what the standard says;
# ImproperlyConfigured for an identifier of more than 191 characters.
NONSENSE = (
    ArithmeticError,
    AttributeError,
    ImproperlyConfigured,
    LookupError,
    TypeError,
    ValueError,
)


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Find the account of the person who has signed in with the provider. Raise OAuth2Error
        if what the provider says is not sure to be about one person, now."""
        _check_claims(sociallogin.account.extra_data)
        verified = [row.email for row in sociallogin.email_addresses if row.verified]
        found = [user for email in verified for user in staff_with_address(email)]
        if len(found) != 1:
            _logger.warning(
                "Nobody was signed in: %d accounts with a role have the address that the provider "
                "of OIDC_ISSUER has verified.",
                len(found),
            )
            raise ImmediateHttpResponse(_back(request, NO_ACCOUNT))
        sociallogin.user = found[0]

    def on_authentication_error(self, request: HttpRequest, provider: Any, **kwargs: Any) -> None:
        """Redirect to the sign-in page: the provider refused, or sent something that cannot be
        trusted."""
        error = kwargs.get("exception")
        _logger.warning(
            "The provider of OIDC_ISSUER signed nobody in: %s",
            f"{error} ({error.__cause__})" if error else kwargs.get("error"),
        )
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
    except (RequestException, *NONSENSE) as error:
        _logger.error(
            "The provider of OIDC_ISSUER is away, or not set up as it should be: %r", error
        )
        return _back(request, FAILED)


def _check_claims(claims: Mapping[str, Mapping[str, object]]) -> None:
    """Raise OAuth2Error unless there are an ID token that ends, which django-allauth has checked,
    and information about the same person, as OpenID Connect Core demands."""
    token, person = claims.get("id_token"), claims.get("userinfo")
    if not token or not person or "exp" not in token:
        raise OAuth2Error("no ID token with a time at which it ends, or no information on a person")
    if token["sub"] != person["sub"]:
        raise OAuth2Error("the ID token and the information on the person have different subjects")


def _back(request: HttpRequest, sentence: StrOrPromise) -> HttpResponse:
    messages.error(request, sentence)
    return HttpResponseRedirect(reverse("admin:login"))
