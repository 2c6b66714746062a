"""Readers who follow a plan, or a part of it, by mail."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from commitments.choices import SubjectType
from commitments.models.base import BaseModel
from commitments.models.fields import CodeField
from commitments.models.plans import Plan
from commitments.models.querysets import FollowingQuerySet

# The types of subjects that readers may follow; each but the plan filters the public changes.
FOLLOWED_TYPES = (
    SubjectType.PLAN,
    SubjectType.GOAL,
    SubjectType.FORUM,
    SubjectType.COMMITMENT,
)


class Follower(BaseModel):
    """The address of a reader, kept as long as they follow anything. The last mail reported the
    changes up to the ledger's entry `notified_seq`."""

    email = models.EmailField(_("e-mail address"), unique=True)
    language = models.CharField(_("language"), max_length=10)
    notified_seq = models.BigIntegerField(_("notified up to entry"), default=0)

    class Meta:
        verbose_name = _("follower")
        verbose_name_plural = _("followers")

    def __str__(self) -> str:
        return self.email


class Following(BaseModel):
    """What a reader follows: a plan, or the part of it that `subject_key` names, as the filter of
    changes does. Nothing is sent of it until the reader has confirmed it."""

    follower = models.ForeignKey(
        Follower, models.CASCADE, related_name="followings", verbose_name=_("follower")
    )
    plan = models.ForeignKey(
        Plan, models.CASCADE, related_name="followings", verbose_name=_("plan")
    )
    subject_type = CodeField(_("subject"), max_length=20, codes=SubjectType)
    subject_key = models.CharField(_("key"), max_length=200, blank=True)
    asked_at = models.DateTimeField(pgettext_lazy("by a reader", "asked at"))
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True)

    objects = FollowingQuerySet.as_manager()

    class Meta:
        verbose_name = _("following")
        verbose_name_plural = _("followings")
        constraints = [
            models.UniqueConstraint(
                fields=["follower", "plan", "subject_type", "subject_key"],
                name="following_once",
            ),
            models.CheckConstraint(
                condition=Q(subject_type__in=[each.value for each in FOLLOWED_TYPES]),
                name="following_of_a_known_type",
            ),
        ]

    def __str__(self) -> str:
        return self.subject_key or self.plan.code
