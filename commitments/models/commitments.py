"""The numbered undertakings of a plan, their partner forums, milestones and former wordings."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from commitments.bilingual import Bilingual
from commitments.choices import Kind, Status, statuses_for
from commitments.models.forums import Forum, Office
from commitments.models.links import keep_linked
from commitments.models.plans import ActionArea, Plan, StrategicGoal
from commitments.querysets import CommitmentQuerySet

NUMBER = r"^[0-9A-Za-z][0-9A-Za-z.()-]*\Z"


def _status_fits_kind() -> Q:
    fits = Q(status=Status.UNASSESSED)
    for kind in Kind:
        fits |= Q(kind=kind, status__in=statuses_for(kind))
    return fits


class Commitment(models.Model):
    """`number` is printed in the plan and never reused; `position` orders the plan's list.

    The text is frozen: only an amendment of the plan changes it, and keeps the old wording.
    `status` and `status_update` are a copy of the current claim that only `workflow` writes.
    """

    plan = models.ForeignKey(
        Plan, models.PROTECT, related_name="commitments", verbose_name=_("plan")
    )
    number = models.CharField(
        _("number"),
        max_length=20,
        validators=[RegexValidator(NUMBER, _("Letters, digits, dots, brackets and hyphens."))],
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
    text_sha256 = models.CharField(_("digest of the text"), max_length=64, editable=False)
    note_en = models.TextField(_("note on the text (English)"), blank=True)
    note_zh = models.TextField(_("note on the text (Chinese)"), blank=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
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
    start_on = models.DateField(_("starts on"), null=True, blank=True)
    due_on = models.DateField(_("due on"), null=True, blank=True)
    status = models.CharField(
        _("status"),
        max_length=20,
        choices=Status.choices,
        default=Status.UNASSESSED,
        editable=False,
    )
    status_update = models.ForeignKey(
        "ProgressUpdate",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("current claim"),
    )

    title = Bilingual()
    text = Bilingual()
    note = Bilingual()
    kind_reason = Bilingual()
    goal_reason = Bilingual()

    objects = CommitmentQuerySet.as_manager()
    # The text has former wordings, the status has decisions: what is left are a curator's edits.
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
                condition=Q(status=Status.UNASSESSED, status_update__isnull=True)
                | (~Q(status=Status.UNASSESSED) & Q(status_update__isnull=False)),
                name="commitment_status_has_its_claim",
            ),
            models.CheckConstraint(
                condition=Q(due_on__isnull=True) | Q(kind=Kind.DELIVERABLE),
                name="commitment_due_only_if_deliverable",
                violation_error_message=_("Only a deliverable has a due date."),
            ),
            models.CheckConstraint(
                condition=Q(due_on__isnull=True)
                | Q(start_on__isnull=True)
                | Q(due_on__gte=F("start_on")),
                name="commitment_due_not_before_start",
                violation_error_message=_("The due date is before the start."),
            ),
            models.CheckConstraint(
                condition=~Q(text_en="") | ~Q(text_zh=""),
                name="commitment_text_in_one_language",
            ),
        ]
        indexes = [
            # Every list of a plan, in the plan's order.
            models.Index(fields=["plan", "position"], name="commitment_in_plan_order"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    @property
    def code(self) -> str:
        """The public identifier, e.g. `ISCC-3.2`."""
        return f"{self.plan.code}-{self.number}"

    def clean(self) -> None:
        """Goal and area are of the same plan."""
        for name in ("goal", "area"):
            other = getattr(self, name)
            if other is not None and other.plan_id != self.plan_id:
                raise ValidationError({name: _("This belongs to another plan.")})


# An office that supports a commitment is not deleted with the link.
keep_linked(Commitment.supporting_offices, "office")


class Partnership(models.Model):
    """A commitment names a forum, in these words of its text."""

    commitment = models.ForeignKey(
        Commitment, models.CASCADE, related_name="partnerships", verbose_name=_("commitment")
    )
    forum = models.ForeignKey(
        Forum, models.PROTECT, related_name="partnerships", verbose_name=_("partner forum")
    )
    quote_en = models.CharField(_("words of the text (English)"), max_length=300, blank=True)
    quote_zh = models.CharField(_("words of the text (Chinese)"), max_length=300, blank=True)

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
        """A quote occurs in the text of its language."""
        for language in ("en", "zh"):
            quote = getattr(self, f"quote_{language}")
            if quote and quote not in getattr(self.commitment, f"text_{language}"):
                raise ValidationError(
                    {f"quote_{language}": _("These words do not occur in the commitment's text.")}
                )


class Milestone(models.Model):
    """A dated step that staff set for a commitment."""

    commitment = models.ForeignKey(
        Commitment, models.PROTECT, related_name="milestones", verbose_name=_("commitment")
    )
    title_en = models.CharField(_("title (English)"), max_length=300, blank=True)
    title_zh = models.CharField(_("title (Chinese)"), max_length=300, blank=True)
    due_on = models.DateField(_("due on"))
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
    """A wording that an amendment replaced; `replaced_by` is that amendment's decision."""

    commitment = models.ForeignKey(
        Commitment, models.PROTECT, related_name="former_wordings", verbose_name=_("commitment")
    )
    text_en = models.TextField(_("text (English)"), blank=True)
    text_zh = models.TextField(_("text (Chinese)"), blank=True)
    text_sha256 = models.CharField(_("digest of the text"), max_length=64)
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
