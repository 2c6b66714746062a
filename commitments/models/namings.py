"""What updates name in other tables, read together.

`prefetch_related` asks each table of `CONTENT_RELATIONS` by itself, and then for what their rows
lead to. These tables are alike: each row leads from an update, or a finding, to what it names. So
one query reads them all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from django.contrib.auth.models import User
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import FilteredRelation, Model, QuerySet, prefetch_related_objects

from commitments.models.commitments import Commitment
from commitments.models.criteria import Criterion
from commitments.models.evidence import Evidence
from commitments.models.findings import Basis, Finding
from commitments.models.forums import Forum
from commitments.models.link_checks import LinkCheck
from commitments.models.progress import ProgressUpdate


class Naming(NamedTuple):
    """A row by which its owner, an update or a finding, names something; both are given by id.

    `chain` is that of an event, and `code` that of a forum or the result of a finding; other rows
    have 0 and "".
    """

    relation: str
    id: int
    owner: int
    target: int
    chain: int
    code: str


Stored = TypeVar("Stored", bound=Model)
# By relation and owner.
Namings = Mapping[tuple[str, int], Sequence[Naming]]


def fetch_named(updates: Sequence[ProgressUpdate], *, whole_forums: bool = False) -> None:
    """Fetch the `CONTENT_RELATIONS` and the editors of updates in one query, where
    `prefetch_related` takes seven; with `whole_forums` in two.

    Criteria and milestones are those of the updates' commitments: a query for each commitment of
    which some are named, unless the caller has prefetched them. Of editors only the id is loaded,
    of forums the id and the code, of events the id and the chain, and of bases not whether they
    count.
    """
    namings: defaultdict[tuple[str, int], list[Naming]] = defaultdict(list)
    for row in _namings([update.pk for update in updates]):
        namings[row.relation, row.owner].append(row)
    named = {row.target: row for update in updates for row in namings["forums", update.pk]}
    if whole_forums:
        forums = Forum.objects.in_bulk(named)
    else:
        forums = {pk: _loaded(Forum, id=pk, code=row.code) for pk, row in named.items()}
    for update in updates:
        _keep_named(update, namings, forums)


def fetch_evidence(updates: Sequence[ProgressUpdate]) -> None:
    """Fetch the evidence of updates with its link checks in one query, where `prefetch_related`
    takes two."""
    rows: QuerySet[Any] = Evidence.objects.filter(update__in=[update.pk for update in updates])
    rows = rows.annotate(link_check=FilteredRelation("link_checks"))
    pieces: dict[int, Evidence] = {}
    checks: defaultdict[int, list[LinkCheck]] = defaultdict(list)
    # A piece comes once for each check of its addresses.
    for row in rows.select_related("publisher", "link_check").order_by("pk", "link_check__pk"):
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


# By hand: to compose this of querysets takes several times as long as to run it, in every action of
# the workflow.
_NAMINGS = """
    SELECT 'bases', basis.id, basis.update_id, basis.event_id, event.chain_id, ''
    FROM commitments_basis AS basis
    JOIN commitments_progressupdate AS event ON event.id = basis.event_id
    WHERE basis.update_id IN ({updates})
UNION ALL
    SELECT 'findings', id, update_id, criterion_id, 0, result
    FROM commitments_finding WHERE update_id IN ({updates})
UNION ALL
    SELECT 'events', named.id, named.finding_id, named.progressupdate_id, event.chain_id, ''
    FROM commitments_finding_events AS named
    JOIN commitments_finding AS finding ON finding.id = named.finding_id
    JOIN commitments_progressupdate AS event ON event.id = named.progressupdate_id
    WHERE finding.update_id IN ({updates})
UNION ALL
    SELECT 'forums', named.id, named.progressupdate_id, named.forum_id, 0, forum.code
    FROM commitments_progressupdate_forums AS named
    JOIN commitments_forum AS forum ON forum.id = named.forum_id
    WHERE named.progressupdate_id IN ({updates})
UNION ALL
    SELECT 'criteria', id, progressupdate_id, criterion_id, 0, ''
    FROM commitments_progressupdate_criteria WHERE progressupdate_id IN ({updates})
UNION ALL
    SELECT 'meets', id, progressupdate_id, milestone_id, 0, ''
    FROM commitments_progressupdate_meets WHERE progressupdate_id IN ({updates})
UNION ALL
    SELECT 'editors', id, progressupdate_id, user_id, 0, ''
    FROM commitments_progressupdate_editors WHERE progressupdate_id IN ({updates})
"""
_PARTS = _NAMINGS.count("{updates}")


def _namings(updates: Sequence[int]) -> list[Naming]:
    """Return the rows of all these tables that lead from these updates, given by id."""
    if not updates:
        return []
    query = _NAMINGS.replace("{updates}", ", ".join(["%s"] * len(updates)))
    with connection.cursor() as cursor:
        cursor.execute(query, [*updates] * _PARTS)
        return [Naming(*row) for row in cursor.fetchall()]


def _keep_named(update: ProgressUpdate, namings: Namings, forums: Mapping[int, Forum]) -> None:
    pk, commitment = update.pk, update.commitment
    criteria = _by_id(commitment, "criteria", namings["criteria", pk] or namings["findings", pk])
    milestones = _by_id(commitment, "milestones", namings["meets", pk])
    editors = [_loaded(User, id=row.target) for row in namings["editors", pk]]
    findings = [
        _finding(row, criteria[row.target], namings["events", row.id])
        for row in namings["findings", pk]
    ]
    findings.sort(key=lambda row: (row.criterion.position, row.criterion_id))
    keep_rows(update, "forums", [forums[row.target] for row in namings["forums", pk]])
    keep_rows(update, "criteria", [criteria[row.target] for row in namings["criteria", pk]])
    keep_rows(update, "meets", [milestones[row.target] for row in namings["meets", pk]])
    keep_rows(update, "bases", [_basis(row) for row in namings["bases", pk]])
    keep_rows(update, "findings", findings)
    keep_rows(update, "editors", editors)


def _by_id(commitment: Commitment, relation: str, named: Sequence[Naming]) -> dict[int, Any]:
    """Return the rows of a relation of a commitment, which are read once, if any are named."""
    if not named:
        return {}
    prefetch_related_objects([commitment], relation)
    return {row.pk: row for row in getattr(commitment, relation).all()}


def _basis(row: Naming) -> Basis:
    basis = _loaded(Basis, id=row.id, update_id=row.owner)
    basis.event = _event(row)
    return basis


def _finding(row: Naming, criterion: Criterion, events: Iterable[Naming]) -> Finding:
    finding = _loaded(Finding, id=row.id, update_id=row.owner, result=row.code)
    finding.criterion = criterion
    keep_rows(finding, "events", [_event(event) for event in events])
    return finding


def _event(row: Naming) -> ProgressUpdate:
    return _loaded(ProgressUpdate, id=row.target, chain_id=row.chain)


def _loaded(model: type[Stored], **columns: object) -> Stored:
    """Return a stored row of which these columns, in the order of the table, are loaded; others are
    read when they are asked for, as after `only`."""
    return model.from_db(DEFAULT_DB_ALIAS, list(columns), list(columns.values()))


def keep_rows(owner: Model, relation: str, rows: Sequence[Model]) -> None:
    """Keep the rows of a relation, all that the database has, where `prefetch_related` keeps
    them."""
    kept = getattr(owner, relation).get_queryset()
    kept._result_cache, kept._prefetch_done = list(rows), True
    vars(owner).setdefault("_prefetched_objects_cache", {})[relation] = kept
