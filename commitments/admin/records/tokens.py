"""Access tokens: users issue and revoke their own, a superuser can revoke those of all users."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from commitments import accounts
from commitments.access import policies, tokens
from commitments.admin.base.lists import CheckedLists
from commitments.admin.base.titles import PlainTitles
from commitments.choices import TokenScope
from commitments.exceptions import TrackerError
from commitments.models import AccessToken, Plan
from commitments.models.tokens import MAX_TOKEN_NAME_LENGTH
from commitments.roles import signed_in
from commitments.texts.lists import join_list

# In days. One of them is `tokens.DEFAULT_LIFETIME`.
LIFETIMES = [(30, _("30 days")), (90, _("90 days")), (366, _("one year"))]


class IssueTokenForm(forms.Form):
    name = forms.CharField(
        label=_("Purpose"),
        max_length=MAX_TOKEN_NAME_LENGTH,
        help_text=_("For example: nightly export for the statistics office."),
    )
    days = forms.TypedChoiceField(
        label=_("Valid for"),
        coerce=int,
        choices=LIFETIMES,
        initial=tokens.DEFAULT_LIFETIME.days,
    )
    scopes = forms.MultipleChoiceField(
        label=_("May be used to"),
        choices=TokenScope.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("With none of these, the token can only read what you may read."),
    )
    plans = forms.MultipleChoiceField(
        label=_("Only in these plans"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "With none of these, it may be used in all plans. Of the others it shows what "
            "everybody sees."
        ),
    )

    account = forms.ModelChoiceField(
        label=_("Acts as"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("you"),
        help_text=_("You yourself, or a program that has an account of its own."),
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        services = User.objects.filter(is_active=True, service_account__isnull=False)
        if policies.may_issue_service_tokens(user) and services.exists():
            accounts_field: Any = self.fields["account"]
            accounts_field.queryset = services.order_by("username")
        else:
            del self.fields["account"]
        plans = Plan.objects.visible_to(user).order_by("code")
        plans_field: Any = self.fields["plans"]
        plans_field.choices = [(plan.code, f"{plan.code} {plan.title}") for plan in plans]


def _issued(user: User, data: Mapping[str, Any]) -> tuple[AccessToken, str]:
    """Issue the token that a form asks for: the user's own, or that of a program."""
    now, service = timezone.now(), data.get("account")
    asked = {
        "at": now,
        "expiry": now + timedelta(days=data["days"]),
        "scopes": data["scopes"],
        "plans": data["plans"],
    }
    if service is None:
        return tokens.issue_token(user, data["name"], **asked)
    return accounts.issue_service_token(service, data["name"], by=user, **asked)


@admin.register(AccessToken)
class TokenAdmin(PlainTitles, CheckedLists, admin.ModelAdmin):
    list_display = ["name", "user", "begins", "may", "created", "last_used", "expiry"]
    list_display_links = None
    actions = ["revoke"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[AccessToken]:
        rows = AccessToken.objects.unexpired(timezone.now()).select_related("user")
        return rows if policies.may_see_all_tokens(request.user) else rows.owned_by(request.user)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.is_active

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    @admin.display(description=_("token prefix"))
    def begins(self, token: AccessToken) -> str:
        return f"{token.token_key}…"

    @admin.display(description=_("may be used to"))
    def may(self, token: AccessToken) -> str:
        """Return what a token may be used for, and in which plans, in words."""
        labels = [str(scope.label) for scope in TokenScope if scope in token.scopes]
        words = join_list(labels) if labels else gettext("only read")
        if not token.plans:
            return words
        return gettext("%(words)s (%(plans)s)") % {"words": words, "plans": join_list(token.plans)}

    @method_decorator(never_cache)
    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        """Show the form or, once it is submitted, the new token. This response alone shows it."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        initial = {"account": request.GET.get("account")}
        form = IssueTokenForm(signed_in(request.user), request.POST or None, initial=initial)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Issue an access token"),
            "form": form,
        }
        if form.is_valid():
            try:
                with transaction.atomic():
                    token, context["text"] = _issued(signed_in(request.user), form.cleaned_data)
                    self.log_addition(request, token, [{"added": {}}])
            except TrackerError as error:
                form.add_error(None, str(error))
            else:
                context |= {"token": token, "may": self.may(token)}
        return TemplateResponse(request, "admin/commitments/accesstoken/issue.html", context)

    @admin.action(description=_("Revoke the selected access tokens"))
    def revoke(self, request: HttpRequest, queryset: QuerySet[AccessToken]) -> None:
        rows = list(queryset)
        with transaction.atomic():
            self.log_deletions(request, queryset)
            for token in rows:
                tokens.revoke_token(token, by=signed_in(request.user))
        sentence = ngettext("%(n)s token was revoked.", "%(n)s tokens were revoked.", len(rows))
        messages.success(request, sentence % {"n": len(rows)})
