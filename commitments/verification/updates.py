"""Each progress update against its decisions: content, state, publisher, times, archived
addresses; and every stored file against its digest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial

from django.db.models import Max
from django.utils.translation import gettext as _

from commitments import ledger
from commitments.choices import EDITABLE_STATES, Action, State
from commitments.clocks import local_day
from commitments.exceptions import Problem
from commitments.models import Decision, Evidence, ProgressUpdate
from commitments.transitions import TRANSITIONS
from commitments.verification.readable import readable

CHUNK = 500

# From which states each act leads where; None: the state stays. Superseding is never asked for,
# so it is not in the table of transitions.
MOVES: dict[str, tuple[tuple[State, ...], State | None]] = {
    **{action: (row.sources, row.target) for action, row in TRANSITIONS.items()},
    Action.SUPERSEDE: ((State.PUBLISHED,), State.SUPERSEDED),
}


@dataclass
class _Folded:
    """What an update's decisions, taken in order, say of it: where it `stands`, and the rest.
    `frozen` are those since its content was last handed over: all hold the same digest."""

    stands: State = State.DRAFT
    publisher: int | None = None
    published_at: datetime | None = None
    superseded_at: datetime | None = None
    retracted_at: datetime | None = None
    archived: dict[int, str] = field(default_factory=dict)
    frozen: list[Decision] = field(default_factory=list)


def update_differences() -> Iterator[Problem]:
    rows = (
        ProgressUpdate.objects.order_by("pk")
        .select_related("commitment__plan")
        .prefetch_related("evidence", "forums", "decisions", "editors")
    )
    for update in rows.iterator(chunk_size=CHUNK):
        yield from readable(f"update {update.pk}", partial(_differences, update))


def lost_updates() -> Iterator[Problem]:
    """Updates that decisions speak of, and whose evidence may still be there."""
    present = ProgressUpdate.objects.values("pk")
    lost = Decision.objects.filter(update__isnull=False).exclude(update__in=present)
    for pk, seq in lost.order_by("update").values_list("update").annotate(last=Max("seq")):
        place = f"update {pk}"
        yield Problem((place,), _("is gone; decision %(seq)s speaks of it") % {"seq": seq})
    orphans = Evidence.objects.exclude(update__in=present).order_by("pk")
    for pk, update in orphans.values_list("pk", "update"):
        yield Problem((f"evidence {pk}",), _("its update %(id)s is gone") % {"id": update})


def _differences(update: ProgressUpdate) -> Iterator[Problem]:
    place = f"update {update.pk}"
    folded = _Folded()
    for decision in sorted(update.decisions.all(), key=lambda row: row.seq):
        yield from _step(folded, decision, place)
    yield from _columns(update, folded, place)
    yield from _content(update, folded, place)
    yield from _four_eyes(update, folded, place)
    for item in sorted(update.evidence.all(), key=lambda item: item.pk):
        yield from _archived(item, folded)
        yield from readable(f"evidence {item.pk}", partial(_file, item))


def _step(folded: _Folded, decision: Decision, place: str) -> Iterator[Problem]:
    """Takes one decision into the fold."""
    sources, target = MOVES.get(decision.action, ((), None))
    if folded.stands not in sources:
        yield Problem(
            (place,),
            _("decision %(seq)s, “%(action)s”, is not possible from “%(state)s”")
            % {"seq": decision.seq, "action": decision.action, "state": folded.stands.value},
        )
    folded.stands = target or folded.stands
    match decision.action:
        case Action.PUBLISH:
            folded.publisher, folded.published_at = decision.actor_id, decision.at
        case Action.SUPERSEDE:
            folded.superseded_at = decision.at
        case Action.RETRACT:
            folded.retracted_at = decision.at
        case Action.ARCHIVE:
            folded.archived[decision.meta.get("evidence")] = decision.meta.get("archived_url")
    if folded.stands in EDITABLE_STATES:
        folded.frozen.clear()
    else:
        folded.frozen.append(decision)


def _columns(update: ProgressUpdate, folded: _Folded, place: str) -> Iterator[Problem]:
    zone = update.commitment.plan.time_zone
    published_on: date | None = folded.published_at and local_day(folded.published_at, zone)
    for name, held, said in (
        ("state", update.state, folded.stands.value),
        ("publisher", update.publisher_id, folded.publisher),
        ("published_at", update.published_at, folded.published_at),
        ("published_on", update.published_on, published_on),
        ("superseded_at", update.superseded_at, folded.superseded_at),
        ("retracted_at", update.retracted_at, folded.retracted_at),
    ):
        if held != said:
            yield Problem(
                (place, name),
                _("is %(held)s; its decisions say %(said)s") % {"held": held, "said": said},
            )


def _content(update: ProgressUpdate, folded: _Folded, place: str) -> Iterator[Problem]:
    if not folded.frozen:
        return
    try:
        digest = ledger.sha256_of(ledger.content(update))
    except ValueError:
        digest = ""
    for decision in folded.frozen:
        if decision.content_sha256 != digest:
            yield Problem(
                (place, "content"),
                _("differs from what decision %(seq)s, “%(action)s”, holds the digest of")
                % {"seq": decision.seq, "action": decision.action},
            )
            return


def _four_eyes(update: ProgressUpdate, folded: _Folded, place: str) -> Iterator[Problem]:
    writers = {update.author_id, *(editor.pk for editor in update.editors.all())}
    if folded.publisher in writers:
        yield Problem((place, "publisher"), _("wrote or edited it"))


def _archived(item: Evidence, folded: _Folded) -> Iterator[Problem]:
    said = folded.archived.get(item.pk, "")
    if item.archived_url != said:
        yield Problem(
            (f"evidence {item.pk}", "archived_url"),
            _("is %(held)s; the decisions of update %(id)s say %(said)s")
            % {"held": item.archived_url or "–", "id": item.update_id, "said": said or "–"},
        )


def _file(item: Evidence) -> Iterator[Problem]:
    if not item.file:
        return
    place = (f"evidence {item.pk}", "file")
    digest, size = hashlib.sha256(), 0
    try:
        with item.file.open("rb") as stream:
            for chunk in stream.chunks():
                digest.update(chunk)
                size += len(chunk)
    except OSError:
        yield Problem(place, _("is not in the storage"))
        return
    if (digest.hexdigest(), size) != (item.file_sha256, item.file_size):
        yield Problem(place, _("is not the file whose digest and size were recorded"))
