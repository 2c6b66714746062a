"""Signing in to the staff side: name and password, then the second factor, if the person has
one."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.utils import perform_login
from django import forms
from django.conf import settings
from django.contrib.admin.forms import AdminAuthenticationForm, AdminPasswordChangeForm
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy

from commitments.access.rate_limits import client_address, count_failure, refuse_if_shut_out
from commitments.roles import is_staff


class SignInForm(AdminAuthenticationForm):
    """Asks for a user name and a password; only people with a role may sign in."""

    error_messages = AdminAuthenticationForm.error_messages | {
        "invalid_login": gettext_lazy(
            "The user name or the password is wrong, or the account holds no role. Both are "
            "case-sensitive."
        )
    }

    def clean(self) -> dict[str, Any]:
        address = client_address(cast(HttpRequest, self.request))
        refuse_if_shut_out(address)
        try:
            return dict(super().clean())
        except forms.ValidationError:
            typed = (self.data.get(self.add_prefix(name)) for name in ("username", "password"))
            count_failure(address, ":".join(map(str, typed)))
            raise

    def confirm_login_allowed(self, user: AbstractBaseUser) -> None:
        if not is_staff(user):
            raise self.get_invalid_login_error()


class PasswordForm(AdminPasswordChangeForm):
    """Asks for the former password too; wrong ones count as those of somebody who signs in."""

    def clean_old_password(self) -> str:
        password: str = self.cleaned_data["old_password"]
        if not get_adapter().reauthenticate(self.user, password):
            raise get_adapter().validation_error("incorrect_password")
        return password


class SignInView(LoginView):
    """Signs in people without a second factor, and redirects others to the page that asks for
    it."""

    template_name = "admin/sign_in.html"
    authentication_form = SignInForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        single_sign_on = ""
        if settings.OIDC_ISSUER:
            query = urlencode({"next": self.get_success_url()})
            single_sign_on = f"{reverse('single-sign-on')}?{query}"
        return super().get_context_data(
            single_sign_on=single_sign_on, provider=settings.OIDC_NAME, **kwargs
        )

    def form_valid(self, form: SignInForm) -> HttpResponse:  # type: ignore[override]
        user = form.get_user()
        return cast(
            HttpResponse,
            perform_login(self.request, user, redirect_url=self.get_success_url()),
        )
