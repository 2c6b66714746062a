"""The outbox, for administrators. Neither the text of a mail nor the reader who gets it is
shown."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from commitments.admin.base.pages import AdministratorsAdmin
from commitments.models import Mail
from commitments.roles import name_of


@admin.register(Mail)
class MailAdmin(AdministratorsAdmin):
    list_display = ["kind", "reader", "made_at", "state", "tries", "ended_at", "error"]
    list_filter = ["state", "kind"]
    list_select_related = ["person"]
    fields = ["kind", "reader", "made_at", "due_at", "state", "tries", "ended_at", "error"]
    ordering = ["-pk"]
    actions = ["try_again", "send_held", "drop_held"]

    @admin.display(description=gettext_lazy("to"))
    def reader(self, mail: Mail) -> str:
        return name_of(mail.person) if mail.person else gettext("a reader")

    @admin.action(description=gettext_lazy("Try again"), permissions=["view"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[Mail]) -> None:
        """Queue again those of these mails that were given up."""
        Mail.objects.filter(pk__in=queryset.values("pk")).revive(timezone.now())

    @admin.action(description=gettext_lazy("Send what is held"), permissions=["view"])
    def send_held(self, request: HttpRequest, queryset: QuerySet[Mail]) -> None:
        """Release the held ones among these mails. Their text is written when they are sent, from
        what their reader may see then."""
        Mail.objects.filter(pk__in=queryset.values("pk")).release(timezone.now())

    @admin.action(description=gettext_lazy("Drop what is held"), permissions=["view"])
    def drop_held(self, request: HttpRequest, queryset: QuerySet[Mail]) -> None:
        """Drop the held ones among these mails, because they had been sent before."""
        Mail.objects.filter(pk__in=queryset.values("pk")).held().drop(timezone.now())
