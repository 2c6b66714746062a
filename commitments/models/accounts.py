"""Changes of accounts: who asked for them, and who confirmed them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from commitments.choices import RequestState
from commitments.models.administrator_requests import AdministratorRequest
from commitments.models.base import BaseModel


class ServiceAccount(BaseModel):
    """An account for a program, which calls the API with tokens and cannot sign in otherwise.
    `owner` is the person who answers for what it does."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="service_account",
        verbose_name=_("account"),
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="owned_service_accounts",
        verbose_name=_("person responsible"),
    )

    class Meta:
        verbose_name = _("service account")
        verbose_name_plural = _("service accounts")
        constraints = [
            models.CheckConstraint(
                condition=~Q(owner=F("user")), name="serviceaccount_is_not_its_owner"
            ),
        ]

    def __str__(self) -> str:
        return str(self.user)


class AccountRequest(AdministratorRequest):
    """A change of an account: making it, giving or taking roles, a link to set its password.

    `changes` is what the account is to have, as `accounts.AccountChanges`, emptied once the request
    is closed: names and addresses of persons are kept in their accounts alone. `account` is null
    until a new one is made. `gives_access` says that whoever asked could act with the account from
    then on. `link_due` says that whoever asked may still show one link by which the person sets the
    password.
    """

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="account_requests",
        verbose_name=_("account"),
    )
    changes = models.JSONField(_("changes"), default=dict)
    gives_access = models.BooleanField(_("gives access"), default=False)
    link_due = models.BooleanField(_("a link to set a password is due"), default=False)

    class Meta(AdministratorRequest.Meta):
        abstract = False
        verbose_name = _("account request")
        verbose_name_plural = _("account requests")
        constraints = [
            *AdministratorRequest.Meta.constraints,
            models.CheckConstraint(
                condition=Q(decision__isnull=True) | Q(account__isnull=False),
                name="accountrequest_done_on_an_account",
            ),
            models.CheckConstraint(
                condition=Q(state=RequestState.OPEN.value) | Q(changes={}),
                name="accountrequest_emptied_when_closed",
            ),
            models.CheckConstraint(
                condition=Q(link_due=False) | Q(decision__isnull=False),
                name="accountrequest_link_after_decision",
            ),
        ]

    def drop_details(self) -> None:
        self.changes = {}

    def __str__(self) -> str:
        return str(self.account or self.changes.get("username", self.pk))
