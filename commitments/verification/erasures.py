"""Verification of what was erased: that nothing is left of it, that nothing is missing without an
erasure, and that two administrators decided it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from django.db.models import Model
from django.utils.translation import gettext as _

from commitments import ledger
from commitments.choices import Action, ErasablePart, RequestState
from commitments.exceptions import Problem
from commitments.ledger import Part
from commitments.models import Decision, ErasureRequest, RecordedContent
from commitments.verification.reading import StoredUpdate
from commitments.verification.rows import ROWS_PER_CHUNK, check_row


def left_of_erased(stored: StoredUpdate) -> Iterator[Problem]:
    """Yield what is left of the parts of an update that were erased, and which pieces of evidence
    lack a file or are marked without an erasure."""
    update, erased = stored.update, stored.erased
    evidence = {item.pk: item for item in stored.evidence}
    for part in erased:
        row = update if part.evidence is None else evidence.get(part.evidence)
        if row is not None and ledger.left_of_part(row, part.name):
            place = (f"update {update.pk}", str(part))
            yield Problem(place, _("was erased but is still there"))
    marked = {part.evidence for part in erased}
    for item in stored.evidence:
        file = Part(ErasablePart.FILE.value, item.pk)
        lacks_file = bool(item.file_sha256) and not item.file and file not in erased
        if lacks_file or item.is_erased != (item.pk in marked):
            message = _("is marked as erased or lacks its file, but no decision erases it")
            yield Problem((f"evidence {item.pk}",), message)


def erasure_differences() -> Iterator[Problem]:
    """Yield the erasures that were not decided by two persons, and the rows whose erasure is not a
    decision that names them."""
    erasures = Decision.objects.filter(action=Action.ERASE).in_order()
    rows = erasures.select_related("erasurerequest")
    for decision in rows.iterator(chunk_size=ROWS_PER_CHUNK):
        place = f"decision {decision.seq}"
        yield from check_row(place, partial(_request_differences, decision, place))
        if any(seq >= decision.seq for seq in decision.meta.get("links", ())):
            yield Problem((place, "meta"), _("erases something of a later decision"))
    emptied: tuple[tuple[type[Model], str], ...] = (
        (Decision, "seq"),
        (RecordedContent, "decision__seq"),
    )
    for model, path in emptied:
        named = model._default_manager.filter(erased_by__isnull=False)
        for seq, action, meta in named.order_by("pk").values_list(
            path, "erased_by__action", "erased_by__meta"
        ):
            if action != Action.ERASE or seq not in meta.get("links", ()):
                message = _("names an erasure that does not name it")
                yield Problem((f"decision {seq}", "erased_by"), message)


def _request_differences(decision: Decision, place: str) -> Iterator[Problem]:
    request: ErasureRequest | None = getattr(decision, "erasurerequest", None)
    if request is None or request.state != RequestState.CONFIRMED:
        yield Problem((place,), _("the request of the first administrator is missing"))
        return
    asker = ledger.salted_digest(decision.actor_salt, ledger.actor_text(request.asked_by_id))
    if decision.meta.get("asked_commit") != asker:
        yield Problem((place,), _("the request names another person than the chain"))
    if request.asked_by_id == decision.actor_id or request.closed_by_id != decision.actor_id:
        yield Problem((place,), _("one person alone decided it"))
    named = request.update_id, request.parts
    if named != (decision.update_id, decision.meta.get(ledger.ERASED)):
        yield Problem((place,), _("the request names something else"))
