"""Signing in on the way of a form that was sent after the session had ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account.adapter import get_adapter
from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect

from commitments.access.second_factor import (
    SET_ONE_UP,
    CodeForm,
    has_second_factor,
    lacks_second_factor,
)
from commitments.admin.sign_in.pages import SignInForm
from commitments.api.handlers import SIGN_IN_PREFIX, kept_form


class SignInOnTheWayForm(SignInForm):
    """Asks for password and code at once: a second page would lose the form that was submitted
    before the person had to sign in."""

    prefix = SIGN_IN_PREFIX
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


@never_cache
@csrf_protect
def sign_in_on_the_way(
    request: HttpRequest, respond: Callable[[], HttpResponseBase]
) -> HttpResponseBase:
    """Ask for name and password on a page that keeps the form that was sent; once they are right,
    return the response to that form. A person to whom it is refused is signed out again, so that
    its author can still sign in and loses nothing."""
    is_answered = f"{SIGN_IN_PREFIX}-password" in request.POST
    form = SignInOnTheWayForm(request, request.POST if is_answered else None)
    if is_answered and form.is_valid():
        form.sign_in()
        try:
            return respond()
        except (Http404, PermissionDenied):
            get_adapter().logout(request)
            form.add_error(
                None,
                _(
                    "Nothing was saved: this account may not do that, or what the form was about "
                    "no longer exists. Sign in with the account with which you filled it in."
                ),
            )
    return TemplateResponse(
        request, "workbench/sign_in_again.html", {"form": form, **kept_form(request)}
    )
