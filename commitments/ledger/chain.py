"""Appending decisions to the hash chain, and reading digests from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User

from commitments.choices import EDITABLE_STATES, Action
from commitments.ledger.clock import time_after
from commitments.ledger.content import CONTENT_VERSIONS, canonical_content, current_version
from commitments.ledger.erasures import ERASED
from commitments.ledger.hashing import (
    actor_text,
    chain_hash,
    format_utc,
    salted_digest,
    sha256_of,
)
from commitments.ledger.subjects import Subject
from commitments.models import (
    Commitment,
    Decision,
    LedgerHead,
    Plan,
    ProgressUpdate,
    RecordedContent,
)
from commitments.models.base import rows_in

# What the chain covers of a decision, ready for canonical JSON.
LedgerEntry = dict[str, Any]

# The version of the format of entries.
ENTRY_VERSION = 1


def entry(decision: Decision) -> LedgerEntry:
    """Return the entry of a decision, whose digest the chain covers.

    The entries of public actions are published; of other actions only the digest is.
    """
    return entry_with_codes(
        decision,
        decision.plan.code if decision.plan else None,
        decision.commitment.code if decision.commitment else None,
    )


def entry_with_codes(decision: Decision, plan: str | None, commitment: str | None) -> LedgerEntry:
    """Return the entry of a decision on the plan and the commitment with these codes, without
    reading either."""
    return {
        "v": ENTRY_VERSION,
        "seq": decision.seq,
        "at": format_utc(decision.at),
        "action": decision.action,
        "plan": plan,
        "commitment": commitment,
        "update": decision.update_id,
        "subject": edited_subject(decision),
        "role": decision.role,
        "content_sha256": decision.content_sha256,
        "note_commit": decision.note_commit,
        "actor_commit": decision.actor_commit,
        "meta": decision.meta,
    }


def edited_subject(decision: Decision) -> dict[str, str] | None:
    """Return the subject of an edit, or the one whose former contents an erasure concerns; None for
    other decisions, and if it was erased."""
    if not decision.subject_key:
        return None
    return {"type": decision.subject_type, "key": decision.subject_key}


def next_timestamp(at: datetime) -> datetime:
    """Return the time that a decision appended now will have, never before that of the head. Raise
    TimeRefused if the clock or the head is wrong.

    Call it inside a transaction: it locks the head, the last lock in the order.
    """
    return time_after(LedgerHead.objects.select_for_update().get(), at)


def append(
    action: Action,
    *,
    at: datetime,
    by: User | None,
    role: str,
    plan: Plan | None,
    commitment: Commitment | None = None,
    update: ProgressUpdate | None = None,
    contents: Sequence[RecordedContent] = (),
    note: str = "",
    meta: Mapping[str, Any] | None = None,
    subject: Subject | None = None,
    asked_by: User | None = None,
) -> Decision:
    """Append a decision to the chain and return it; `by` is None if no person decides.

    Call it inside a transaction, after the locks on plan, commitment and updates: it locks the
    head, the last lock in the order. Call it before the update's state is changed, because the
    state determines the version of the content, but after parts of the content have been erased.
    The decision's `at` is never before that of the head, unless it confirms the time. Raise
    TimeRefused if the clock or the head is wrong.

    `contents` are the unsaved contents of the subjects that the decision changes, only one for an
    edit; they are saved with it. `subject` is the subject whose former contents an erasure
    concerns; `asked_by` is the person who asked for what another person confirms.
    """
    head = LedgerHead.objects.select_for_update().get()
    decision = Decision(
        seq=head.seq + 1,
        at=at if action is Action.CONFIRM_TIME else time_after(head, at),
        action=action,
        plan=plan,
        commitment=commitment,
        update=update,
        actor=by,
        role=role,
        note=note,
        meta=dict(meta or {}),
    )
    if subject is not None:
        decision.subject_type, decision.subject_key = subject
    if update is not None:
        _set_content_of(update, decision)
    if asked_by is not None:
        asker = salted_digest(decision.actor_salt, actor_text(asked_by.pk))
        decision.meta["asked_commit"] = asker
    _set_digests_of(contents, decision)
    _chain_to(head, decision)
    decision.save(force_insert=True)
    for row in contents:
        row.decision = decision
    RecordedContent.objects.bulk_create(contents)
    head.seq, head.hash, head.at = decision.seq, decision.hash, decision.at
    head.save()
    return decision


def _set_content_of(update: ProgressUpdate, decision: Decision) -> None:
    """Set the digest of an update's content; for a submission, also those of its writers."""
    decision.content_version = _version_for(update)
    erasing = decision.meta[ERASED] if decision.action == Action.ERASE else ()
    content = canonical_content(update, decision.content_version, erasing)
    decision.content_sha256 = sha256_of(content)
    if decision.action == Action.SUBMIT:
        editors = [editor.pk for editor in rows_in(update, "editors")]
        decision.meta |= writer_digests(decision, update.author_id, editors)


def writer_digests(decision: Decision, author: int, editors: Iterable[int]) -> dict[str, Any]:
    """Return the salted digests of the author and of the other editors of an update. A submission
    records them, so that four eyes can be checked from the chain. Their salt is that of the actor.
    People are given by id."""

    def digest(user: int) -> str:
        return salted_digest(decision.actor_salt, actor_text(user))

    return {
        "author_commit": digest(author),
        "editor_commits": sorted(map(digest, {*editors} - {author})),
    }


def _set_digests_of(contents: Sequence[RecordedContent], decision: Decision) -> None:
    """Set the subject of an edit and the digest of its content; for a load or an amendment, which
    can change many subjects, those of each in `meta`."""
    if decision.action == Action.EDIT:
        [row] = contents
        decision.subject_type, decision.subject_key = row.subject_type, row.subject_key
        decision.content_sha256 = row.sha256
    elif contents:
        decision.meta["subjects"] = [
            {"type": row.subject_type, "key": row.subject_key, "content_sha256": row.sha256}
            for row in contents
        ]


def _chain_to(head: LedgerHead, decision: Decision) -> None:
    """Set the digests of a new decision, and the hash that chains it to the head."""
    decision.note_commit = salted_digest(decision.note_salt, decision.note)
    decision.actor_commit = salted_digest(decision.actor_salt, actor_text(decision.actor_id))
    decision.entry_sha256 = sha256_of(entry(decision))
    decision.hash = chain_hash(head.hash, decision.entry_sha256)


def _version_for(update: ProgressUpdate) -> int:
    """Return the version of the content that a decision's digest is made with.

    While the content is frozen, all decisions on it keep the version of its submission, so that
    they record the same digest.
    """
    if update.state in EDITABLE_STATES:
        return current_version()
    return frozen_version(update)


def frozen_version(update: ProgressUpdate) -> int:
    """Return the version of the content in the latest decision on an update."""
    latest = max(rows_in(update, "decisions"), key=lambda decision: decision.seq, default=None)
    return (latest and latest.content_version) or current_version()


def methodology_of(update: ProgressUpdate) -> int | None:
    """Return the version of the methodology by which an assessment was made, None for an event."""
    return CONTENT_VERSIONS[frozen_version(update)].methodology if update.status else None


def published_digest(update: ProgressUpdate) -> str | None:
    """Return the digest of the published content, or of what erasures have left of it; None before
    publication."""
    if update.published_at is None:
        return None
    held = [
        row for row in rows_in(update, "decisions") if row.action in (Action.PUBLISH, Action.ERASE)
    ]
    return max(held, key=lambda row: row.seq).content_sha256 if held else None


def recorded_digests(decision: Decision) -> dict[tuple[str, str], str | None]:
    """Return the digest of each content that an edit, a load or an amendment recorded, by type and
    key of the subject; None if the subject was deleted."""
    if decision.action == Action.EDIT:
        return {(decision.subject_type, decision.subject_key): decision.content_sha256}
    return {
        (row["type"], row["key"]): row["content_sha256"]
        for row in decision.meta.get("subjects", [])
    }


def import_digest(update: ProgressUpdate, action: Action = Action.SUBMIT) -> str | None:
    """Return the SHA-256 of the file with which the update was last submitted, or with which
    another action was performed on it last.

    None if that was done in the tracker.
    """
    decisions = [row for row in rows_in(update, "decisions") if row.action == action]
    last = max(decisions, key=lambda row: row.seq, default=None)
    return last.meta.get("import") if last else None
