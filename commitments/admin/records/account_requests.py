"""Requests to create and change accounts: one administrator asks, a second one answers."""

from __future__ import annotations

from datetime import datetime

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments import accounts
from commitments.accounts.words import described_changes, done_words, request_words
from commitments.admin.base.days import staff_zone
from commitments.admin.records.administrator_requests import RequestAdmin
from commitments.admin.records.who_confirms import SaysWhoConfirms
from commitments.exceptions import TrackerError
from commitments.models import AccountRequest
from commitments.roles import choice_of, signed_in


@admin.register(AccountRequest)
class AccountRequestAdmin(SaysWhoConfirms, RequestAdmin[AccountRequest]):
    list_display = ["__str__", "words", "asked_by", "asked_at", "state", "closed_by", "closed_at"]
    list_select_related = ["account", "asked_by", "closed_by", "decision"]
    confirmed = gettext_lazy("Confirmed.")
    actions = ["confirm_selected"]

    @admin.display(description=gettext_lazy("changes"))
    def words(self, row: AccountRequest) -> str:
        return request_words(row)

    def get_queryset(self, request: HttpRequest) -> QuerySet[AccountRequest]:
        return AccountRequest.objects.select_related(*self.list_select_related).prefetch_related(
            "account__groups"
        )

    def confirm(self, row: AccountRequest, *, by: User, at: datetime) -> object:
        return accounts.confirm_change(row, by=by, at=at)

    @admin.action(description=gettext_lazy("Confirm"), permissions=["view"])
    def confirm_selected(self, request: HttpRequest, queryset: QuerySet[AccountRequest]) -> None:
        """Confirm each of these requests; if one is refused, the others are still confirmed."""
        done = 0
        for row in queryset.order_by("pk"):
            try:
                self.confirm(row, by=signed_in(request.user), at=timezone.now())
            except TrackerError as error:
                refused = _("%(name)s: %(message)s") % {"name": row, "message": error}
                self.message_user(request, refused, messages.ERROR)
            else:
                done += 1
        if done:
            sentence = _("Confirmed: %(n)s.") % {"n": done}
            self.message_user(request, sentence, messages.SUCCESS)

    def page_of(self, row: AccountRequest) -> dict[str, object]:
        account = row.account
        if row.decision is not None:
            facts = [(capfirst(_("changes")), done_words(row.decision))]
        else:
            facts = [
                (name, f"{before or '–'} → {after or '–'}" if account else after)
                for name, before, after in described_changes(account, row.changes)
            ]
        return {
            "title": _("Account request %(id)s") % {"id": row.pk},
            "about": choice_of(account) if account else _("New account"),
            "page": reverse("admin:auth_user_change", args=[account.pk]) if account else "",
            "facts": facts,
            "time_zone": staff_zone(),
            "confirm": _("Confirm"),
        }
