"""Subscribers of webhooks, for administrators: adding, changing and testing them, and the log of
what was sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from commitments.access import policies
from commitments.admin.base.days import staff_zone
from commitments.admin.base.pages import AdministratorsAdmin
from commitments.admin.records.webhook_forms import (
    NewSubscriberForm,
    RemoveForm,
    ReplayForm,
    RotateForm,
    SubscriberForm,
)
from commitments.models import LedgerHead, WebhookAttempt, WebhookSubscriber
from commitments.webhooks import subscribers
from commitments.webhooks.sending import send_ping
from commitments.webhooks.words import failure_words

# On the page of a subscriber, which links to its whole log.
MAX_LATEST_ATTEMPTS = 20
TEMPLATES = "admin/commitments/webhooksubscriber"

# A response, or None to redirect to the page of the subscriber.
_Answer = HttpResponse | None


@admin.register(WebhookSubscriber)
class WebhookSubscriberAdmin(AdministratorsAdmin):
    list_display = ["name", "host", "plan", "state", "position", "last_error"]
    list_filter = ["state"]
    list_select_related = ["plan"]
    search_fields = ["name"]
    ordering = ["name"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return policies.may_manage_webhooks(request.user)

    @admin.display(description=gettext_lazy("address"), ordering="url")
    def host(self, subscriber: WebhookSubscriber) -> str:
        return subscriber.host

    @admin.display(description=gettext_lazy("last error"))
    def last_error(self, subscriber: WebhookSubscriber) -> str:
        return str(failure_words(subscriber.error))

    @method_decorator(never_cache)
    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        """Show the form or, once it is submitted, the secret. This response alone shows it."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = NewSubscriberForm(request.POST or None)
        if form.is_valid():
            row, secret = subscribers.add_subscriber(at=timezone.now(), **form.columns())
            self.log_addition(request, row, [{"added": {}}])
            return self._secret_page(request, row, secret, _("Secret of the new subscriber"))
        context = {"title": _("Add a webhook subscriber"), "form": form}
        return self._page(request, "add", context)

    @method_decorator(never_cache)
    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        """Show a subscriber or, once a form of its page is submitted, perform the action of that
        form."""
        row = cast("WebhookSubscriber | None", self.get_object(request, object_id))
        if row is None:
            raise Http404
        if not policies.may_manage_webhooks(request.user):
            raise PermissionDenied
        if request.method != "POST":
            return self._subscriber_page(request, row)
        operation = self.OPERATIONS.get(request.POST.get("do", ""))
        if operation is None:
            raise Http404
        try:
            answer = operation(self, request, row)
        except WebhookSubscriber.DoesNotExist as error:
            # Somebody has removed it since the form was sent.
            raise Http404 from error
        if answer is None:
            return HttpResponseRedirect(request.get_full_path())
        return answer

    # What the page of a subscriber does

    def _save(self, request: HttpRequest, row: WebhookSubscriber) -> _Answer:
        form = SubscriberForm(request.POST, instance=row)
        if not form.is_valid():
            return self._subscriber_page(request, row, form=form)
        # Only these columns: a sender may have counted a change meanwhile.
        columns = {name: form.cleaned_data[name] for name in form.Meta.fields}
        if not WebhookSubscriber.objects.filter(pk=row.pk).update(**columns):
            raise WebhookSubscriber.DoesNotExist
        self._done(request, row, _("Saved."))
        return None

    def _pause(self, request: HttpRequest, row: WebhookSubscriber) -> _Answer:
        subscribers.pause_subscriber(row.pk)
        self._done(request, row, _("Paused. What changes meanwhile is sent later."))
        return None

    def _resume(self, request: HttpRequest, row: WebhookSubscriber) -> _Answer:
        subscribers.resume_subscriber(row.pk, at=timezone.now())
        self._done(request, row, _("Resumed. Waiting changes are sent within minutes."))
        return None

    def _ping(self, request: HttpRequest, row: WebhookSubscriber) -> _Answer:
        attempt = send_ping(row, timezone.now())
        result = str(failure_words(attempt.error) or attempt.status)
        if attempt.is_delivered:
            self._done(
                request, row, _("The test message was accepted: %(result)s.") % {"result": result}
            )
        else:
            sentence = _("The test message was not accepted: %(result)s.") % {"result": result}
            messages.error(request, sentence)
        return None

    def _rotate(self, request: HttpRequest, row: WebhookSubscriber) -> _Answer:
        form = RotateForm(request.POST)
        if not form.is_valid():
            return self._subscriber_page(request, row, rotate=form)
        end_former = form.cleaned_data["end_former"]
        secret = subscribers.rotate_secret(row.pk, at=timezone.now(), end_former=end_former)
        self.log_change(request, row, [{"changed": {"fields": ["secret"]}}])
        row.refresh_from_db()
        return self._secret_page(request, row, secret, _("New secret"))

    def _replay(self, request: HttpRequest, row: WebhookSubscriber) -> _Answer:
        form = ReplayForm(request.POST)
        if not form.is_valid():
            return self._subscriber_page(request, row, replay=form)
        subscribers.replay_from(row.pk, form.first, at=timezone.now())
        row.refresh_from_db()
        values = {"seq": form.first, "n": subscribers.changes_waiting_for(row).count()}
        sentence = _("Ledger entry %(seq)s is sent next; changes that wait: %(n)s.") % values
        self._done(request, row, sentence)
        return None

    def _remove(self, request: HttpRequest, row: WebhookSubscriber) -> _Answer:
        form = RemoveForm(request.POST)
        if not form.is_valid():
            return self._subscriber_page(request, row, remove=form)
        self.log_deletions(request, WebhookSubscriber.objects.filter(pk=row.pk))
        subscribers.remove_subscriber(row.pk)
        messages.success(request, _("Removed."))
        return HttpResponseRedirect(reverse("admin:commitments_webhooksubscriber_changelist"))

    OPERATIONS: ClassVar[dict[str, Callable[..., _Answer]]] = {
        "save": _save,
        "pause": _pause,
        "resume": _resume,
        "ping": _ping,
        "rotate": _rotate,
        "replay": _replay,
        "remove": _remove,
    }

    def _done(self, request: HttpRequest, row: WebhookSubscriber, sentence: str) -> None:
        self.log_change(request, row, sentence)
        messages.success(request, sentence)

    # Pages

    def _subscriber_page(
        self, request: HttpRequest, row: WebhookSubscriber, **forms: object
    ) -> HttpResponse:
        """Show a subscriber, with the invalid ones among its forms as they were submitted."""
        stored = WebhookSubscriber.objects.select_related("plan").get(pk=row.pk)
        context = {
            "title": stored.name,
            "row": stored,
            "form": SubscriberForm(instance=stored),
            "rotate": RotateForm(),
            "replay": ReplayForm(),
            "remove": RemoveForm(),
            **forms,
            "last_error": failure_words(stored.error),
            "waiting": subscribers.changes_waiting_for(stored).count(),
            "head": LedgerHead.objects.get(),
            "former_signs": self._former_signs(stored, timezone.now()),
            "attempts": _latest_attempts(stored),
            "time_zone": staff_zone(),
        }
        return self._page(request, "change", context)

    def _former_signs(self, row: WebhookSubscriber, now: datetime) -> bool:
        return row.former_secret_until is not None and now < row.former_secret_until

    def _secret_page(
        self, request: HttpRequest, row: WebhookSubscriber, secret: str, title: str
    ) -> HttpResponse:
        context = {
            "title": title,
            "row": row,
            "secret": secret,
            "time_zone": staff_zone(),
        }
        return self._page(request, "secret", context)

    def _page(self, request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
        shared = {**self.admin_site.each_context(request), "opts": self.opts}
        return TemplateResponse(request, f"{TEMPLATES}/{name}.html", shared | context)


@admin.register(WebhookAttempt)
class WebhookAttemptAdmin(AdministratorsAdmin):
    list_display = ["at", "subscriber", "message_id", "type", "result", "milliseconds", "reply"]
    list_filter = ["status", "subscriber"]
    list_select_related = ["subscriber"]
    ordering = ["-pk"]
    fields = ["at", "subscriber", "message_id", "type", "seq", "result", "milliseconds", "reply"]

    @admin.display(description=gettext_lazy("result"), ordering="status")
    def result(self, attempt: WebhookAttempt) -> str:
        return _result_of(attempt)


def _result_of(attempt: WebhookAttempt) -> str:
    """Return the status of the answer, or why there is none."""
    return str(failure_words(attempt.error) or attempt.status)


def _latest_attempts(row: WebhookSubscriber) -> list[tuple[WebhookAttempt, str]]:
    """Return the latest requests, each with its result in words."""
    attempts = row.attempts.newest_first()[:MAX_LATEST_ATTEMPTS]
    return [(attempt, _result_of(attempt)) for attempt in attempts]
