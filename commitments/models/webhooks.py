"""Those to whom public changes are sent as signed requests, and each request that was tried."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from commitments.choices import WebhookState
from commitments.models.base import BaseModel
from commitments.models.fields import CodeField
from commitments.models.plans import Plan
from commitments.models.querysets import WebhookAttemptQuerySet, WebhookSubscriberQuerySet

MAX_SUBSCRIBER_NAME_LENGTH = 100
MAX_WEBHOOK_ADDRESS_LENGTH = 2000
MAX_MESSAGE_ID_LENGTH = 60
MAX_REPLY_LENGTH = 200
MAX_WEBHOOK_TYPE_LENGTH = 20


class WebhookSubscriber(BaseModel):
    """A receiver of public changes: those of `plan` and of what plans share, or of all plans; with
    `actions`, a list of codes, only these.

    They are sent in the ledger's order, one after another; all up to the entry `position` have been
    accepted. `tries` counts the failed attempts to send the next one, which is tried again at
    `due_at`. While a request is running, `due_at` is the time at which it is given up.

    `webhooks.secrets` encrypts the secrets. The former one signs too until `former_secret_until`.
    """

    name = models.CharField(_("name"), max_length=MAX_SUBSCRIBER_NAME_LENGTH, unique=True)
    url = models.URLField(_("address"), max_length=MAX_WEBHOOK_ADDRESS_LENGTH)
    contact = models.EmailField(_("contact"), blank=True)
    plan = models.ForeignKey(
        Plan,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="webhook_subscribers",
        verbose_name=_("plan"),
    )
    actions = models.JSONField(_("kinds of change"), default=list, blank=True)
    secret = models.CharField(_("secret"), max_length=300)
    former_secret = models.CharField(_("former secret"), max_length=300, blank=True)
    former_secret_until = models.DateTimeField(_("former secret signs until"), null=True)
    created_at = models.DateTimeField(_("added at"))
    state = CodeField(
        pgettext_lazy("of a message, task or subscriber", "state"),
        max_length=10,
        codes=WebhookState,
        default=WebhookState.ACTIVE.value,
    )
    position = models.PositiveBigIntegerField(_("sent up to ledger entry"), default=0)
    tries = models.PositiveSmallIntegerField(_("failed tries"), default=0)
    due_at = models.DateTimeField(_("due at"))
    error = models.CharField(_("last error"), max_length=MAX_REPLY_LENGTH, blank=True)

    objects = WebhookSubscriberQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook subscriber")
        verbose_name_plural = _("webhook subscribers")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=WebhookState.values()), name="webhooksubscriber_state_known"
            ),
            models.CheckConstraint(condition=~Q(secret=""), name="webhooksubscriber_has_a_secret"),
            models.CheckConstraint(
                condition=Q(former_secret="", former_secret_until__isnull=True)
                | ~Q(former_secret="") & Q(former_secret_until__isnull=False),
                name="webhooksubscriber_former_secret_ends",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def host(self) -> str:
        """Return only the host of the address, since the path may be as good as a password."""
        return urlsplit(self.url).netloc


class WebhookAttempt(BaseModel):
    """A request to a subscriber: one change, or a `ping`. `status` is the HTTP status of the
    response, null if there was none; then `error` says why. `reply` is the beginning of the
    response."""

    subscriber = models.ForeignKey(
        WebhookSubscriber,
        models.CASCADE,
        related_name="attempts",
        # An index in Meta begins with this column.
        db_index=False,
        verbose_name=_("webhook subscriber"),
    )
    at = models.DateTimeField(_("time"))
    message_id = models.CharField(
        pgettext_lazy("of a webhook", "message"), max_length=MAX_MESSAGE_ID_LENGTH
    )
    type = models.CharField(_("type"), max_length=MAX_WEBHOOK_TYPE_LENGTH)
    seq = models.PositiveBigIntegerField(_("sequence number"), null=True)
    status = models.PositiveSmallIntegerField(_("status"), null=True)
    error = models.CharField(_("error"), max_length=MAX_REPLY_LENGTH, blank=True)
    reply = models.CharField(_("answer of the receiver"), max_length=MAX_REPLY_LENGTH, blank=True)
    milliseconds = models.PositiveIntegerField(_("milliseconds"))

    objects = WebhookAttemptQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook request")
        verbose_name_plural = _("webhook requests")
        constraints = [
            models.CheckConstraint(
                condition=Q(status__isnull=False, error="") | Q(status__isnull=True) & ~Q(error=""),
                name="webhookattempt_answered_or_not",
            ),
        ]
        indexes = [
            # The log of one subscriber, and what is old in all of them.
            models.Index(fields=["subscriber", "-id"], name="webhookattempt_log"),
            models.Index(fields=["at"], name="webhookattempt_age"),
        ]

    def __str__(self) -> str:
        return self.message_id

    @property
    def is_delivered(self) -> bool:
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004
