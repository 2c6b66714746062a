"""Responses to requests that a program may repeat."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from commitments.models.base import BaseModel
from commitments.models.querysets import IdempotentResponseQuerySet

MAX_KEY_LENGTH = 255


class IdempotentResponse(BaseModel):
    """The response to a writing request that had an `Idempotency-Key`: the same request with
    the same key, by the same account, gets it again.

    It is written in the transaction of the request's own writes, so that either both are there or
    neither is. `request_sha256` tells whether the repeated request is the same.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="idempotent_responses",
        verbose_name=_("account"),
    )
    key = models.CharField(_("key"), max_length=MAX_KEY_LENGTH)
    request_sha256 = models.CharField(max_length=64)
    at = models.DateTimeField(_("time"), db_index=True)
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict)
    body = models.TextField()

    objects = IdempotentResponseQuerySet.as_manager()

    class Meta:
        verbose_name = _("idempotent response")
        verbose_name_plural = _("idempotent responses")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "key"], name="idempotentresponse_key_used_once"
            ),
        ]

    def __str__(self) -> str:
        return self.key
