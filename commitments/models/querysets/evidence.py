"""Evidence and the checks of its links."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Case, Exists, IntegerField, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from commitments.choices import DEAD_AFTER_CHECKS, ROBOT_REFUSALS, LinkStatus, Source, State
from commitments.models.querysets.shared import narrowed, related
from commitments.models.querysets.updates import ProgressUpdateQuerySet
from commitments.roles import is_staff
from commitments.texts.scripts import folded, search_index
from commitments.texts.text import Text

if TYPE_CHECKING:
    from commitments.models import Evidence, LinkCheck, Publisher  # noqa: F401
    from commitments.roles import Person


@dataclass(frozen=True)
class PublisherKeys:
    """The keys of publishers by their folded names."""

    by_name: Mapping[str, str]

    def key_of(self, name: Text) -> str | None:
        """Return the key of the publisher that has one of these names, None if there is none."""
        keys = (self.by_name.get(folded(words)) for words in name.values())
        return next((key for key in keys if key), None)


class PublisherQuerySet(models.QuerySet["Publisher"]):
    def named(self, names: Iterable[str]) -> list[Publisher]:
        """Return the publishers that have one of these names in some language; capitals, accents
        and blanks make no difference. One query."""
        wanted = {folded(name) for name in names}
        found = reduce(or_, (Q(search_index__contains=search_index([name])) for name in wanted))
        return [row for row in self.filter(found).order_by("pk") if row.has_one_of(wanted)]

    def keys(self) -> PublisherKeys:
        """Return the keys of these publishers by all their names; one query."""
        return PublisherKeys(
            {
                folded(name): row.key
                for row in self.order_by("-pk")
                for name in (row.key, *row.name.values())
            }
        )


class EvidenceQuerySet(models.QuerySet["Evidence"]):
    def visible_to(self, user: Person) -> EvidenceQuerySet:
        """Return the evidence that this person may see. Internal evidence, and that of retracted
        updates, is for staff."""
        updates = related(self, "update", ProgressUpdateQuerySet).visible_to(user)
        visible = self.filter(update__in=updates.values("pk"))
        if is_staff(user):
            return visible
        return visible.filter(public=True).exclude(update__state=State.RETRACTED)

    def public_links(self) -> EvidenceQuerySet:
        """Return the links that everybody can see."""
        updates = related(self, "update", ProgressUpdateQuerySet).with_public_content()
        return self.filter(public=True, update__in=updates.values("pk")).exclude(url="")

    def dead_links(self) -> EvidenceQuerySet:
        """Return the links that are dead by their latest check and have no archived address."""
        dead = related(self, "link_checks", LinkCheckQuerySet).latest_per_link().dead()
        return self.filter(archived_url="").filter(Exists(dead.filter(evidence=OuterRef("pk"))))

    def highest_level(self, update: str) -> Coalesce:
        """Return the highest evidence level, 0 to 3, of the public rows of an update, whose id is
        in this column of the outer query."""
        level = Case(
            *(When(source=source, then=Value(source.level)) for source in Source),
            output_field=IntegerField(),
        )
        public = self.filter(update=OuterRef(update), public=True).annotate(level=level)
        return Coalesce(Subquery(public.order_by("-level").values("level")[:1]), 0)


_EvidenceManager = models.Manager.from_queryset(EvidenceQuerySet)


class EvidenceManager(_EvidenceManager["Evidence"]):
    """Reads evidence with its publishers, which are shown wherever a piece is."""

    def get_queryset(self) -> EvidenceQuerySet:
        return narrowed(super().get_queryset().select_related("publisher"), EvidenceQuerySet)


class LinkCheckQuerySet(models.QuerySet["LinkCheck"]):
    def latest_per_link(self) -> LinkCheckQuerySet:
        same_link = self.model.objects.filter(evidence=OuterRef("evidence"))
        return self.filter(pk=Subquery(same_link.order_by("-pk").values("pk")[:1]))

    def dead(self) -> LinkCheckQuerySet:
        """Return the checks that found a link gone, or unreachable repeatedly; a site that refuses
        robots is not unreachable."""
        unreachable = Q(status=LinkStatus.UNREACHABLE, checks__gte=DEAD_AFTER_CHECKS)
        return self.filter(Q(status=LinkStatus.GONE) | unreachable & ~Q(detail__in=ROBOT_REFUSALS))
