"""A person's own second factor: authenticator app, passkeys and recovery codes.

The procedures are those of django-allauth, which reverses the names of these addresses itself, so
they are outside the admin's namespace.
"""

from __future__ import annotations

from typing import Any, cast

from allauth.account.adapter import get_adapter
from allauth.account.views import ReauthenticateView
from allauth.mfa.base.views import AuthenticateView, IndexView
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView, ViewRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.utils import is_mfa_enabled
from allauth.mfa.webauthn.views import AddWebAuthnView, RemoveWebAuthnView
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse_lazy
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from commitments.access.second_factor import (
    CodeForm,
    claim_code,
    drop_unreadable_codes,
    factors_locked,
    has_passkey,
    may_remove_factor,
    must_have_second_factor,
)
from commitments.accounts import end_sessions
from commitments.admin.base.days import staff_zone
from commitments.admin.sign_in.adapters import FIRST_STEP, SecondFactorAdapter
from commitments.admin.workbench.base import ForStaff, staff_menu
from commitments.roles import is_staff

FACTORS_PAGE = reverse_lazy("mfa_index")


class SecondStepPage(AuthenticateView):
    """The second step of signing in, for people with a second factor."""

    template_name = "admin/second_step.html"
    form_class = CodeForm

    def form_valid(self, form: Form) -> HttpResponse:
        # The person entered the password some minutes ago and may have lost the role since, or
        # changed the password because somebody else has it.
        user = self.stage.login.user
        hash_then = self.request.session.get(FIRST_STEP, "")
        if is_staff(user) and constant_time_compare(hash_then, user.get_session_auth_hash()):
            return cast(HttpResponse, super().form_valid(form))
        return cast(HttpResponse, self.stage.abort())


class FactorsPage(ForStaff, IndexView):
    """What a person has, and what they may set up or remove."""

    template_name = "workbench/second_factor/index.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        required = must_have_second_factor(self.user)
        return {**context, "required": required, "time_zone": staff_zone()}


class ChangingPage(ForStaff):
    """A page on which factors are changed, by one request of a person at a time. People who use
    single sign-on have no password to repeat, so they must have signed in recently."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if is_staff(request.user) and not self.user.has_usable_password():
            is_long_ago = get_adapter().is_reauthentication_required(app="allauth.mfa")
        else:
            is_long_ago = False
        if is_long_ago:
            sentence = _("You signed in some time ago. Sign out and in again to change this.")
            messages.warning(request, sentence)
            return HttpResponseRedirect(FACTORS_PAGE)
        return super().dispatch(request, *args, **kwargs)

    def respond(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.method != "POST":
            return super().respond(request, *args, **kwargs)
        with factors_locked(self.user):
            return super().respond(request, *args, **kwargs)


class AddingPage(ChangingPage):
    """Adding a factor ends the other sessions of its owner: they were opened without it."""

    def form_valid(self, form: Form) -> HttpResponse:
        drop_unreadable_codes(self.user)
        response: HttpResponse = super().form_valid(form)  # type: ignore[misc]
        end_sessions(self.user, but=self.request.session.session_key)
        messages.success(
            self.request,
            _("Added. From now on you need a second factor to sign in."),
        )
        return response


class FirstAppView(ActivateTOTPView):
    """Sets up an app. Whoever has one already and comes back, or sends the form twice, is shown
    their factors; django-allauth would ask them whether to remove it."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if is_mfa_enabled(request.user, [Authenticator.Type.TOTP]):
            return HttpResponseRedirect(FACTORS_PAGE)
        return super().dispatch(request, *args, **kwargs)


class AddAppPage(AddingPage, FirstAppView):
    template_name = "workbench/second_factor/app.html"

    def form_valid(self, form: Form) -> HttpResponse:
        response = super().form_valid(form)
        app = Authenticator.objects.get(user=self.user, type=Authenticator.Type.TOTP)
        claim_code(app, form.cleaned_data["code"])
        return response


class AddPasskeyPage(AddingPage, AddWebAuthnView):
    template_name = "workbench/second_factor/passkey.html"

    def form_valid(self, form: Form) -> HttpResponse:
        if has_passkey(self.user, form.cleaned_data["credential"]):
            # The form was sent twice at the same time, before the challenge was used up.
            return HttpResponseRedirect(FACTORS_PAGE)
        return super().form_valid(form)


class RemovingPage(ChangingPage):
    """Removing a factor, unless a role of its owner requires it: then the page says so at once."""

    template_name = "workbench/second_factor/remove.html"
    success_url = FACTORS_PAGE
    refusal = SecondFactorAdapter.error_messages["cannot_delete_authenticator"]

    def factor(self) -> Authenticator:
        raise NotImplementedError

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        refusal = "" if may_remove_factor(self.factor()) else self.refusal
        return {**context, "refusal": refusal, "required": must_have_second_factor(self.user)}


class RemoveAppPage(RemovingPage, DeactivateTOTPView):
    def factor(self) -> Authenticator:
        return self.authenticator


class RemovePasskeyPage(RemovingPage, RemoveWebAuthnView):
    def factor(self) -> Authenticator:
        return self.object

    def form_valid(self, form: Form) -> HttpResponse:
        if may_remove_factor(self.factor()):
            return cast(HttpResponse, super().form_valid(form))
        messages.error(self.request, self.refusal)
        return HttpResponseRedirect(self.success_url)


class CodesPage(ChangingPage, ViewRecoveryCodesView):
    """The recovery codes that are left; none if they were encrypted with another `SECRET_KEY`."""

    template_name = "workbench/second_factor/codes.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        try:
            return cast(dict[str, Any], super().get_context_data(**kwargs))
        except ValidationError:
            return {"staff_menu": staff_menu(self.user), "unused_codes": []}


class NewCodesPage(ChangingPage, GenerateRecoveryCodesView):
    """Makes new recovery codes; the former ones end."""

    http_method_names = ["post"]

    def form_invalid(self, form: Form) -> HttpResponse:
        """Without a factor there can be no codes; it may have been removed in another tab."""
        return HttpResponseRedirect(FACTORS_PAGE)


class ConfirmPasswordPage(ForStaff, ReauthenticateView):
    """Asks for the password again before the second factor is changed."""

    template_name = "workbench/second_factor/password.html"
