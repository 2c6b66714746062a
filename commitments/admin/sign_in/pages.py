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
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments.access.rate_limits import client_address, count_failure, refuse_if_shut_out
from commitments.access.second_factor import (
    SET_ONE_UP,
    CodeForm,
    has_second_factor,
    lacks_second_factor,
)
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
            count_failure(address, f"{self.data.get('username')}:{self.data.get('password')}")
            raise

    def confirm_login_allowed(self, user: AbstractBaseUser) -> None:
        if not is_staff(user):
            raise self.get_invalid_login_error()


class SignInOnTheWayForm(SignInForm):
    """Asks for password and code at once: a second page would lose the form that was submitted
    before the person had to sign in."""

    code = forms.CharField(
        label=gettext_lazy("Code, if your account has a second factor"),
        required=False,
        widget=forms.TextInput({"autocomplete": "one-time-code"}),
    )
    code_form: CodeForm | None = None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        user = self.get_user()
        if lacks_second_factor(user):
            raise forms.ValidationError(SET_ONE_UP)
        if has_second_factor(user):
            if not cleaned.get("code"):
                raise forms.ValidationError(
                    _(
                        "Enter the code of your authenticator app too. If you have only a passkey, "
                        "enter one of your recovery codes."
                    )
                )
            self.code_form = CodeForm(user=user, data={"code": cleaned["code"]})
            if not self.code_form.is_valid():
                raise forms.ValidationError(self.code_form.errors["code"].as_data())
        return cleaned

    def sign_in(self) -> None:
        """Sign the person in."""
        if self.code_form:
            self.code_form.save()
        get_adapter().login(self.request, self.get_user())


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
