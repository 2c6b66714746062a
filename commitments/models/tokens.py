"""Tokens that programs sign in with, in place of a password."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from knox.models import AbstractAuthToken
from knox.settings import CONSTANTS

from commitments.querysets import AccessTokenQuerySet

LONGEST_NAME = 100


class AccessToken(AbstractAuthToken):
    """The token itself is not kept, only its digest; `token_key` is how it begins, for its owner to
    know it by. `tokens.issue` makes them."""

    id = models.BigAutoField(primary_key=True)
    digest = models.CharField(max_length=CONSTANTS.DIGEST_LENGTH, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=LONGEST_NAME)
    created = models.DateTimeField(_("issued at"), editable=False)
    expiry = models.DateTimeField(_("expires at"))

    objects = AccessTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("access token")
        verbose_name_plural = _("access tokens")

    def __str__(self) -> str:
        return self.name
