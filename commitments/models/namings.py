"""What updates name in other tables, read together.

`prefetch_related` queries each table of `CONTENT_RELATIONS` by itself, and then those that their
rows lead to. These tables are alike: each row leads from an update, or a finding, to what it names.
So one query reads them all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from itertools import islice
from operator import attrgetter
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import (
    FilteredRelation,
    Model,
    Prefetch,
    Q,
    QuerySet,
    prefetch_related_objects,
)

from commitments.choices import Action
from commitments.models.base import KEPT_ROWS, Stored, stored_row
from commitments.models.commitments import Commitment, Partnership
from commitments.models.criteria import Criterion
from commitments.models.decisions import Decision
from commitments.models.evidence import Evidence
from commitments.models.findings import Basis, Finding
from commitments.models.forums import Forum
from commitments.models.link_checks import LinkCheck
from commitments.models.milestones import Milestone
from commitments.models.progress import ProgressUpdate
from commitments.models.querysets.composed import read_by_id


class Naming(NamedTuple):
    """A row by which its owner, an update or a finding, names something; both are given by id.

    `number` is the chain of an event or the position of a criterion, `code` that of a forum, or the
    key of a criterion or milestone, and `result` that of a finding; other rows, and a basis whose
    event is missing, have 0 and "".
    `counts` says of a basis whether its sources count, and of other rows nothing.
    """

    relation: str
    id: int
    owner: int
    target: int
    number: int
    code: str
    result: str
    counts: bool


# Stands in for a query that has not been composed.
_NOT_COMPOSED: Any = object()
# The namings by relation and owner.
Namings = Mapping[tuple[str, int], Sequence[Naming]]


def fetch_named(updates: Sequence[ProgressUpdate]) -> None:
    """Fetch the `CONTENT_RELATIONS` and the editors of updates in one query, where
    `prefetch_related` takes seven.

    Only these columns of what is named are loaded: of editors the id, of forums the code, of
    criteria the key and the position, of milestones the key, and of events the chain.
    """
    namings = namings_of([update.pk for update in updates])
    for update in updates:
        _keep_named(update, namings)


def fetch_texts(
    commitment: Commitment, updates: Sequence[ProgressUpdate], *, has_forums: bool
) -> None:
    """Fetch the partnerships of a commitment, and the forums that these and its updates name as a
    whole, in one query, or in none if there are none: `has_forums` says whether its plan has any.
    Take the criteria of findings from the commitment.

    The updates must have been given to `fetch_named`, and the commitment have its criteria.
    """
    # A withdrawn update may name a forum that nothing public of its plan does.
    by_updates = {row.pk for update in updates for row in update.forums.all()}
    forums = _forums_named(commitment, by_updates) if has_forums or by_updates else {}
    partnerships: list[Partnership] = []
    for forum in forums.values():
        partnership: Partnership | None = getattr(forum, "partnership", None)
        if partnership is not None:
            partnership.forum = forum
            partnerships.append(partnership)
    keep_rows(commitment, "partnerships", sorted(partnerships, key=attrgetter("pk")))
    criteria = {row.pk: row for row in commitment.criteria.all()}
    for update in updates:
        keep_rows(update, "forums", [forums[row.pk] for row in update.forums.all()])
        for finding in update.findings.all():
            finding.criterion = criteria[finding.criterion_id]


def _forums_named(commitment: Commitment, by_updates: Iterable[int]) -> dict[int, Any]:
    """Return the forums that a commitment names, with its `partnership` with them, and those that
    its updates do, by id."""
    own = FilteredRelation("partnerships", condition=Q(partnerships__commitment=commitment))
    rows: QuerySet[Any] = Forum.objects.defer("search_index").annotate(partnership=own)
    named = rows.filter(Q(pk__in=by_updates) | Q(partnership__isnull=False))
    return {row.pk: row for row in named.select_related("partnership")}


def fetch_content(updates: Sequence[ProgressUpdate]) -> None:
    """Fetch what `ProgressUpdateQuerySet.with_content` and `fetch_named` do, and the ratings, in
    three queries, or four if any update was rated."""
    fetch_decisions(updates)
    rated = [row for row in updates if any(d.action == Action.RATE for d in row.decisions.all())]
    prefetch_related_objects(rated, "ratings")
    fetch_evidence(updates)
    fetch_named(updates)


def each_with_content(updates: QuerySet[Any], at_once: int) -> Iterator[ProgressUpdate]:
    """Yield the updates of a query, each as after `fetch_content`; `at_once` of them are read, and
    in memory, at a time."""
    rows: Iterator[ProgressUpdate] = updates.iterator(chunk_size=at_once)
    while some := list(islice(rows, at_once)):
        fetch_content(some)
        yield from some


def fetch_decisions(updates: Sequence[ProgressUpdate]) -> None:
    """Fetch the decisions on updates, in their order, in one query."""
    by_update: defaultdict[int | None, list[Decision]] = defaultdict(list)
    for row in _read_decisions([update.pk for update in updates]):
        by_update[row.update_id].append(row)
    for update in updates:
        keep_rows(update, "decisions", by_update[update.pk])
        for decision in by_update[update.pk]:
            decision.update = update


def _every_decision() -> QuerySet[Decision]:
    return Decision.objects.in_order()


def _evidence_with_checks() -> QuerySet[Any]:
    rows: QuerySet[Any] = Evidence.objects.defer("search_index")
    rows = rows.annotate(link_check=FilteredRelation("link_checks"))
    return rows.select_related("publisher", "link_check").order_by("pk", "link_check__pk")


_read_decisions = read_by_id(_every_decision, "update")
_read_evidence = read_by_id(_evidence_with_checks, "update")


def fetch_evidence(updates: Sequence[ProgressUpdate]) -> None:
    """Fetch the evidence of updates with its link checks in one query, where `prefetch_related`
    takes two."""
    pieces: dict[int, Evidence] = {}
    checks: defaultdict[int, list[LinkCheck]] = defaultdict(list)
    # There is a row for each check of an address, so a piece can occur more than once.
    for row in _read_evidence([update.pk for update in updates]):
        pieces.setdefault(row.pk, row)
        check: LinkCheck | None = getattr(row, "link_check", None)
        if check is not None:
            checks[row.pk].append(check)
    by_update: defaultdict[int, list[Evidence]] = defaultdict(list)
    for pk, piece in pieces.items():
        keep_rows(piece, "link_checks", checks[pk])
        by_update[piece.update_id].append(piece)
    for update in updates:
        keep_rows(update, "evidence", by_update[update.pk])
        for piece in by_update[update.pk]:
            piece.update = update


# Written by hand: every action of the workflow runs this, and composing it from querysets takes
# several times as long as running it. A basis is read even if its event is missing, since contents
# name the event by its id alone.
_NAMINGS = """
    SELECT 'bases', basis.id, basis.update_id, basis.event_id, COALESCE(event.chain_id, 0), '',
        '', basis.counts
    FROM commitments_basis AS basis
    LEFT JOIN commitments_progressupdate AS event ON event.id = basis.event_id
    WHERE basis.update_id IN ({updates})
UNION ALL
    SELECT 'findings', finding.id, finding.update_id, criterion.id, criterion.position,
        criterion.key, finding.result, TRUE
    FROM commitments_finding AS finding
    JOIN commitments_criterion AS criterion ON criterion.id = finding.criterion_id
    WHERE finding.update_id IN ({updates})
UNION ALL
    SELECT 'events', named.id, named.finding_id, named.progressupdate_id, event.chain_id, '', '',
        TRUE
    FROM commitments_finding_events AS named
    JOIN commitments_finding AS finding ON finding.id = named.finding_id
    JOIN commitments_progressupdate AS event ON event.id = named.progressupdate_id
    WHERE finding.update_id IN ({updates})
UNION ALL
    SELECT 'forums', named.id, named.progressupdate_id, named.forum_id, 0, forum.code, '', TRUE
    FROM commitments_progressupdate_forums AS named
    JOIN commitments_forum AS forum ON forum.id = named.forum_id
    WHERE named.progressupdate_id IN ({updates})
UNION ALL
    SELECT 'criteria', named.id, named.progressupdate_id, criterion.id, criterion.position,
        criterion.key, '', TRUE
    FROM commitments_progressupdate_criteria AS named
    JOIN commitments_criterion AS criterion ON criterion.id = named.criterion_id
    WHERE named.progressupdate_id IN ({updates})
UNION ALL
    SELECT 'meets', named.id, named.progressupdate_id, named.milestone_id, 0, milestone.key, '',
        TRUE
    FROM commitments_progressupdate_meets AS named
    JOIN commitments_milestone AS milestone ON milestone.id = named.milestone_id
    WHERE named.progressupdate_id IN ({updates})
UNION ALL
    SELECT 'editors', id, progressupdate_id, user_id, 0, '', '', TRUE
    FROM commitments_progressupdate_editors WHERE progressupdate_id IN ({updates})
"""
_PARTS = _NAMINGS.count("{updates}")


def namings_of(updates: Sequence[int]) -> Namings:
    """Return the rows of all these tables that lead from these updates, given by id; one query."""
    namings: defaultdict[tuple[str, int], list[Naming]] = defaultdict(list)
    if not updates:
        return namings
    query = _NAMINGS.replace("{updates}", ", ".join(["%s"] * len(updates)))
    with connection.cursor() as cursor:
        cursor.execute(query, [*updates] * _PARTS)
        for row in map(Naming._make, cursor.fetchall()):
            namings[row.relation, row.owner].append(row)
    return namings


def _keep_named(update: ProgressUpdate, namings: Namings) -> None:
    pk = update.pk
    findings = [_finding(row, namings["events", row.id]) for row in namings["findings", pk]]
    findings.sort(key=lambda row: (row.criterion.position, row.criterion_id))
    forums = [_loaded(Forum, id=row.target, code=row.code) for row in namings["forums", pk]]
    meets = [_loaded(Milestone, id=row.target, key=row.code) for row in namings["meets", pk]]
    keep_rows(update, "forums", forums)
    keep_rows(update, "criteria", [_criterion(row) for row in namings["criteria", pk]])
    keep_rows(update, "meets", meets)
    keep_rows(update, "bases", [_basis(row) for row in namings["bases", pk]])
    keep_rows(update, "findings", findings)
    keep_rows(update, "editors", [_loaded(User, id=row.target) for row in namings["editors", pk]])


def _basis(row: Naming) -> Basis:
    basis = _loaded(
        Basis, id=row.id, update_id=row.owner, event_id=row.target, counts=bool(row.counts)
    )
    basis.event = _event(row)
    return basis


def _finding(row: Naming, events: Iterable[Naming]) -> Finding:
    finding = _loaded(
        Finding, id=row.id, update_id=row.owner, criterion_id=row.target, result=row.result
    )
    finding.criterion = _criterion(row)
    keep_rows(finding, "events", [_event(event) for event in events])
    return finding


def _criterion(row: Naming) -> Criterion:
    return _loaded(Criterion, id=row.target, key=row.code, position=row.number)


def _event(row: Naming) -> ProgressUpdate:
    return _loaded(ProgressUpdate, id=row.target, chain_id=row.number)


def _loaded(model: type[Stored], **columns: object) -> Stored:
    """Return a stored row of which these columns, in the order of the table, are loaded; others are
    read when they are first used, as after `only`."""
    return stored_row(model, DEFAULT_DB_ALIAS, columns, columns.values())


class _KeptRows(QuerySet[Any]):
    """All rows of a relation, which have been read. As with prefetched rows, filtering them queries
    the database again. That query is composed only when needed: composing one for each relation of
    each row takes longer than reading all of them."""

    def __init__(self, owner: Model, relation: str, rows: Sequence[Model]) -> None:
        related = type(owner)._meta.get_field(relation).related_model
        super().__init__(related, query=_NOT_COMPOSED)
        self._owner, self._relation = owner, relation
        self._result_cache, self._prefetch_done = list(rows), True

    def _composed(self) -> Any:
        """Return the rows of the relation as if none had been read."""
        attributes = vars(self._owner)
        kept = attributes.pop(KEPT_ROWS, {})
        try:
            return getattr(self._owner, self._relation).get_queryset()
        finally:
            attributes[KEPT_ROWS] = kept

    @property
    def query(self) -> Any:  # type: ignore[override]
        return self._composed().query

    def _chain(self) -> Any:
        return self._composed()

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        """Return a copy that reads them again, as Django's do."""
        return deepcopy(self._composed(), memo)

    def __getattr__(self, name: str) -> Any:
        """Return an attribute that only the querysets of that model have."""
        return getattr(self._composed(), name)


def keep_rows(owner: Model, relation: str, rows: Sequence[Model]) -> None:
    """Keep rows, which must be all rows of the relation, where `prefetch_related` keeps them."""
    cache = vars(owner).setdefault(KEPT_ROWS, {})
    cache[relation] = _KeptRows(owner, relation, rows)


def fetch_rows(owners: Sequence[Model], relations: Iterable[Prefetch[Any] | str]) -> None:
    """Fetch relations as `prefetch_related` does, but without composing a query for each owner.

    Each must be a relation of the owners themselves: a path that leads further, such as
    `findings__events`, is not supported.
    """
    for relation in relations:
        lookup = Prefetch(relation) if isinstance(relation, str) else relation
        name = lookup.prefetch_through
        prefetch_related_objects(owners, Prefetch(name, lookup.queryset, to_attr="fetched"))
        for owner in owners:
            keep_rows(owner, name, vars(owner).pop("fetched"))
