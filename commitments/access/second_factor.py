"""Second factors: what a person needs besides the password to sign in, and who must have one.

Authenticator apps, passkeys and recovery codes come from django-allauth; `SECOND_FACTOR_ROLES`
names the roles that must have one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from allauth.account.authentication import get_authentication_records
from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import AddWebAuthnForm, AuthenticateWebAuthnForm
from django import forms
from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments.access.rate_limits import client_address, count_failure, refuse_if_shut_out
from commitments.choices import ADMINISTRATOR_ROLE
from commitments.roles import roles_of

SET_ONE_UP = gettext_lazy("Your role requires a second factor: set one up to continue.")
# Three codes are accepted at any time, and one expires every half minute.
REMEMBERED_CODES = 5
# Recovery codes replace a lost factor; on their own they do not count as one.
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def must_have_second_factor(user: User) -> bool:
    """Return whether the person holds a role that requires a second factor."""
    held = {role.value for role in roles_of(user)}
    if user.is_superuser:
        held.add(ADMINISTRATOR_ROLE)
    required: list[str] = settings.SECOND_FACTOR_ROLES
    return not held.isdisjoint(required)


def has_second_factor(user: User) -> bool:
    """Return whether the person is asked for more than the password when signing in."""
    return bool(Authenticator.objects.filter(user=user, type__in=FACTORS).exists())


def lacks_second_factor(user: User) -> bool:
    """Return whether the person must set up a second factor before anything else."""
    return must_have_second_factor(user) and not has_second_factor(user)


def must_set_one_up(request: HttpRequest, user: User) -> bool:
    """Return whether the person must set up a second factor before this session opens anything
    else. If they signed in through single sign-on, the provider asks for it instead."""
    records = get_authentication_records(request, user)
    by_provider = any(record["method"] == "socialaccount" for record in records)
    return not by_provider and lacks_second_factor(user)


@contextmanager
def factors_locked(user: User) -> Iterator[None]:
    """Read and change the factors of a person inside the block while no other request changes them.
    SQLite has no locks of rows: there a transaction keeps all others from writing."""
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        yield


def has_passkey(user: User, credential: dict[str, object]) -> bool:
    """Return whether a passkey, as the browser has sent it, is one of the person's already."""
    passkeys = Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN)
    return bool(passkeys.filter(data__credential__rawId=credential["rawId"]).exists())


def may_remove_factor(factor: Authenticator) -> bool:
    """Return whether the owner may remove this factor: not the last one if their role requires
    one."""
    others = Authenticator.objects.filter(user=factor.user, type__in=FACTORS).exclude(pk=factor.pk)
    return others.exists() or not must_have_second_factor(factor.user)


def remove_second_factor(user: User) -> bool:
    """Remove all factors and recovery codes of a person who lost them. Return whether there were
    any."""
    return bool(Authenticator.objects.filter(user=user).delete()[0])


def drop_unreadable_codes(user: User) -> None:
    """Delete recovery codes that were encrypted with a `SECRET_KEY` that is gone. While they are
    stored, no code is accepted, and no new ones can be made."""
    for codes in Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES):
        try:
            codes.wrap().generate_codes()
        except ValidationError:
            codes.delete()


def claim_code(factor: Authenticator, code: str) -> None:
    """Record that a code of an app was used; raise ValidationError if it was used before.

    Kept in the database: with the cache alone, two concurrent requests could use one code.
    """
    if factor.type != Authenticator.Type.TOTP:
        return
    digits = "".join(filter(str.isdigit, code))
    digest = salted_hmac(__name__, f"{factor.pk} {digits}", algorithm="sha256").hexdigest()
    with transaction.atomic():
        row = Authenticator.objects.select_for_update().get(pk=factor.pk)
        used = row.data.get("used_codes", [])
        if digest in used:
            raise get_adapter().validation_error("incorrect_code")
        row.data["used_codes"] = [*used, digest][-REMEMBERED_CODES:]
        row.save(update_fields=["data"])
    factor.data = row.data


class PasskeyForm(forms.Form):
    """A form that refuses malformed data, which no browser sends, instead of failing on it."""

    def full_clean(self) -> None:
        try:
            super().full_clean()
        except (KeyError, TypeError, ValueError, RecursionError):
            # The form could not display this value again.
            self.data, self.cleaned_data = {}, {}
            self.add_error(None, _("This is not a passkey."))


class AddPasskeyForm(PasskeyForm, AddWebAuthnForm):
    pass


class AskForPasskeyForm(PasskeyForm, AuthenticateWebAuthnForm):
    pass


class CodeForm(AuthenticateForm):
    """Takes the code of an app, or a recovery code. Wrong codes count as wrong passwords do."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["code"]
        field.label = _("Code")
        field.widget.attrs = {
            "autocomplete": "one-time-code",
            "inputmode": "numeric",
            "autofocus": True,
        }

    def clean_code(self) -> str:
        address = client_address(context.request)
        refuse_if_shut_out(address)
        try:
            code = str(super().clean_code())
            claim_code(self.authenticator, code)
            return code
        except ValidationError:
            count_failure(address, f"{self.user.pk}:{self.cleaned_data['code']}")
            raise
