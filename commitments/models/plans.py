"""Action plans, their strategic goals and their action areas."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from commitments.choices import SecondRating, Visibility
from commitments.clocks import Clock
from commitments.models.base import BaseModel
from commitments.models.fields import CodeField, HttpsField, LanguageTagsField, TimeZoneField
from commitments.models.querysets import PlanQuerySet, ReviewPeriod
from commitments.texts.fields import MultilingualField, has_words

# In days; the longest is about a hundred years.
DEFAULT_REVIEW_INTERVAL = 365
MAX_REVIEW_INTERVAL = 36_500
# Without hyphens, which separate the plan's code from the number in a commitment's code.
PLAN_CODE = r"^[A-Z][A-Z0-9_]{0,15}\Z"


class Plan(BaseModel):
    """A published action plan.

    `languages` are the BCP 47 tags of the languages that its texts may be in, that of the original
    first. `words` are the plan's own words for goal, area and forum: maps from these to `one` and
    `many`, which are texts. `second_rating` says how assessments are checked before they are
    published. `revision` counts the changes that readers of the plan can see.
    """

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
    languages = LanguageTagsField(_("languages"))
    title = MultilingualField(_("title"), max_length=300)
    issuer = MultilingualField(_("issuer"), max_length=300, blank=True)
    adopted_on = models.DateField(_("adopted on"), null=True, blank=True)
    time_zone = TimeZoneField(_("time zone"))
    review_interval_days = models.PositiveIntegerField(
        _("review interval in days"),
        default=DEFAULT_REVIEW_INTERVAL,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_REVIEW_INTERVAL)],
    )
    notice = MultilingualField(_("notice"), blank=True)
    licence = MultilingualField(_("licence"), blank=True)
    licence_url = HttpsField(
        _("address of the licence"),
        max_length=500,
        blank=True,
        help_text=_("Where its terms are, such as https://creativecommons.org/licenses/by/4.0/."),
    )
    locality = models.CharField(_("country or locality"), max_length=200, blank=True)
    plan_number = models.CharField(_("action plan number"), max_length=50, blank=True)
    words = models.JSONField(_("own words"), default=dict, blank=True, editable=False)
    visibility = CodeField(
        _("visibility"), max_length=10, codes=Visibility, default=Visibility.PUBLIC.value
    )
    second_rating = CodeField(
        _("second rating"), max_length=10, codes=SecondRating, default=SecondRating.NONE.value
    )
    revision = models.PositiveBigIntegerField(_("revision"), default=1, editable=False)

    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(review_interval_days__gte=1),
                name="plan_review_interval_positive",
            ),
            models.CheckConstraint(
                condition=models.Q(visibility__in=Visibility.values()),
                name="plan_visibility_known",
            ),
            models.CheckConstraint(
                condition=models.Q(second_rating__in=SecondRating.values()),
                name="plan_second_rating_known",
            ),
            models.CheckConstraint(condition=has_words("title"), name="plan_title_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title.inline()}"

    def review_periods(self, clock: Clock) -> list[ReviewPeriod]:
        """Return the review period of this plan under the clock; no query unless under
        `known_at`."""
        return Plan.objects.review_periods(clock, [self])

    @property
    def is_draft(self) -> bool:
        return str(self.visibility) == Visibility.DRAFT

    @property
    def rates_blind(self) -> bool:
        return str(self.second_rating) == SecondRating.BLIND

    @property
    def is_archived(self) -> bool:
        return str(self.visibility) == Visibility.ARCHIVED


class StrategicGoal(BaseModel):
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="goals", verbose_name=_("plan"))
    number = models.PositiveIntegerField(_("number"), validators=[MinValueValidator(1)])
    title = MultilingualField(_("title"), max_length=300)
    text = MultilingualField(_("text"), blank=True)

    class Meta:
        verbose_name = _("strategic goal")
        verbose_name_plural = _("strategic goals")
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="goal_number_unique_in_plan"),
            models.CheckConstraint(condition=has_words("title"), name="goal_title_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title.inline()}"


class ActionArea(BaseModel):
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="areas", verbose_name=_("plan"))
    number = models.PositiveIntegerField(_("number"), validators=[MinValueValidator(1)])
    title = MultilingualField(_("title"), max_length=300)

    class Meta:
        verbose_name = _("action area")
        verbose_name_plural = _("action areas")
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="area_number_unique_in_plan"),
            models.CheckConstraint(condition=has_words("title"), name="area_title_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title.inline()}"


def languages_of(plans: Iterable[Plan]) -> list[str]:
    """Return the languages of these plans, those of the first plan first."""
    return list(dict.fromkeys(tag for plan in plans for tag in plan.languages))
