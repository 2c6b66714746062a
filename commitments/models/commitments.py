"""The commitments of a plan and their partner forums."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from commitments.choices import Kind, Status, statuses_for
from commitments.clocks import EARLIEST_END
from commitments.models.base import BaseModel
from commitments.models.deletion import protect_m2m
from commitments.models.fields import CodeField
from commitments.models.forums import Forum, Office
from commitments.models.plans import ActionArea, Plan, StrategicGoal
from commitments.models.querysets import CommitmentQuerySet
from commitments.texts.fields import MultilingualField, SearchIndexField, has_words
from commitments.texts.highlight import same_words_in
from commitments.texts.text import Text

MISSING_WORDS = _("“%(quote)s” does not occur in the commitment's text in this language.")
# A letter or digit, and nothing that would not survive in an address. Here any sign beyond ASCII
# counts as a letter; plan files are checked more closely (`number_problems`).
NUMBER_PATTERN = (
    r"^(?=.*(?:[0-9A-Za-z]|[^\x00-\x7f]))"
    r"[^\s/\\?#%&<>\x22\x27\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\ufeff]+\Z"
)
# The keys of criteria and milestones, unique in their commitment.
KEY_PATTERN = r"^[a-z][a-z0-9]*\Z"
KEY_LENGTH = 10
validate_key = RegexValidator(
    KEY_PATTERN, _("Use only small letters and digits, starting with a letter.")
)


def _status_fits_kind() -> Q:
    """Return the condition that a commitment's status is one of its kind."""
    fits = Q(status=Status.UNASSESSED.value)
    for kind in Kind:
        fits |= Q(kind=kind.value, status__in=[status.value for status in statuses_for(kind)])
    return fits


# The order of lists, and what commitments are selected, sorted and counted by.
SELECTED_BY = (
    "plan",
    "position",
    "id",
    "kind",
    "status",
    "status_update",
    "status_effective_on",
    "status_level",
    "status_action_on",
    "last_action_on",
    "last_deed_on",
    "due_on",
    "ends_on",
    "goal",
    "area",
)


class Commitment(BaseModel):
    """A numbered commitment of a plan.

    `number` is the one printed in the plan and is never reused; `position` is the place in the
    plan's list. Only an amendment of the plan changes the text; the ledger keeps former ones. A
    deliverable can have a due date, a standing duty the day on which it ends; `KnownDate` keeps
    former ones. From `status` on, the columns are copies of what its published updates say, which
    only `workflow` writes: the current assessment with its evidence level and the day of the newest
    action on which it rests, the last action, the day of the last action that is more than a
    statement, and the number of published updates.
    """

    plan = models.ForeignKey(
        Plan, models.PROTECT, related_name="commitments", verbose_name=_("plan")
    )
    number = models.CharField(
        _("number"),
        max_length=20,
        validators=[
            RegexValidator(
                NUMBER_PATTERN,
                _("Use a letter or digit, no blanks, and none of these: / \\ ? # %% & < > \" '"),
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
    title = MultilingualField(_("title"), max_length=300)
    text = MultilingualField(_("text"))
    text_sha256 = models.CharField(_("text digest"), max_length=64, editable=False)
    note = MultilingualField(_("note on the text"), blank=True)
    kind = CodeField(_("kind"), max_length=20, codes=Kind)
    kind_reason = MultilingualField(_("reason for the kind"), blank=True)
    goal = models.ForeignKey(
        StrategicGoal,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="commitments",
        verbose_name=_("primary goal"),
    )
    goal_reason = MultilingualField(_("reason for the goal"), blank=True)
    criteria_reason = MultilingualField(_("reason for the criteria"), blank=True)
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
    ends_on = models.DateField(_("end date"), null=True, blank=True)
    search_index = SearchIndexField(texts=("title", "text", "code", "number"), has_trigrams=True)
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
    # Shown as columns of `CommitmentQuerySet`, not as fields.
    status_effective_on = models.DateField(null=True, editable=False)
    status_level = models.PositiveSmallIntegerField(default=0, editable=False)
    status_action_on = models.DateField(null=True, editable=False)
    last_action = models.ForeignKey(
        "ProgressUpdate", models.PROTECT, null=True, editable=False, related_name="+"
    )
    last_action_on = models.DateField(null=True, editable=False)
    last_deed_on = models.DateField(null=True, editable=False)
    published_updates = models.PositiveIntegerField(default=0, editable=False)

    objects = CommitmentQuerySet.as_manager()

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
                condition=Q(ends_on__isnull=True) | Q(kind=Kind.STANDING.value),
                name="commitment_ends_only_if_standing",
                violation_error_message=_("Only a standing duty can have an end date."),
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True)
                | Q(start_on__isnull=True)
                | Q(ends_on__gte=F("start_on")),
                name="commitment_end_not_before_start",
                violation_error_message=_("The end date is before the start date."),
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=EARLIEST_END),
                name="commitment_end_not_too_early",
                violation_error_message=_("The end date is too early."),
            ),
            models.CheckConstraint(condition=has_words("title"), name="commitment_title_not_empty"),
            models.CheckConstraint(condition=has_words("text"), name="commitment_text_not_empty"),
        ]
        indexes = [
            # Lists in the order of a plan; and whatever selects or counts commitments by their
            # state, which reads this alone: the rows themselves, with their texts, are far longer.
            models.Index(fields=SELECTED_BY, name="commitment_current_state"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title.inline()}"

    @property
    def code(self) -> str:
        """The public identifier, such as `ISCC-3.2`."""
        return f"{self.plan.code}-{self.number}"

    def missing_words(self, quote: Text) -> list[str]:
        """Return the words of a quote that the text does not contain in their language."""
        text = self.text
        return [
            words for tag, words in quote.items() if not same_words_in(words, text.get(tag, ""))
        ]

    @property
    def last_day(self) -> date | None:
        """The day on which a deliverable is due or a standing duty ends; None if it has neither."""
        return self.due_on or self.ends_on

    def clean(self) -> None:
        """Raise ValidationError if the goal or the area belongs to another plan."""
        for name in ("goal", "area"):
            other = getattr(self, name)
            if other is not None and other.plan_id != self.plan_id:
                raise ValidationError({name: _("This belongs to another plan.")})


# Deleting an office must not silently remove it from the commitments that it supports.
protect_m2m(Commitment.supporting_offices.through, "office")


class Partnership(BaseModel):
    """A forum that a commitment names; `quote` is how its text names it."""

    commitment = models.ForeignKey(
        Commitment, models.CASCADE, related_name="partnerships", verbose_name=_("commitment")
    )
    forum = models.ForeignKey(
        Forum, models.PROTECT, related_name="partnerships", verbose_name=_("partner forum")
    )
    quote = MultilingualField(_("quoted words"), max_length=300, blank=True)

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
        for words in self.commitment.missing_words(self.quote):
            raise ValidationError({"quote": MISSING_WORDS % {"quote": words}})
