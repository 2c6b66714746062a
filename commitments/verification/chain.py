"""Verification of the chain: its links, their notes and actors, and its head."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments import ledger
from commitments.choices import Action
from commitments.exceptions import Problem
from commitments.ledger import ErasedLinks
from commitments.models import Decision, LedgerHead, ProgressUpdate
from commitments.verification.reading import SharedRows
from commitments.verification.rows import ROWS_PER_CHUNK, check_row

# What differs if a digest does, by the name of the digest.
DIFFERENT_DIGESTS = {
    "entry": gettext_lazy("the row differs from the entry recorded in the chain"),
    "hash": gettext_lazy("does not match the previous hash and the entry"),
    "note": gettext_lazy("differs from the recorded note"),
    "actor": gettext_lazy("differs from the recorded person"),
}


@dataclass(frozen=True)
class PinnedHead:
    """A link of the chain, noted down outside the database."""

    seq: int
    hash: str


@dataclass
class _Previous:
    """The decision before the one that is checked.

    `to_supersede` is the update that it corrected by publishing a correction, if any: the next
    decision must supersede it.
    """

    seq: int = 0
    hash: str = ledger.GENESIS
    at: datetime | None = None
    to_supersede: int | None = None


@dataclass(frozen=True)
class _Read:
    """What the check of each decision needs from other tables: what may be missing, what many
    decisions share, and the corrected update by its correction."""

    erased: ErasedLinks
    shared: SharedRows
    corrected: Mapping[int | None, int | None]


def pin_differences(pin: PinnedHead) -> Iterator[Problem]:
    """Yield why the pinned link is not in the chain, if it is not."""
    place = (f"decision {pin.seq}",)
    recorded = Decision.objects.filter(seq=pin.seq).values_list("hash", flat=True).first()
    if recorded is None:
        yield Problem(place, _("the pinned entry is missing"))
    elif recorded != pin.hash:
        yield Problem(place, _("its hash differs from the pinned one"))


def chain_differences(now: datetime, erased: ErasedLinks, shared: SharedRows) -> Iterator[Problem]:
    """Yield the differences within the chain, those between its last decision and the head, and
    that the head is later than `now`. `erased` is what may be missing."""
    corrections = ProgressUpdate.objects.filter(corrects__isnull=False)
    read = _Read(erased, shared, dict(corrections.values_list("pk", "corrects")))
    previous = _Previous()
    for row in Decision.objects.in_order().iterator(chunk_size=ROWS_PER_CHUNK):
        place = f"decision {row.seq}"
        yield from check_row(place, partial(_differences, row, previous, read, place))
        # Only the publication of a correction asks for a supersession.
        corrected = read.corrected.get(row.update_id) if row.action == Action.PUBLISH else None
        previous = _Previous(row.seq, row.hash, row.at, corrected)
    if previous.to_supersede is not None:
        yield _not_superseded(f"decision {previous.seq}", previous.to_supersede)
    yield from _head_differences(previous)
    if previous.at is not None and previous.at - now > ledger.TOLERANCE:
        values = {"at": previous.at, "now": now}
        yield Problem(("head", "at"), _("is %(at)s, but the clock says %(now)s") % values)


def _differences(row: Decision, previous: _Previous, read: _Read, place: str) -> Iterator[Problem]:
    yield from _order_differences(row, previous, place)
    yield from _digest_differences(row, previous, read, place)
    yield from _supersession_differences(row, previous, place)


def _order_differences(row: Decision, previous: _Previous, place: str) -> Iterator[Problem]:
    expected = previous.seq + 1
    if row.seq != expected:
        missing = f"{expected}" if row.seq == expected + 1 else f"{expected}–{row.seq - 1}"
        yield Problem((f"decision {missing}",), _("is missing"))
    goes_back = previous.at is not None and row.at < previous.at
    if row.action == Action.CONFIRM_TIME:
        if previous.at and row.meta.get("head_at") != ledger.format_utc(previous.at):
            yield Problem(
                (place, "meta"), _("names a time other than that of the preceding decision")
            )
    elif goes_back:
        yield Problem((place, "at"), _("is earlier than the preceding decision"))


def _digest_differences(
    row: Decision, previous: _Previous, read: _Read, place: str
) -> Iterator[Problem]:
    """Compare the stored digests with those computed from the row's columns. Only a note or an
    entry that an erasure names may be missing; its digest is still there."""
    is_erased = {"note": row.seq in read.erased.notes, "entry": row.seq in read.erased.entries}
    remains = {"note": row.note + row.note_salt != "", "entry": not row.entry_is_erased}
    checks: tuple[tuple[str, str, Callable[[], str]], ...] = (
        ("entry", row.entry_sha256, lambda: _entry_digest(row, read.shared)),
        ("hash", row.hash, lambda: ledger.chain_hash(previous.hash, row.entry_sha256)),
        ("note", row.note_commit, lambda: ledger.salted_digest(row.note_salt, row.note)),
        ("actor", row.actor_commit, lambda: _actor_digest(row)),
    )
    for name, stored, computed in checks:
        if is_erased.get(name):
            if remains[name]:
                yield Problem((place, name), _("was erased but is still there"))
            continue
        try:
            same = computed() == stored
        except ValueError:
            # A salt or digest is not hexadecimal, or JSON cannot represent a value.
            same = False
        if not same:
            yield Problem((place, name), str(DIFFERENT_DIGESTS[name]))


def _entry_digest(row: Decision, shared: SharedRows) -> str:
    plan = shared.plan_codes.get(row.plan_id)
    commitment = shared.commitment_codes.get(row.commitment_id)
    return ledger.sha256_of(ledger.entry_with_codes(row, plan, commitment))


def _actor_digest(row: Decision) -> str:
    return ledger.salted_digest(row.actor_salt, ledger.actor_text(row.actor_id))


def _supersession_differences(row: Decision, previous: _Previous, place: str) -> Iterator[Problem]:
    """Check that an update is superseded directly after its correction is published, and only
    then."""
    superseded = row.update_id if row.action == Action.SUPERSEDE else None
    if superseded == previous.to_supersede:
        return
    if superseded is not None:
        yield Problem(
            (place,), _("marks an update as corrected without a published correction of it")
        )
    if previous.to_supersede is not None:
        yield _not_superseded(f"decision {previous.seq}", previous.to_supersede)


def _not_superseded(place: str, update: int) -> Problem:
    return Problem(
        (place,),
        _("publishes a correction, but update %(id)s is not marked as corrected") % {"id": update},
    )


def _head_differences(last: _Previous) -> Iterator[Problem]:
    heads = list(LedgerHead.objects.all())
    if len(heads) != 1:
        yield Problem(
            ("head",), _("there must be one row, but there are %(n)s") % {"n": len(heads)}
        )
    for head in heads:
        for name, stored, expected in (
            ("seq", head.seq, last.seq),
            ("hash", head.hash, last.hash),
            ("at", head.at, last.at),
        ):
            if stored != expected:
                yield Problem(
                    ("head", name),
                    _("is %(stored)s; according to the last decision it should be %(expected)s")
                    % {"stored": stored, "expected": expected},
                )
