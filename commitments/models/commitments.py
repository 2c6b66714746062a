"""The commitments of a plan, their partner forums, milestones and former wordings."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from commitments.choices import Kind, Status, statuses_for
from commitments.models.deletion import protect_m2m
from commitments.models.fields import CodeField
from commitments.models.forums import Forum, Office
from commitments.models.plans import ActionArea, Plan, StrategicGoal
from commitments.models.querysets import CommitmentQuerySet
from commitments.texts.bilingual import Bilingual

NUMBER_PATTERN = r"^[0-9A-Za-z][0-9A-Za-z.()-]*\Z"


def _status_fits_kind() -> Q:
    """Return the condition that a commitment's status is one of its kind."""
    fits = Q(status=Status.UNASSESSED.value)
    for kind in Kind:
        fits |= Q(kind=kind.value, status__in=[status.value for status in statuses_for(kind)])
    return fits


class Commitment(models.Model):
    """A numbered commitment of a plan.

    `number` is the one printed in the plan and is never reused; `position` is the place in the
    plan's list. Only an amendment of the plan changes the text; it keeps the former wording.
    `status` and `status_update` are a copy of the current assessment; only `workflow` writes them.
    """

    plan = models.ForeignKey(
        Plan, models.PROTECT, related_name="commitments", verbose_name=_("plan")
    )
    number = models.CharField(
        _("number"),
        max_length=20,
        validators=[
            RegexValidator(
                NUMBER_PATTERN, _("Use only letters, digits, dots, brackets and hyphens.")
            )
        ],
    )
    position = models.PositiveIntegerField(_("position"), editable=False)
    area = models.ForeignKey(
        ActionArea,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="commitments",
        verbose_name=_("action area"),
    )
    title_en = models.CharField(_("title (English)"), max_length=300, blank=True)
    title_zh = models.CharField(_("title (Chinese)"), max_length=300, blank=True)
    text_en = models.TextField(_("text (English)"), blank=True)
    text_zh = models.TextField(_("text (Chinese)"), blank=True)
    text_sha256 = models.CharField(_("text digest"), max_length=64, editable=False)
    note_en = models.TextField(_("note on the text (English)"), blank=True)
    note_zh = models.TextField(_("note on the text (Chinese)"), blank=True)
    kind = CodeField(_("kind"), max_length=20, codes=Kind)
    kind_reason_en = models.TextField(_("reason for the kind (English)"), blank=True)
    kind_reason_zh = models.TextField(_("reason for the kind (Chinese)"), blank=True)
    goal = models.ForeignKey(
        StrategicGoal,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="commitments",
        verbose_name=_("primary goal"),
    )
    goal_reason_en = models.TextField(_("reason for the goal (English)"), blank=True)
    goal_reason_zh = models.TextField(_("reason for the goal (Chinese)"), blank=True)
    supporting_goals = models.ManyToManyField(
        StrategicGoal,
        blank=True,
        related_name="supporting_commitments",
        verbose_name=_("supporting goals"),
    )
    forums = models.ManyToManyField(
        Forum, through="Partnership", related_name="commitments", verbose_name=_("partner forums")
    )
    lead_office = models.ForeignKey(
        Office,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="led_commitments",
        verbose_name=_("lead office"),
    )
    supporting_offices = models.ManyToManyField(
        Office,
        blank=True,
        related_name="supported_commitments",
        verbose_name=_("supporting offices"),
    )
    start_on = models.DateField(_("start date"), null=True, blank=True)
    due_on = models.DateField(_("due date"), null=True, blank=True)
    status = CodeField(
        _("status"),
        max_length=20,
        codes=Status,
        default=Status.UNASSESSED.value,
        editable=False,
    )
    status_update = models.ForeignKey(
        "ProgressUpdate",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("current assessment"),
    )

    title = Bilingual()
    text = Bilingual()
    note = Bilingual()
    kind_reason = Bilingual()
    goal_reason = Bilingual()

    objects = CommitmentQuerySet.as_manager()
    # Excluded: former wordings record changes of the text, decisions those of the status.
    history = HistoricalRecords(
        excluded_fields=["text_en", "text_zh", "text_sha256", "status", "status_update"],
        m2m_fields=[supporting_goals, supporting_offices],
    )

    class Meta:
        verbose_name = _("commitment")
        verbose_name_plural = _("commitments")
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "number"], name="commitment_number_unique_in_plan"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=Kind.values()), name="commitment_kind_known"
            ),
            models.CheckConstraint(
                condition=_status_fits_kind(), name="commitment_status_fits_kind"
            ),
            models.CheckConstraint(
                condition=Q(status=Status.UNASSESSED.value, status_update__isnull=True)
                | (~Q(status=Status.UNASSESSED.value) & Q(status_update__isnull=False)),
                name="commitment_status_has_its_update",
            ),
            models.CheckConstraint(
                condition=Q(due_on__isnull=True) | Q(kind=Kind.DELIVERABLE.value),
                name="commitment_due_only_if_deliverable",
                violation_error_message=_("Only a deliverable can have a due date."),
            ),
            models.CheckConstraint(
                condition=Q(due_on__isnull=True)
                | Q(start_on__isnull=True)
                | Q(due_on__gte=F("start_on")),
                name="commitment_due_not_before_start",
                violation_error_message=_("The due date is before the start date."),
            ),
            models.CheckConstraint(
                condition=~Q(text_en="") | ~Q(text_zh=""),
                name="commitment_text_in_one_language",
            ),
        ]
        indexes = [
            # The list of a plan's commitments, in the plan's order.
            models.Index(fields=["plan", "position"], name="commitment_in_plan_order"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    @property
    def code(self) -> str:
        """Return the public identifier, e.g. `ISCC-3.2`."""
        return f"{self.plan.code}-{self.number}"

    def clean(self) -> None:
        """Raise ValidationError if the goal or the area belongs to another plan."""
        for name in ("goal", "area"):
            other = getattr(self, name)
            if other is not None and other.plan_id != self.plan_id:
                raise ValidationError({name: _("This belongs to another plan.")})


# Deleting an office must not silently remove it from the commitments that it supports.
protect_m2m(Commitment.supporting_offices.through, "office")


class Partnership(models.Model):
    """A forum that a commitment names; `quote` is how its text names it."""

    commitment = models.ForeignKey(
        Commitment, models.CASCADE, related_name="partnerships", verbose_name=_("commitment")
    )
    forum = models.ForeignKey(
        Forum, models.PROTECT, related_name="partnerships", verbose_name=_("partner forum")
    )
    quote_en = models.CharField(_("quoted words (English)"), max_length=300, blank=True)
    quote_zh = models.CharField(_("quoted words (Chinese)"), max_length=300, blank=True)

    quote = Bilingual()

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("partnership")
        verbose_name_plural = _("partnerships")
        constraints = [
            models.UniqueConstraint(
                fields=["commitment", "forum"], name="partnership_once_per_forum"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.commitment.number} – {self.forum.code}"

    def clean(self) -> None:
        """Raise ValidationError if the text does not contain the quote of its language."""
        for language in ("en", "zh"):
            quote = getattr(self, f"quote_{language}")
            if quote and quote not in getattr(self.commitment, f"text_{language}"):
                raise ValidationError(
                    {
                        f"quote_{language}": _(
                            "This quotation does not occur in the commitment's text."
                        )
                    }
                )


class Milestone(models.Model):
    """A step towards a commitment, with a due date; curators set it, the plan does not."""

    commitment = models.ForeignKey(
        Commitment, models.PROTECT, related_name="milestones", verbose_name=_("commitment")
    )
    title_en = models.CharField(_("title (English)"), max_length=300, blank=True)
    title_zh = models.CharField(_("title (Chinese)"), max_length=300, blank=True)
    due_on = models.DateField(_("due date"))
    done_on = models.DateField(_("done on"), null=True, blank=True)

    title = Bilingual()

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("milestone")
        verbose_name_plural = _("milestones")
        constraints = [
            models.CheckConstraint(
                condition=~Q(title_en="") | ~Q(title_zh=""),
                name="milestone_title_in_one_language",
                violation_error_message=_("Give a title in at least one language."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.due_on})"


class WordingVersion(models.Model):
    """A wording that an amendment replaced; `replaced_by` is the decision on that amendment."""

    commitment = models.ForeignKey(
        Commitment, models.PROTECT, related_name="former_wordings", verbose_name=_("commitment")
    )
    text_en = models.TextField(_("text (English)"), blank=True)
    text_zh = models.TextField(_("text (Chinese)"), blank=True)
    text_sha256 = models.CharField(_("text digest"), max_length=64)
    replaced_by = models.ForeignKey(
        "Decision", models.PROTECT, related_name="+", verbose_name=_("amendment")
    )

    text = Bilingual()

    class Meta:
        verbose_name = _("former wording")
        verbose_name_plural = _("former wordings")
        constraints = [
            models.UniqueConstraint(
                fields=["commitment", "replaced_by"], name="wording_once_per_amendment"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.commitment.number} – {self.text_sha256[:12]}"
