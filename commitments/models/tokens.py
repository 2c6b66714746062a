"""Access tokens, with which programs sign in instead of a password."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from knox.models import AbstractAuthToken
from knox.settings import CONSTANTS

from commitments.models.querysets import AccessTokenQuerySet

MAX_TOKEN_NAME_LENGTH = 100


_Manager = models.Manager.from_queryset(AccessTokenQuerySet)


class AccessTokenManager(_Manager["AccessToken"]):
    """Reads a token with its person, and with whoever answers for it if that is a program: each
    request with a token needs the one, and each writing asks for the other."""

    def get_queryset(self) -> models.QuerySet[AccessToken]:
        return super().get_queryset().select_related("user__service_account")


class AccessToken(AbstractAuthToken):
    """A token of a person's program. `access.tokens.issue_token` creates it.

    Only the digest of the token is stored. `token_key` holds its first characters, by which its
    owner recognises it. `scopes` are codes of `TokenScope`; without any it can only read. `plans`
    are the codes of the plans that it may write to and whose non-public content it shows; without
    any, all. Codes, not rows: the token of a plan that was deleted must not become one for all
    plans. `last_used` is exact to an hour.
    """

    id = models.BigAutoField(primary_key=True)
    digest = models.CharField(max_length=CONSTANTS.DIGEST_LENGTH, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=MAX_TOKEN_NAME_LENGTH)
    created = models.DateTimeField(_("issued at"), editable=False)
    expiry = models.DateTimeField(_("expires at"))
    scopes = models.JSONField(_("scopes"), default=list)
    plans = models.JSONField(_("plans"), default=list)
    last_used = models.DateTimeField(_("last used"), null=True, editable=False)

    objects = AccessTokenManager()

    class Meta:
        verbose_name = _("access token")
        verbose_name_plural = _("access tokens")

    def __str__(self) -> str:
        return self.name
