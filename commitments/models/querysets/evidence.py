"""Evidence and the checks of its links."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce

from commitments.choices import (
    DEAD_AFTER_CHECKS,
    PUBLIC_CONTENT_STATES,
    REACHED_STATUSES,
    ROBOT_REFUSALS,
    LinkFilter,
    LinkStatus,
)
from commitments.clocks import Clock
from commitments.db import storable
from commitments.models.querysets.shared import (
    level_subquery,
    narrowed,
    related,
    related_rows,
    sees_inside_of_all,
    shown_inside,
)
from commitments.models.querysets.updates import ProgressUpdateQuerySet, counts_behind
from commitments.models.querysets.words import contains_all, one_by_index
from commitments.texts.scripts import folded, search_index
from commitments.texts.search_terms import SearchTerm
from commitments.texts.text import Text

if TYPE_CHECKING:
    from commitments.models import Evidence, Forum, LinkCheck, Plan, Publisher  # noqa: F401
    from commitments.roles import Person

# SQLite accepts no more than a thousand conditions in a row.
NAMES_AT_ONCE = 200


def source_place() -> Case:
    """Return an expression that identifies the source of a piece of evidence: its link, its
    citation or the digest of its file. Pieces with the same value are one source."""
    return Case(
        When(~Q(url=""), then=F("url")),
        When(~Q(citation=""), then=F("citation")),
        # An erased piece still counts as a source.
        When(Q(file_sha256=""), then=Cast("pk", CharField())),
        default=F("file_sha256"),
        output_field=CharField(),
    )


@dataclass(frozen=True)
class PublisherKeys:
    """The keys of publishers by their folded names."""

    by_name: Mapping[str, str]

    def key_of(self, name: Text) -> str | None:
        """Return the key of the publisher that has one of these names, None if there is none."""
        keys = (self.by_name.get(folded(words)) for words in name.values())
        return next((key for key in keys if key), None)


class PublisherQuerySet(models.QuerySet["Publisher"]):
    def visible_to(self, user: Person) -> PublisherQuerySet:
        """Return the publishers behind evidence that this person may see; for staff all, unless
        their access token is limited to plans."""
        if sees_inside_of_all(user):
            return self
        evidence = related(self, "evidence", EvidenceQuerySet).visible_to(user)
        return self.filter(Exists(evidence.filter(publisher=OuterRef("pk"))))

    def named(self, names: Iterable[str]) -> list[Publisher]:
        """Return the publishers that have one of these names in some language; capitals, accents
        and blanks make no difference. One query for each `NAMES_AT_ONCE` names."""
        wanted = list(dict.fromkeys(folded(name) for name in storable(names)))
        found: dict[int, Publisher] = {}
        for first in range(0, len(wanted), NAMES_AT_ONCE):
            some = wanted[first : first + NAMES_AT_ONCE]
            holds = reduce(or_, (Q(search_index__contains=search_index([name])) for name in some))
            found |= {row.pk: row for row in self.filter(holds) if row.has_one_of(some)}
        return [found[pk] for pk in sorted(found)]

    def of_plan(self, plan: Plan) -> PublisherQuerySet:
        """Return the publishers that public evidence on a plan names, the most frequent first."""
        named = Q(evidence__public=True, evidence__update__state__in=PUBLIC_CONTENT_STATES)
        rows = self.filter(named, evidence__update__commitment__plan=plan)
        return rows.annotate(evidence_count=Count("evidence")).order_by("-evidence_count", "pk")

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
        updates = related(self, "update", ProgressUpdateQuerySet)
        # The hidden updates are found once, and not looked up for each piece.
        visible = ~Q(update__in=updates.hidden_from(user).values("pk"))
        if sees_inside_of_all(user):
            return self.filter(visible)
        # `Exists`, since with a join SQLite would read all published updates for each page.
        published = updates.with_public_content().filter(pk=OuterRef("update"))
        public = Q(Exists(published), public=True)
        return self.filter(public | (visible & shown_inside(user, "update__commitment__plan")))

    def at_forums(
        self, forums: Iterable[Forum], user: Person, *, or_none: bool = False
    ) -> EvidenceQuerySet:
        """Return the evidence of the updates that name one of these forums, as
        `ProgressUpdateQuerySet.at_forums` finds them."""
        updates = related(self, "update", ProgressUpdateQuerySet)
        named = updates.at_forums(forums, user, or_none=or_none).filter(pk=OuterRef("update"))
        # `Exists`, since with `IN` all these updates would be found for a page of their evidence.
        return self.filter(Exists(named))

    def search(self, terms: Iterable[SearchTerm]) -> EvidenceQuerySet:
        """Return the evidence with each of these terms in its title, in any language, in its link
        or citation, or in the name of its publisher."""
        rows, publishers = self, related_rows(self, "publisher")
        pieces = self.model._default_manager.values("pk")
        for term in one_by_index(terms):
            found = contains_all([term], ["search_index"])
            named = Q(publisher__in=publishers.filter(found))
            if term.unindexed:
                rows = rows.filter(found | named)
            else:
                # A union, since PostgreSQL uses no index for a condition with OR and a subquery.
                rows = rows.filter(pk__in=pieces.filter(found).union(pieces.filter(named)))
        return rows

    def with_link(self, results: Collection[str]) -> EvidenceQuerySet:
        """Return the links with one of these results (`LinkFilter`): that of the latest check,
        dead, or not yet checked."""
        latest = related(self, "link_checks", LinkCheckQuerySet).latest_per_link()
        own = latest.filter(evidence=OuterRef("pk"), url=OuterRef("url"))
        chosen = Q(Exists(own.filter(status__in=results)))
        if LinkFilter.DEAD in results:
            chosen |= Q(Exists(own.dead()))
        if LinkFilter.UNCHECKED in results:
            chosen |= ~Q(Exists(own))
        return self.exclude(url="").filter(chosen)

    def public_links(self) -> EvidenceQuerySet:
        """Return the links that everybody can see."""
        return self.archivable().filter(update__state__in=PUBLIC_CONTENT_STATES)

    def archivable(self) -> EvidenceQuerySet:
        """Return the links to which the address of an archived copy may be added."""
        return self.filter(public=True).exclude(url="")

    def with_address(self, address: str) -> EvidenceQuerySet:
        """Return the pieces that have this link or archived address."""
        return self.filter(Q(url=address) | Q(archived_url=address))

    def not_checked_since(self, time: datetime, address: str, until: datetime) -> EvidenceQuerySet:
        """Return the pieces that have no check of this address since this time. One that is dated
        later than `until` counts as none."""
        checks = related_rows(self, "link_checks").filter(
            evidence=OuterRef("pk"), url=address, last_at__range=(time, until)
        )
        return self.filter(~Exists(checks))

    def dead_links(self) -> EvidenceQuerySet:
        """Return the links that are dead by their latest check and have no archived address that
        some check reached and that is not dead by its latest check."""
        return self.filter(self._has_dead_link())

    def without_dead_links(self) -> EvidenceQuerySet:
        """Return the evidence that is not among the `dead_links`."""
        return self.filter(~self._has_dead_link())

    def _has_dead_link(self) -> Q:
        checks = related(self, "link_checks", LinkCheckQuerySet).filter(evidence=OuterRef("pk"))
        dead = checks.latest_per_link().dead()
        reached = checks.filter(status__in=REACHED_STATUSES, url=OuterRef("archived_url"))
        has_copy = Exists(reached) & ~Exists(dead.filter(url=OuterRef("archived_url")))
        return Q(Exists(dead.filter(url=OuterRef("url")))) & ~Q(has_copy)

    def behind(self, update: str, clock: Clock) -> EvidenceQuerySet:
        """Return the public evidence on which the update in this column of the outer query rests,
        its own and that of the events that its findings name, as it counts at the time of the
        clock."""
        return self.filter(counts_behind(self, clock, update, path="update__"), public=True)

    def highest_level(self) -> Coalesce:
        """Return the highest level of this evidence, 1 to 3, or 0 if there is none, for an outer
        query."""
        return level_subquery(self)

    def source_count(self) -> Coalesce:
        """Return the number of different sources of this evidence, for an outer query."""
        everything = self.order_by().annotate(all=Value(1)).values("all")
        counted = everything.annotate(n=Count(source_place(), distinct=True)).values("n")
        return Coalesce(Subquery(counted), 0)


_EvidenceManager = models.Manager.from_queryset(EvidenceQuerySet)


class EvidenceManager(_EvidenceManager["Evidence"]):
    """Reads evidence with its publishers, which are shown wherever a piece is."""

    def get_queryset(self) -> EvidenceQuerySet:
        return narrowed(super().get_queryset().select_related("publisher"), EvidenceQuerySet)


class LinkCheckQuerySet(models.QuerySet["LinkCheck"]):
    def latest_per_link(self) -> LinkCheckQuerySet:
        """Return the latest check of each address of each piece of evidence."""
        same_link = self.model.objects.filter(evidence=OuterRef("evidence"), url=OuterRef("url"))
        return self.filter(~Exists(same_link.filter(pk__gt=OuterRef("pk"))))

    def dead(self) -> LinkCheckQuerySet:
        """Return the checks that found a link gone, or unreachable repeatedly; a site that refuses
        robots is not unreachable."""
        unreachable = Q(status=LinkStatus.UNREACHABLE, checks__gte=DEAD_AFTER_CHECKS)
        return self.filter(Q(status=LinkStatus.GONE) | unreachable & ~Q(detail__in=ROBOT_REFUSALS))
