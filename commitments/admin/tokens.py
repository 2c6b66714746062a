"""Access tokens: staff issue and revoke their own; a superuser sees and revokes everyone's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache

from commitments import policies, tokens
from commitments.models import AccessToken
from commitments.models.tokens import LONGEST_NAME

LASTS = [(30, _("30 days")), (90, _("90 days")), (366, _("one year"))]


class IssueForm(forms.Form):
    name = forms.CharField(
        label=_("what it is for"),
        max_length=LONGEST_NAME,
        help_text=_("For example: nightly export for the statistics office."),
    )
    days = forms.TypedChoiceField(
        label=_("lasts"), coerce=int, choices=LASTS, initial=tokens.USUAL.days
    )


@admin.register(AccessToken)
class TokenAdmin(admin.ModelAdmin):
    list_display = ["name", "user", "begins", "created", "expiry"]
    list_display_links = None
    actions = ["revoke"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[AccessToken]:
        rows = AccessToken.objects.alive(timezone.now()).select_related("user")
        return rows if policies.may_see_all_tokens(request.user) else rows.of(request.user)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_active

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        title = {"title": capfirst(self.opts.verbose_name_plural)}
        return super().changelist_view(request, title | (extra_context or {}))

    @admin.display(description=_("begins with"))
    def begins(self, token: AccessToken) -> str:
        return f"{token.token_key}…"

    @method_decorator(never_cache)
    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The form, and once it is sent the token, which is shown in this answer alone."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = IssueForm(request.POST or None)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Issue an access token"),
            "form": form,
        }
        if form.is_valid():
            given, now = form.cleaned_data, timezone.now()
            with transaction.atomic():
                token, context["text"] = tokens.issue(
                    cast(User, request.user),
                    given["name"],
                    at=now,
                    expiry=now + timedelta(days=given["days"]),
                )
                self.log_addition(request, token, [{"added": {}}])
            context["token"] = token
        return TemplateResponse(request, "admin/commitments/accesstoken/issue.html", context)

    @admin.action(description=_("Revoke the selected access tokens"))
    def revoke(self, request: HttpRequest, chosen: QuerySet[AccessToken]) -> None:
        rows = list(chosen)
        with transaction.atomic():
            self.log_deletions(request, chosen)
            for token in rows:
                tokens.revoke(token, by=cast(User, request.user))
        sentence = ngettext("%(n)s token was revoked.", "%(n)s tokens were revoked.", len(rows))
        messages.success(request, sentence % {"n": len(rows)})
