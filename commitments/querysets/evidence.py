"""Evidence: who may see it, how high it stands, and what became of its links."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Case, Exists, IntegerField, OuterRef, Q, Subquery, Value, When

from commitments.choices import Source, State
from commitments.health import DEAD_AFTER, TURNED_AWAY, LinkOutcome
from commitments.querysets.shared import related
from commitments.roles import is_staff

if TYPE_CHECKING:
    from commitments.models import Evidence, LinkCheck  # noqa: F401
    from commitments.roles import Person


class EvidenceQuerySet(models.QuerySet["Evidence"]):
    def with_level(self) -> EvidenceQuerySet:
        return self.annotate(
            level=Case(
                *(When(source=source, then=Value(source.level)) for source in Source),
                output_field=IntegerField(),
            )
        )

    def visible_to(self, user: Person) -> EvidenceQuerySet:
        """Evidence of updates this person may know of; internal evidence and that of
        retracted updates is for staff."""
        updates = related(self, "update").visible_to(user)
        visible = self.filter(update__in=updates.values("pk"))
        if is_staff(user):
            return visible
        return visible.filter(public=True).exclude(update__state=State.RETRACTED)

    def public_links(self) -> EvidenceQuerySet:
        """Links that everybody can see."""
        updates = related(self, "update").with_public_content()
        return self.filter(public=True, update__in=updates.values("pk")).exclude(url="")

    def lost(self) -> EvidenceQuerySet:
        """Links that are dead, without an archived copy."""
        dead = related(self, "link_checks").latest_of_each().dead()
        return self.filter(archived_url="").filter(Exists(dead.filter(evidence=OuterRef("pk"))))


class LinkCheckQuerySet(models.QuerySet["LinkCheck"]):
    def latest_of_each(self) -> LinkCheckQuerySet:
        """The latest row of every link."""
        same = self.model._default_manager.filter(evidence=OuterRef("evidence"))
        return self.filter(pk=Subquery(same.order_by("-pk").values("pk")[:1]))

    def dead(self) -> LinkCheckQuerySet:
        """Gone, or not reached again and again; but not where robots are turned away."""
        lost = Q(outcome=LinkOutcome.UNREACHABLE, checks__gte=DEAD_AFTER)
        return self.filter(Q(outcome=LinkOutcome.GONE) | lost & ~Q(detail__in=TURNED_AWAY))
