"""Partner forums, and the offices that are responsible for commitments."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from commitments.choices import ForumKind
from commitments.models.base import BaseModel
from commitments.models.fields import AddressesField, CodeField
from commitments.models.querysets import ForumQuerySet, OfficeQuerySet
from commitments.texts.fields import MultilingualField, SearchIndexField, has_words
from commitments.texts.lists import ITEMS, join_list

FORUM_CODE = r"^[A-Z0-9][A-Z0-9-]*\Z"
validate_code = RegexValidator(FORUM_CODE, _("Use only capital letters, digits and hyphens."))


class Forum(BaseModel):
    """A body, conference, dialogue or initiative.

    `parent` is the forum that it is part of, `successor_of` the one whose work it took over.
    `same_as` are addresses that identify it elsewhere, such as that of its item in Wikidata.
    """

    code = models.CharField(_("code"), max_length=60, unique=True, validators=[validate_code])
    name = MultilingualField(_("name"), max_length=300)
    kind = CodeField(_("kind"), max_length=30, codes=ForumKind)
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
    same_as = AddressesField(
        _("same as"),
        help_text=_("Addresses that identify it elsewhere, such as in Wikidata; one a line."),
    )
    search_index = SearchIndexField(texts=("name",))

    objects = ForumQuerySet.as_manager()

    class Meta:
        verbose_name = _("partner forum")
        verbose_name_plural = _("partner forums")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=ForumKind.values()), name="forum_kind_known"
            ),
            models.CheckConstraint(condition=has_words("name"), name="forum_name_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name.inline()}"

    def clean(self) -> None:
        """Raise ValidationError if the forum leads back to itself, through parts, predecessors or
        both."""
        tree = Forum.objects.tree()
        sentence = _("A forum cannot be part of itself or its own successor, even indirectly.")
        for field in ("parent", "successor_of"):
            target = getattr(self, f"{field}_id")
            if target is not None and self.pk in tree.leads_to(target):
                raise ValidationError({field: sentence})


class Office(BaseModel):
    """A unit that leads or supports commitments; its members report on them.

    A closed office leads and supports none.
    """

    code = models.CharField(_("code"), max_length=60, unique=True, validators=[validate_code])
    name = MultilingualField(_("name"), max_length=300)
    members = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="offices", verbose_name=_("members")
    )
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    search_index = SearchIndexField(texts=("name",))

    objects = OfficeQuerySet.as_manager()

    class Meta:
        verbose_name = _("office")
        verbose_name_plural = _("offices")
        constraints = [
            models.CheckConstraint(condition=has_words("name"), name="office_name_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name.inline()}"

    def clean(self) -> None:
        """Raise ValidationError if a closed office still leads or supports commitments."""
        if self.closed_on is None or self.pk is None:
            return
        commitments = [*self.led_commitments.all(), *self.supported_commitments.all()]
        if commitments:
            codes = join_list((sorted(commitment.code for commitment in commitments)), ITEMS)
            sentence = _(
                "This office still leads or supports %(codes)s. Assign them to another office "
                "first."
            )
            raise ValidationError({"closed_on": sentence % {"codes": codes}})
