"""Partner forums, which nest and succeed one another, and the offices that do the work."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from commitments.bilingual import Bilingual
from commitments.choices import ForumKind
from commitments.querysets import ForumQuerySet, OfficeQuerySet

CODE = r"^[A-Z0-9][A-Z0-9-]*\Z"
validate_code = RegexValidator(CODE, _("Capital letters, digits and hyphens."))


class Forum(models.Model):
    """A body, conference, dialogue or initiative. `parent` is the forum it is part of,
    `successor_of` the one whose work it took over."""

    code = models.CharField(_("code"), max_length=60, unique=True, validators=[validate_code])
    name_en = models.CharField(_("name (English)"), max_length=300, blank=True)
    name_zh = models.CharField(_("name (Chinese)"), max_length=300, blank=True)
    kind = models.CharField(_("kind"), max_length=30, choices=ForumKind.choices)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("part of"),
    )
    successor_of = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="successors",
        verbose_name=_("successor of"),
    )
    closed_on = models.DateField(_("closed on"), null=True, blank=True)

    name = Bilingual()

    objects = ForumQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("partner forum")
        verbose_name_plural = _("partner forums")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=ForumKind.values()), name="forum_kind_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(name_en="") | ~models.Q(name_zh=""),
                name="forum_name_in_one_language",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    def clean(self) -> None:
        """Neither line of descent may come back to the forum itself."""
        for field in ("parent_id", "successor_of_id"):
            if self.pk and Forum.objects.leads_back(field, self.pk, getattr(self, field)):
                raise ValidationError({field.removesuffix("_id"): _("That would make a circle.")})


class Office(models.Model):
    """A unit that leads or supports commitments; its members report on them. A closed one does
    neither any more."""

    code = models.CharField(_("code"), max_length=60, unique=True, validators=[validate_code])
    name_en = models.CharField(_("name (English)"), max_length=300, blank=True)
    name_zh = models.CharField(_("name (Chinese)"), max_length=300, blank=True)
    members = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="offices", verbose_name=_("members")
    )
    closed_on = models.DateField(_("closed on"), null=True, blank=True)

    name = Bilingual()

    objects = OfficeQuerySet.as_manager()
    history = HistoricalRecords(m2m_fields=[members])

    class Meta:
        verbose_name = _("office")
        verbose_name_plural = _("offices")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(name_en="") | ~models.Q(name_zh=""),
                name="office_name_in_one_language",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    def clean(self) -> None:
        """Whoever is to close an office gives its commitments to others first."""
        if self.closed_on is None or self.pk is None:
            return
        theirs = [*self.led_commitments.all(), *self.supported_commitments.all()]
        if theirs:
            codes = ", ".join(sorted(commitment.code for commitment in theirs))
            sentence = _("It still leads or supports %(codes)s. Give them to another office first.")
            raise ValidationError({"closed_on": sentence % {"codes": codes}})
