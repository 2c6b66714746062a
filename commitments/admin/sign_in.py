"""Signing in to the staff side."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments.access.addresses import client_address, count_failure, is_shut_out
from commitments.roles import is_staff


class SignInForm(AdminAuthenticationForm):
    """Signs in whoever holds a role."""

    error_messages = AdminAuthenticationForm.error_messages | {
        "invalid_login": gettext_lazy(
            "The user name or the password is wrong, or the account holds no role. Both are "
            "case-sensitive."
        )
    }

    def clean(self) -> dict[str, Any]:
        address = client_address(cast(HttpRequest, self.request))
        if is_shut_out(address):
            raise forms.ValidationError(
                _("Too many failed sign-in attempts from your network. Try again in 15 minutes.")
            )
        try:
            return dict(super().clean())
        except forms.ValidationError:
            count_failure(address, f"{self.data.get('username')}:{self.data.get('password')}")
            raise

    def confirm_login_allowed(self, user: AbstractBaseUser) -> None:
        if not is_staff(user):
            raise self.get_invalid_login_error()
