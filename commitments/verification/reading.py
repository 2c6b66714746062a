"""Reading what is verified, which takes most of the time of a verification: updates in chunks, what
they name without model instances, and what many of them share only once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from django.db.models import prefetch_related_objects

from commitments import ledger
from commitments.choices import EDITABLE_STATES
from commitments.models import Commitment, Decision, Evidence, Plan, ProgressUpdate, Publisher
from commitments.models.namings import Namings, namings_of
from commitments.verification.rows import ROWS_PER_CHUNK
from commitments.workflow import FindingFields


@dataclass(frozen=True)
class SharedRows:
    """What many updates and decisions refer to, read once: the codes of plans, the codes and the
    time zones of commitments, and the publishers with their keys; all by id."""

    plan_codes: Mapping[int | None, str]
    commitment_codes: Mapping[int | None, str]
    time_zones: Mapping[int, str]
    publishers: Mapping[int | None, Publisher]

    @classmethod
    def read(cls) -> SharedRows:
        """Return those of the whole record; three queries."""
        commitment_codes: dict[int | None, str] = {}
        time_zones = {}
        columns = ("number", "plan__code", "plan__time_zone")
        rows = Commitment.objects.select_related("plan").only(*columns)
        for row in rows.iterator(chunk_size=ROWS_PER_CHUNK):
            commitment_codes[row.pk] = row.code
            time_zones[row.pk] = row.plan.time_zone
        return cls(
            plan_codes=dict(Plan.objects.values_list("pk", "code")),
            commitment_codes=commitment_codes,
            time_zones=time_zones,
            publishers={row.pk: row for row in Publisher.objects.only("key")},
        )


@dataclass
class StoredUpdate:
    """An update, and what other tables have of it: the decisions on it in their order, its evidence
    by id, what it finds by the keys of criteria, whether each of its bases counts, and its editors
    by id. Of a correction, both updates have their evidence and criteria prefetched."""

    update: ProgressUpdate
    shared: SharedRows
    decisions: Sequence[Decision]
    evidence: Sequence[Evidence]
    named: ledger.NamedKeys
    findings: Mapping[str, FindingFields]
    bases: Mapping[int, bool]
    editors: Set[int]

    @cached_property
    def erased(self) -> Sequence[ledger.Part]:
        """What was erased of the update, as for `ledger.erased_parts`."""
        if self.update.state in EDITABLE_STATES:
            return ()
        return ledger.parts_erased_by(self.decisions)

    @cached_property
    def content(self) -> ledger.ContentRows:
        code = self.shared.commitment_codes[self.update.commitment_id]
        return ledger.ContentRows(self.update, code, self.named, self.evidence, self.erased)


def stored_updates(shared: SharedRows) -> Iterator[StoredUpdate]:
    """Yield all updates by id, with a fixed number of queries for each chunk."""
    stream = ProgressUpdate.objects.order_by("pk").iterator(chunk_size=ROWS_PER_CHUNK)
    while updates := list(islice(stream, ROWS_PER_CHUNK)):
        # Order by update first, as the indexes do, so that nothing has to be sorted.
        ids = [update.pk for update in updates]
        decisions: defaultdict[int | None, list[Decision]] = defaultdict(list)
        for decision in Decision.objects.filter(update__in=ids).order_by("update", "seq"):
            decisions[decision.update_id].append(decision)
        evidence: defaultdict[int, list[Evidence]] = defaultdict(list)
        pieces = Evidence.objects.filter(update__in=ids).order_by("update", "pk")
        for item in pieces.select_related(None):
            item.publisher = shared.publishers.get(item.publisher_id)
            evidence[item.update_id].append(item)
        namings = namings_of(ids)
        corrections = [update for update in updates if update.corrects_id is not None]
        for path in ("evidence", "criteria"):
            prefetch_related_objects(corrections, path, f"corrects__{path}")
        for update in updates:
            yield _stored(update, shared, decisions[update.pk], evidence[update.pk], namings)


def _stored(
    update: ProgressUpdate,
    shared: SharedRows,
    decisions: Sequence[Decision],
    evidence: Sequence[Evidence],
    namings: Namings,
) -> StoredUpdate:
    pk = update.pk
    findings = {
        row.code: FindingFields(
            row.result, sorted(named.target for named in namings["events", row.id])
        )
        for row in namings["findings", pk]
    }
    bases = {row.target: bool(row.counts) for row in namings["bases", pk]}
    named = ledger.NamedKeys(
        forums=[row.code for row in namings["forums", pk]],
        criteria=[row.code for row in namings["criteria", pk]],
        meets=[row.code for row in namings["meets", pk]],
        findings=findings,
        rests_on=sorted(bases.keys() - {pk}),
    )
    editors = {row.target for row in namings["editors", pk]}
    return StoredUpdate(update, shared, decisions, evidence, named, findings, bases, editors)
