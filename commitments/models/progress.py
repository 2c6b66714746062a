"""Progress updates: events, assessments of status, or both."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from commitments.choices import PUBLIC_STATES, DatePrecision, EventType, State, Status
from commitments.clocks import PartialDate
from commitments.models.base import BaseModel
from commitments.models.commitments import Commitment
from commitments.models.criteria import Criterion
from commitments.models.deletion import protect_m2m
from commitments.models.fields import CodeField, SaltField
from commitments.models.forums import Forum
from commitments.models.milestones import Milestone
from commitments.models.querysets import ProgressUpdateQuerySet
from commitments.texts.fields import MultilingualField, SearchIndexField

_PUBLIC = tuple(state.value for state in PUBLIC_STATES)
ASSESSMENT_STATUSES = [status for status in Status.values() if status != Status.UNASSESSED]

# The fields that an author sets, in the order of forms. Forms, API, update files and ledger follow
# this list. `summary` and `search_note` are a `Text`, `forums` is a list of `Forum`, `corrects` a
# `ProgressUpdate` or None. `criteria` and `meets` are keys, `rests_on` ids of updates, and
# `findings` give a `workflow.findings.FindingFields` for keys of criteria.
UPDATE_FIELDS = (
    "effective_on",
    "date_precision",
    "event_type",
    "summary",
    "forums",
    "criteria",
    "meets",
    "status",
    "covers_from",
    "findings",
    "rests_on",
    "search_note",
    "corrects",
    "external_ref",
)


def assessment_status_choices() -> list[tuple[str, object]]:
    """Return the choices of an update's status: all statuses but `unassessed`."""
    return [choice for choice in Status.choices() if choice[0] in ASSESSMENT_STATUSES]


class ProgressUpdate(BaseModel):
    """An update on a commitment: an event if it has an event type, an assessment if it has a
    status.

    Only `workflow.create_draft`, `edit_draft` and `perform` write it. An assessment of a standing
    duty covers the days from `covers_from` to `effective_on`. `criteria` are those that an event
    bears on, `meets` the milestones that the update meets. `chain` is the first update of its chain
    of corrections, itself if it corrects nothing; `changes_event` says of a published correction
    that it changed the type, the day, the criteria or the public evidence. `revision` counts every
    change of content or state. `internal_salt` is the salt of the digest by which the ledger covers
    the internal evidence without revealing whether there is any. `request_key` is that of the
    request which created the draft.
    """

    commitment = models.ForeignKey(
        Commitment, models.PROTECT, related_name="updates", verbose_name=_("commitment")
    )
    effective_on = models.DateField(_("date"))
    date_precision = CodeField(
        _("date precision"),
        max_length=5,
        codes=DatePrecision,
        default=DatePrecision.DAY.value,
    )
    event_type = CodeField(_("event type"), max_length=20, codes=EventType, null=True, blank=True)
    criteria = models.ManyToManyField(
        Criterion, blank=True, related_name="events", verbose_name=_("criteria")
    )
    meets = models.ManyToManyField(
        Milestone, blank=True, related_name="updates", verbose_name=_("milestones met")
    )
    covers_from = models.DateField(_("period from"), null=True, blank=True)
    status = CodeField(
        _("assessed status"),
        max_length=20,
        choices=assessment_status_choices,
        null=True,
        blank=True,
    )
    summary = MultilingualField(_("summary"), blank=True)
    search_note = MultilingualField(_("search note"), blank=True)
    search_index = SearchIndexField(texts=("summary", "search_note"), has_trigrams=True)
    forums = models.ManyToManyField(
        Forum, blank=True, related_name="updates", verbose_name=_("partner forums")
    )
    external_ref = models.CharField(_("external reference"), max_length=200, null=True, blank=True)
    corrects = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="corrections",
        verbose_name=_("corrects"),
    )
    chain = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="members",
        # An index in Meta begins with this column.
        db_index=False,
        verbose_name=_("chain of corrections"),
    )
    changes_event = models.BooleanField(_("changes the event"), default=False, editable=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="authored_updates",
        editable=False,
        verbose_name=_("author"),
    )
    editors = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        related_name="edited_updates",
        editable=False,
        verbose_name=_("editors"),
    )
    state = CodeField(
        _("state"), max_length=10, codes=State, default=State.DRAFT.value, editable=False
    )
    publisher = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="published_updates",
        editable=False,
        verbose_name=_("publisher"),
    )
    published_at = models.DateTimeField(_("published at"), null=True, blank=True, editable=False)
    published_on = models.DateField(_("published on"), null=True, blank=True, editable=False)
    superseded_at = models.DateTimeField(_("corrected at"), null=True, blank=True, editable=False)
    retracted_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"), editable=False)
    changed_at = models.DateTimeField(_("changed at"), editable=False)
    revision = models.PositiveIntegerField(_("revision"), default=0, editable=False)
    internal_salt = SaltField(editable=False)
    request_key = models.CharField(max_length=64, null=True, editable=False)

    objects = ProgressUpdateQuerySet.as_manager()

    class Meta:
        verbose_name = _("progress update")
        verbose_name_plural = _("progress updates")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=State.values()), name="update_state_known"
            ),
            models.CheckConstraint(
                condition=Q(date_precision__in=DatePrecision.values()),
                name="update_date_precision_known",
            ),
            models.CheckConstraint(
                condition=Q(status__isnull=True) | Q(status__in=ASSESSMENT_STATUSES),
                name="update_status_known",
            ),
            models.CheckConstraint(
                condition=Q(event_type__isnull=True) | Q(event_type__in=EventType.values()),
                name="update_event_type_known",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=_PUBLIC)
                | Q(status__isnull=False)
                | Q(event_type__isnull=False),
                name="update_published_as_event_or_assessment",
            ),
            models.CheckConstraint(
                condition=Q(covers_from__isnull=True)
                | Q(status__isnull=False, covers_from__lte=F("effective_on")),
                name="update_period_in_order",
            ),
            models.CheckConstraint(
                condition=Q(publisher__isnull=True) | ~Q(publisher=F("author")),
                name="update_author_is_not_publisher",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=_PUBLIC,
                    publisher__isnull=False,
                    published_at__isnull=False,
                    published_on__isnull=False,
                )
                | (
                    ~Q(state__in=_PUBLIC)
                    & Q(
                        publisher__isnull=True,
                        published_at__isnull=True,
                        published_on__isnull=True,
                    )
                ),
                name="update_published_by_someone_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(published_on__isnull=True) | Q(effective_on__lte=F("published_on")),
                name="update_not_effective_after_publication",
            ),
            models.CheckConstraint(
                condition=(Q(state=State.SUPERSEDED.value) & Q(superseded_at__isnull=False))
                | Q(state=State.RETRACTED.value)
                | (
                    ~Q(state__in=(State.SUPERSEDED.value, State.RETRACTED.value))
                    & Q(superseded_at__isnull=True)
                ),
                name="update_superseded_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state=State.RETRACTED.value, retracted_at__isnull=False)
                | (~Q(state=State.RETRACTED.value) & Q(retracted_at__isnull=True)),
                name="update_retracted_at_a_time",
            ),
            models.UniqueConstraint(
                fields=["corrects"],
                condition=Q(published_at__isnull=False),
                name="update_corrected_once",
            ),
            models.UniqueConstraint(
                fields=["author", "commitment", "request_key"], name="update_made_once"
            ),
            models.CheckConstraint(
                condition=Q(external_ref__isnull=True) | ~Q(external_ref=""),
                name="update_external_ref_not_empty",
            ),
        ]
        indexes = [
            # The current assessment of a commitment, on any day and by any time of publication.
            models.Index(
                fields=["commitment", "-effective_on", "-published_at", "-id"],
                name="update_latest_assessment",
            ),
            # The same among those that are published now; without it SQLite would choose the next
            # index.
            models.Index(
                fields=["commitment", "state", "-effective_on", "-published_at", "-id"],
                name="update_latest_published",
            ),
            # The end of a chain of corrections, for what rests on one of its updates.
            models.Index(fields=["chain", "state"], name="update_end_of_chain"),
            # The queue of reviewers and the public list.
            models.Index(fields=["state", "-id"], name="update_by_state"),
            # The check that an external reference is used once in a plan.
            models.Index(fields=["external_ref"], name="update_by_external_ref"),
        ]

    def __str__(self) -> str:
        day = PartialDate(self.effective_on, DatePrecision(self.date_precision))
        return f"#{self.pk} {self.commitment.number} {day}"


# Deleting a forum must not silently remove it from updates. Deleting an account must not remove the
# record of who edited an update and so may not review it.
protect_m2m(ProgressUpdate.forums.through, "forum")
protect_m2m(ProgressUpdate.editors.through, "user")
