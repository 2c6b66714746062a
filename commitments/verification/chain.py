"""Every link of the chain, every note and actor behind it, and the head."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.utils.translation import gettext as _

from commitments import ledger
from commitments.choices import Action
from commitments.exceptions import Problem
from commitments.models import Decision, LedgerHead
from commitments.verification.readable import readable

CHUNK = 1000


@dataclass(frozen=True)
class Pin:
    """A link of the chain as somebody noted it down."""

    seq: int
    hash: str


@dataclass
class _Last:
    """The link before the one that is looked at. `correction` is the update whose supersession
    must come next, because its correction has just been published."""

    seq: int = 0
    hash: str = ledger.GENESIS
    at: datetime | None = None
    correction: int | None = None


def chain_differences(pin: Pin | None) -> Iterator[Problem]:
    last = _Last()
    rows = Decision.objects.in_order().select_related("plan", "commitment__plan", "update")
    for row in rows.iterator(chunk_size=CHUNK):
        place = f"decision {row.seq}"
        yield from readable(place, partial(_differences, row, last, place))
        if pin and pin.seq == row.seq and pin.hash != row.hash:
            yield Problem((place,), _("its hash is not the pinned one"))
        last = _Last(row.seq, row.hash, row.at, _corrected_by(row))
    if last.correction is not None:
        yield _not_superseded(f"decision {last.seq}", last.correction)
    if pin and pin.seq > last.seq:
        yield Problem((f"decision {pin.seq}",), _("the pinned link is missing"))
    yield from _head(last)


def _differences(row: Decision, last: _Last, place: str) -> Iterator[Problem]:
    yield from _order(row, last, place)
    yield from _digests(row, last, place)
    yield from _supersession(row, last, place)


def _order(row: Decision, last: _Last, place: str) -> Iterator[Problem]:
    if row.seq != last.seq + 1:
        missing = f"{last.seq + 1}" if row.seq == last.seq + 2 else f"{last.seq + 1}–{row.seq - 1}"
        yield Problem((f"decision {missing}",), _("is missing"))
    if last.at is not None and row.at < last.at:
        yield Problem((place, "at"), _("is before the decision that precedes it"))


def _digests(row: Decision, last: _Last, place: str) -> Iterator[Problem]:
    """The stored digests are what the row's own columns give."""
    checks: list[tuple[str, str, Callable[[], str], str]] = [
        (
            "entry",
            row.entry_sha256,
            lambda: ledger.sha256_of(ledger.entry(row)),
            _("the row differs from the entry whose digest is in the chain"),
        ),
        (
            "hash",
            row.hash,
            lambda: ledger.link(last.hash, row.entry_sha256),
            _("does not follow from the link before and the entry"),
        ),
        (
            "note",
            row.note_commit,
            lambda: ledger.committed(row.note_salt, row.note),
            _("is not the note that was recorded"),
        ),
        (
            "actor",
            row.actor_commit,
            lambda: ledger.committed(row.actor_salt, ledger.actor_text(row.actor_id)),
            _("is not the person who was recorded"),
        ),
    ]
    for name, stored, computed, message in checks:
        try:
            same = computed() == stored
        except ValueError:
            # A salt or digest that is no hexadecimal number, a value that JSON cannot hold.
            same = False
        if not same:
            yield Problem((place, name), message)


def _corrected_by(row: Decision) -> int | None:
    return row.update.corrects_id if row.action == Action.PUBLISH and row.update else None


def _supersession(row: Decision, last: _Last, place: str) -> Iterator[Problem]:
    """A published correction is followed by the supersession of what it corrects, and only it."""
    superseded = row.update_id if row.action == Action.SUPERSEDE else None
    if superseded == last.correction:
        return
    if superseded is not None:
        yield Problem((place,), _("supersedes an update without a published correction of it"))
    if last.correction is not None:
        yield _not_superseded(f"decision {last.seq}", last.correction)


def _not_superseded(place: str, update: int) -> Problem:
    return Problem(
        (place,), _("publishes a correction, and update %(id)s is not superseded") % {"id": update}
    )


def _head(last: _Last) -> Iterator[Problem]:
    heads = list(LedgerHead.objects.all())
    if len(heads) != 1:
        yield Problem(("head",), _("there must be one row; there are %(n)s") % {"n": len(heads)})
    for head in heads:
        for name, held, expected in (
            ("seq", head.seq, last.seq),
            ("hash", head.hash, last.hash),
            ("at", head.at, last.at),
        ):
            if held != expected:
                yield Problem(
                    ("head", name),
                    _("is %(held)s; the last decision has %(expected)s")
                    % {"held": held, "expected": expected},
                )
