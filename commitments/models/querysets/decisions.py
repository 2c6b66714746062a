"""Decisions, the links of the ledger."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from django.db import models
from django.db.models import Count, Exists, Min, OuterRef, Q, Subquery
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce

from commitments.choices import PUBLIC_ACTIONS, Action
from commitments.clocks import Clock
from commitments.models.querysets.shared import related, related_rows
from commitments.models.querysets.updates import ProgressUpdateQuerySet

if TYPE_CHECKING:
    from commitments.models import Commitment, Decision, Plan  # noqa: F401
    from commitments.roles import Person


class ImportFile(NamedTuple):
    """A file from which updates were loaded: its digest, the time of the first load, and the
    number of its public updates."""

    sha256: str
    at: datetime
    updates: int


class DecisionQuerySet(models.QuerySet["Decision"]):
    def in_order(self) -> DecisionQuerySet:
        return self.order_by("seq")

    def visible_to(self, user: Person) -> DecisionQuerySet:
        """Return the decisions on updates that this person may see, and on whole plans. Notes on an
        assessment that they have to rate first would reveal what it finds."""
        updates = related(self, "update", ProgressUpdateQuerySet)
        # Both are found once, and not looked up for each decision.
        hidden, withheld = updates.hidden_from(user), updates.withheld_from(user)
        shown = self.exclude(update__in=hidden.values("pk"))
        return shown.exclude(update__in=withheld.values("pk"))

    def public(self) -> DecisionQuerySet:
        """Return the decisions that are public changes."""
        return self.filter(action__in=PUBLIC_ACTIONS)

    def latest_public(self, by: datetime | None) -> DecisionQuerySet:
        """Return the latest public change recorded by a time, or until now, if there is one."""
        known = self.public() if by is None else self.public().filter(at__lte=by)
        return known.order_by("-seq")[:1]

    def recorded_since(self, time: datetime) -> DecisionQuerySet:
        """Return the decisions recorded at a time or later. Times rise with `seq`, by which the
        first one is looked for from the end."""
        before = self.model.objects.filter(at__lt=time).order_by("-seq").values("seq")[:1]
        return self.filter(seq__gt=Coalesce(Subquery(before), 0))

    def erasures(self) -> DecisionQuerySet:
        """Return the erasures, newest first."""
        return self.filter(action=Action.ERASE).order_by("-seq")

    def on_plans(self, plans: Iterable[Plan]) -> DecisionQuerySet:
        """Return the decisions on these plans, and those on what plans share."""
        return self.filter(Q(plan__in=plans) | Q(plan__isnull=True))

    def about_each(self, commitments: Collection[int]) -> DecisionQuerySet:
        """Return what `about` does, of a few commitments, given by id. Each condition is a query of
        its own: for alternatives of one query, PostgreSQL would look through all decisions."""
        own = self.model.objects.filter(commitment__in=commitments).order_by()
        contents = related_rows(self, "contents").filter(commitment__in=commitments).order_by()
        return self.filter(pk__in=own.values("pk").union(contents.values("decision"), all=True))

    def about(
        self, commitments: models.QuerySet[Commitment], subject_type: str, keys: Iterable[str]
    ) -> DecisionQuerySet:
        """Return the decisions on these commitments and on these subjects of one type, with the
        loads and amendments that changed one of them and the erasures of former contents."""
        ids = commitments.order_by().values("pk")
        subjects = Q(subject_type=subject_type, subject_key__in=list(keys))
        contents = related_rows(self, "contents").filter(Q(commitment__in=ids) | subjects)
        # Found once, not for each decision.
        changed = contents.order_by().values("decision")
        return self.filter(Q(commitment__in=ids) | subjects | Q(pk__in=changed))

    def import_files(self, clock: Clock) -> list[ImportFile]:
        """Return the files from which public updates were loaded, the first loaded first.
        `ledger.import_digest` gives the digest of the file of one update."""
        later = self.model.objects.filter(
            update=OuterRef("update"), action=Action.SUBMIT, seq__gt=OuterRef("seq")
        )
        loaded = self.filter(action=Action.SUBMIT, meta__has_key="import")
        public = loaded.filter(~Exists(later), update__published_at__isnull=False)
        if clock.known_at is not None:
            public = public.filter(update__published_at__lte=clock.known_at)
        by_file = public.values(sha256=KT("meta__import"))
        rows = by_file.annotate(first_at=Min("at"), updates=Count("pk")).order_by(
            "first_at", "sha256"
        )
        return [ImportFile(row["sha256"], row["first_at"], row["updates"]) for row in rows]
