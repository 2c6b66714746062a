"""The outbox: each mail is a row, written in the transaction of the change that it reports."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from commitments.choices import DigestPeriod, MailKind, MailState
from commitments.models.base import BaseModel
from commitments.models.decisions import Decision
from commitments.models.fields import CodeField
from commitments.models.followers import Follower
from commitments.models.meetings import Meeting
from commitments.models.querysets import MailPreferenceQuerySet, MailQuerySet
from commitments.models.report_calls import ReportCall
from commitments.models.webhooks import WebhookSubscriber

MAX_ERROR_LENGTH = 300
UNSENT = [MailState.WAITING.value, MailState.HELD.value]


class Mail(BaseModel):
    """A mail to a person of the staff, to a follower, or to an address that somebody typed; what it
    says is written when it is sent.

    `key` is unique, so that nothing is sent twice. `decision` is the subject of a notice, `meeting`
    or `call` that of a reminder, `subscriber` the webhook that was stopped. `details` are what
    somebody wants to follow (`followers.ask_to_follow`) or, for held changes, the number of the
    change after which they begin. `language` is that of the page on which somebody asked for the
    mail; without one it is the reader's own. `due_at` is the time of the next attempt to send it.
    """

    kind = CodeField(_("kind"), max_length=20, codes=MailKind)
    key = models.CharField(_("key"), max_length=100, unique=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        related_name="mails",
        verbose_name=_("person"),
    )
    follower = models.ForeignKey(
        Follower, models.CASCADE, null=True, related_name="mails", verbose_name=_("follower")
    )
    address = models.EmailField(_("address"), blank=True)
    decision = models.ForeignKey(
        Decision, models.PROTECT, null=True, related_name="mails", verbose_name=_("ledger entry")
    )
    meeting = models.ForeignKey(
        Meeting, models.SET_NULL, null=True, related_name="mails", verbose_name=_("meeting")
    )
    call = models.ForeignKey(
        ReportCall,
        models.SET_NULL,
        null=True,
        related_name="mails",
        verbose_name=_("call for reports"),
    )
    subscriber = models.ForeignKey(
        WebhookSubscriber,
        models.SET_NULL,
        null=True,
        related_name="mails",
        verbose_name=_("webhook subscriber"),
    )
    details = models.JSONField(_("details"), default=dict)
    language = models.CharField(_("language"), max_length=10, blank=True)
    made_at = models.DateTimeField(_("made at"))
    due_at = models.DateTimeField(_("due at"))
    state = CodeField(
        pgettext_lazy("of a message, task or subscriber", "state"),
        max_length=10,
        codes=MailState,
        default=MailState.WAITING.value,
    )
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    ended_at = models.DateTimeField(_("sent or given up at"), null=True)
    error = models.CharField(_("last error"), max_length=MAX_ERROR_LENGTH, blank=True)

    objects = MailQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=MailKind.values()), name="mail_kind_known"),
            models.CheckConstraint(
                condition=Q(state__in=MailState.values()), name="mail_state_known"
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=False, follower__isnull=True, address="")
                | Q(person__isnull=True, follower__isnull=False, address="")
                | Q(person__isnull=True, follower__isnull=True)
                & (~Q(address="") | ~Q(state__in=UNSENT)),
                name="mail_to_one_reader",
            ),
            models.CheckConstraint(
                condition=Q(state__in=UNSENT, ended_at__isnull=True)
                | ~Q(state__in=UNSENT) & Q(ended_at__isnull=False),
                name="mail_ended_at_a_time",
            ),
        ]
        indexes = [models.Index(fields=["state", "due_at"], name="mail_due")]

    def __str__(self) -> str:
        return f"{MailKind(self.kind).label} {self.made_at:%Y-%m-%d}"


class MailPreference(BaseModel):
    """What mail a person of the staff wants; without such a row, the defaults of the columns hold.

    `language_chosen` is true if somebody chose the language, for themselves or in a sheet of
    people, and false if it is that of a page.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="mail_preference",
        verbose_name=_("person"),
    )
    language = models.CharField(_("language"), max_length=10)
    language_chosen = models.BooleanField(_("language was chosen"), default=False)
    digest = CodeField(
        _("digest"), max_length=10, codes=DigestPeriod, default=DigestPeriod.WEEKLY.value
    )
    notices = models.BooleanField(_("notices"), default=True)

    objects = MailPreferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("mail preference")
        verbose_name_plural = _("mail preferences")
        constraints = [
            models.CheckConstraint(
                condition=Q(digest__in=DigestPeriod.values()), name="mailpreference_digest_known"
            ),
        ]

    def __str__(self) -> str:
        return str(self.user)
