"""The ledger: every decision a link of one hash chain that an outsider can recompute.

content       = what an author wrote, with its public evidence and a salted commitment to the rest
entry         = `{v, seq, at, action, plan, commitment, update, role, content_sha256, note_commit,
                actor_commit, meta}`
entry_sha256  = SHA-256 of the entry's canonical JSON (RFC 8785), in hex
hash          = SHA-256 of the previous link's hash and entry_sha256, 32 raw bytes each, in hex
genesis       = 32 zero bytes
commitment    = SHA-256 of 32 random bytes and a text in UTF-8, so that a secret text can be
                proved later and not guessed before
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import rfc8785

from commitments.choices import Action
from commitments.models import Decision, Evidence, LedgerHead, ProgressUpdate
from commitments.models.progress import new_salt

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from commitments.models import Commitment, Plan

VERSION = 1
GENESIS = "00" * 32


def sha256_of(value: Any) -> str:
    """SHA-256, in hex, of a value's canonical JSON."""
    return hashlib.sha256(rfc8785.dumps(value)).hexdigest()


def committed(salt: str, text: str) -> str:
    """The salted commitment to a text; `salt` is 32 bytes in hex."""
    return hashlib.sha256(bytes.fromhex(salt) + text.encode()).hexdigest()


def wording_sha256(en: str, zh: str) -> str:
    """Digest of a commitment's text in both languages."""
    return sha256_of({"en": en, "zh": zh})


def instant(at: datetime) -> str:
    """A moment in UTC, always with six decimals and `Z`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def content(update: ProgressUpdate) -> dict[str, Any]:
    """Every field that the update's author set, with its public evidence sorted by id."""
    evidence = sorted(update.evidence.all(), key=lambda item: item.pk)
    internal = [_evidence(item) for item in evidence if not item.public]
    return {
        "v": VERSION,
        "update": update.pk,
        "commitment": update.commitment.code,
        "effective_on": update.effective_on.isoformat(),
        "date_precision": update.date_precision,
        "status": update.status,
        "summary": update.summary.as_dict(),
        "search_note": update.search_note.as_dict(),
        "forums": sorted(forum.code for forum in update.forums.all()),
        "external_ref": update.external_ref,
        "corrects": update.corrects_id,
        "evidence": [_evidence(item) for item in evidence if item.public],
        "internal_commit": committed(update.internal_salt, rfc8785.dumps(internal).decode()),
    }


def _evidence(item: Evidence) -> dict[str, Any]:
    file = {
        "name": item.file_name,
        "size": item.file_size,
        "sha256": item.file_sha256,
        "media_type": item.file_type,
    }
    return {
        "id": item.pk,
        "title": item.title,
        "publisher": item.publisher,
        "url": item.url,
        "citation": item.citation,
        "language": item.language,
        "dated_on": item.dated_on.isoformat() if item.dated_on else None,
        "kind": item.kind,
        "source": item.source,
        "public": item.public,
        "file": file if item.file else None,
    }


def entry(decision: Decision) -> dict[str, Any]:
    """What the chain holds of a decision. Public acts publish it; of others only its digest."""
    return {
        "v": VERSION,
        "seq": decision.seq,
        "at": instant(decision.at),
        "action": decision.action,
        "plan": decision.plan.code,
        "commitment": decision.commitment.code if decision.commitment else None,
        "update": decision.update_id,
        "role": decision.role,
        "content_sha256": decision.content_sha256,
        "note_commit": decision.note_commit,
        "actor_commit": decision.actor_commit,
        "meta": decision.meta,
    }


def link(previous: str, entry_sha256: str) -> str:
    """The hash that follows `previous` (both in hex) in the chain."""
    return hashlib.sha256(bytes.fromhex(previous) + bytes.fromhex(entry_sha256)).hexdigest()


def next_at(at: datetime) -> datetime:
    """The time that a decision taken now will bear: never before that of the head, which this
    locks, the last lock in the order. Inside a transaction."""
    return _not_before(LedgerHead.objects.select_for_update().get(), at)


def _not_before(head: LedgerHead, at: datetime) -> datetime:
    return max(at, head.at) if head.at else at


def append(
    action: Action,
    *,
    at: datetime,
    by: User | None,
    role: str,
    plan: Plan,
    commitment: Commitment | None = None,
    update: ProgressUpdate | None = None,
    note: str = "",
    meta: Mapping[str, Any] | None = None,
) -> Decision:
    """Adds a decision to the chain; `by` is None where the system itself acts.

    Call it inside a transaction, after the locks on plan, commitment and updates: it locks the
    head, the last lock in the order. The decision's `at` is never before that of the head.
    """
    head = LedgerHead.objects.select_for_update().get()
    note_salt, actor_salt = new_salt(), new_salt()
    decision = Decision(
        seq=head.seq + 1,
        at=_not_before(head, at),
        action=action,
        plan=plan,
        commitment=commitment,
        update=update,
        actor=by,
        role=role,
        note=note,
        meta=dict(meta or {}),
        content_sha256=sha256_of(content(update)) if update else None,
        note_salt=note_salt,
        note_commit=committed(note_salt, note),
        actor_salt=actor_salt,
        actor_commit=committed(actor_salt, actor_text(by.pk if by else None)),
    )
    decision.entry_sha256 = sha256_of(entry(decision))
    decision.hash = link(head.hash, decision.entry_sha256)
    decision.save(force_insert=True)
    head.seq, head.hash, head.at = decision.seq, decision.hash, decision.at
    head.save()
    return decision


def published_digest(update: ProgressUpdate) -> str | None:
    """The content digest in the decision that published the update; None before that."""
    for decision in update.decisions.all():
        if decision.action == Action.PUBLISH:
            return decision.content_sha256
    return None


def loaded_from(update: ProgressUpdate) -> str | None:
    """SHA-256 of the file that the update, as it was last submitted, was loaded from; None if
    it was written in the tracker."""
    submits = [row for row in update.decisions.all() if row.action == Action.SUBMIT]
    last = max(submits, key=lambda row: row.seq, default=None)
    return last.meta.get("import") if last else None


def actor_text(user: int | None) -> str:
    """What `actor_commit` commits to, by the user's id; None is the system."""
    return "system" if user is None else f"user:{user}"
