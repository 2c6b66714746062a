"""The adapters that adjust django-allauth: nobody can sign up, secrets are stored encrypted, and
messages are the tracker's own."""

from __future__ import annotations

import io
import time
from datetime import timedelta
from typing import Any, cast

import segno
from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from commitments.access.encryption import Undecipherable, decrypted, encrypted
from commitments.access.rate_limits import client_address
from commitments.access.second_factor import may_remove_factor
from commitments.models import MailPreference
from commitments.roles import signed_in

# The session key of the time at which the person signed in, in seconds since the epoch.
SIGNED_IN_AT = "signed_in_at"
# The session key of the hash of the password with which the first step was taken.
FIRST_STEP = "first_step"
TOO_MANY = gettext_lazy("Too many wrong codes or passwords. Try again in five minutes.")


class AccountAdapter(DefaultAccountAdapter):
    """Signing in, with a second factor or through single sign-on."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "incorrect_password": gettext_lazy("The password is wrong."),
        "too_many_login_attempts": TOO_MANY,
        "rate_limited": TOO_MANY,
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are made by administrators alone."""
        return False

    def pre_login(
        self, request: HttpRequest, user: AbstractBaseUser, **kwargs: Any
    ) -> HttpResponse | None:
        """Note the password with which the first step was taken: the second step ends with it."""
        request.session[FIRST_STEP] = user.get_session_auth_hash()
        return cast(HttpResponse | None, super().pre_login(request, user, **kwargs))

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        user.backend = "commitments.access.backends.PeopleBackend"
        is_new = user.last_login is None
        super().login(request, user)
        request.session[SIGNED_IN_AT] = time.time()
        # A fixed end: by default, each change of a session puts it off.
        ends = timezone.now() + timedelta(seconds=settings.SESSION_COOKIE_AGE)
        request.session.set_expiry(ends)
        language = get_language() or settings.LANGUAGE_CODE
        # Before the first sign-in, their language was that of the person who invited them.
        MailPreference.objects.remember_language(signed_in(user), language, anew=is_new)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Do not ask for the password again if the person has just signed in."""
        signed_in_at = float(self.request.session.get(SIGNED_IN_AT, 0))
        recently = time.time() - signed_in_at < app_settings.REAUTHENTICATION_TIMEOUT
        return not recently and bool(super().is_reauthentication_required(app=app, **kwargs))

    def respond_user_inactive(self, request: HttpRequest, user: AbstractBaseUser) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:login"))

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Add no message: the pages say what has happened."""


class SecondFactorAdapter(DefaultMFAAdapter):
    """Authenticator apps, passkeys and recovery codes."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": gettext_lazy("The code is wrong, or was used already."),
        "cannot_delete_authenticator": gettext_lazy(
            "Your role requires a second factor: set up another one before you remove this one."
        ),
    }

    def encrypt(self, text: str) -> str:
        return encrypted(text, __name__)

    def decrypt(self, encrypted_text: str) -> str:
        """Return the decrypted secret; refuse the code if the secret was encrypted with another
        `SECRET_KEY`."""
        try:
            return decrypted(encrypted_text, __name__)
        except Undecipherable:
            raise self.validation_error("incorrect_code") from None

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return may_remove_factor(authenticator)

    def build_totp_svg(self, url: str) -> str:
        picture = io.BytesIO()
        segno.make(url, error="m").save(picture, kind="svg", border=4, light="white")
        return picture.getvalue().decode()

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Any) -> str:
        count = Authenticator.objects.filter(user=user, type=type).count()
        return _("Passkey %(number)d") % {"number": count + 1}

    def get_totp_issuer(self) -> str:
        return settings.SITE_NAME or str(super().get_totp_issuer())
