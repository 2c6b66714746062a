"""Action plans, their strategic goals and their action areas."""

from __future__ import annotations

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from commitments.models.fields import TimeZoneField
from commitments.models.querysets import PlanQuerySet
from commitments.texts.bilingual import Bilingual

# Without hyphens, which separate the plan's code from the number in a commitment's code.
PLAN_CODE = r"^[A-Z][A-Z0-9_]{0,15}\Z"


class Plan(models.Model):
    """A published action plan. `revision` counts the writes that readers of the plan can see."""

    code = models.CharField(
        _("code"),
        max_length=16,
        unique=True,
        validators=[
            RegexValidator(
                PLAN_CODE,
                _("Use only capital letters, digits and underscores, starting with a letter."),
            )
        ],
    )
    title_en = models.CharField(_("title (English)"), max_length=300, blank=True)
    title_zh = models.CharField(_("title (Chinese)"), max_length=300, blank=True)
    issuer_en = models.CharField(_("issuer (English)"), max_length=300, blank=True)
    issuer_zh = models.CharField(_("issuer (Chinese)"), max_length=300, blank=True)
    adopted_on = models.DateField(_("adopted on"), null=True, blank=True)
    time_zone = TimeZoneField(_("time zone"))
    review_interval_days = models.PositiveIntegerField(
        _("review interval in days"), default=365, validators=[MinValueValidator(1)]
    )
    notice_en = models.TextField(_("notice (English)"), blank=True)
    notice_zh = models.TextField(_("notice (Chinese)"), blank=True)
    licence_en = models.TextField(_("licence (English)"), blank=True)
    licence_zh = models.TextField(_("licence (Chinese)"), blank=True)
    locality = models.CharField(_("country or locality"), max_length=200, blank=True)
    plan_number = models.CharField(_("action plan number"), max_length=50, blank=True)
    revision = models.PositiveBigIntegerField(_("revision"), default=1, editable=False)

    title = Bilingual()
    issuer = Bilingual()
    notice = Bilingual()
    licence = Bilingual()

    objects = PlanQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["revision"])

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(review_interval_days__gte=1),
                name="plan_review_interval_positive",
            ),
            models.CheckConstraint(
                condition=~models.Q(title_en="") | ~models.Q(title_zh=""),
                name="plan_title_in_one_language",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class StrategicGoal(models.Model):
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="goals", verbose_name=_("plan"))
    number = models.PositiveIntegerField(_("number"), validators=[MinValueValidator(1)])
    title_en = models.CharField(_("title (English)"), max_length=300, blank=True)
    title_zh = models.CharField(_("title (Chinese)"), max_length=300, blank=True)
    text_en = models.TextField(_("text (English)"), blank=True)
    text_zh = models.TextField(_("text (Chinese)"), blank=True)

    title = Bilingual()
    text = Bilingual()

    class Meta:
        verbose_name = _("strategic goal")
        verbose_name_plural = _("strategic goals")
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="goal_number_unique_in_plan"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class ActionArea(models.Model):
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="areas", verbose_name=_("plan"))
    number = models.PositiveIntegerField(_("number"), validators=[MinValueValidator(1)])
    title_en = models.CharField(_("title (English)"), max_length=300, blank=True)
    title_zh = models.CharField(_("title (Chinese)"), max_length=300, blank=True)

    title = Bilingual()

    class Meta:
        verbose_name = _("action area")
        verbose_name_plural = _("action areas")
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="area_number_unique_in_plan"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"
