"""Witnesses: others who sign a checkpoint only if it continues every one that they saw before
(c2sp.org/tlog-witness). An owner who shows two different ledgers would need their help."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Max

from commitments.exceptions import TrackerError
from commitments.ledger.proofs.formats import consistency_file
from commitments.ledger.proofs.notes import (
    InvalidNote,
    KeyType,
    Note,
    VerifierKey,
    read_note,
    read_signatures,
)
from commitments.ledger.proofs.stored import stored_tree
from commitments.models import Checkpoint, Cosignature

# Send a body to an address, and return the HTTP status and the body of the answer.
Post = Callable[[str, bytes], tuple[int, bytes]]

OK, CONFLICT = 200, 409
_ADDRESS = re.compile(r"https?://[^\s/?#@]+(/[^\s?#]*)?", re.ASCII)
_SIZE = re.compile(rb"(0|[1-9][0-9]{0,17})\n")
REFUSALS = {
    403: "does not accept the signature: it knows another key of this ledger",
    404: "does not know this ledger: its operator has to add the key",
    422: "HAS COSIGNED A LEDGER THAT THIS ONE DOES NOT CONTINUE: entries were changed or lost, or "
    "another site signs with this key",
}


class WitnessRefused(TrackerError):
    """A witness did not cosign; `str()` says why."""


@dataclass(frozen=True)
class Witness:
    """A witness: the verifier key of its cosignatures, and the address below which it takes
    checkpoints, without the slash at the end."""

    key: VerifierKey
    address: str

    @classmethod
    def parse(cls, text: str) -> Witness:
        """Read a verifier key and an address. Raise InvalidNote if either is malformed."""
        name, _blank, address = text.strip().partition(" ")
        key = VerifierKey.parse(name)
        if key.type is not KeyType.COSIGNATURE:
            raise InvalidNote(f"the key of {key.name} is not for cosignatures")
        if not _ADDRESS.fullmatch(address.strip()):
            raise InvalidNote(f"“{address.strip()}” is not the address of {key.name}")
        return cls(key, address.strip().rstrip("/"))


def configured_witnesses() -> list[Witness]:
    """Return the witnesses of the settings. Raise InvalidNote if one is malformed."""
    return [Witness.parse(text) for text in settings.WITNESSES]


def has_cosigned(witness: Witness, checkpoint: Checkpoint) -> bool:
    return checkpoint.cosignatures.filter(key=str(witness.key)).exists()


def ask_witness(witness: Witness, checkpoint: Checkpoint, post: Post, at: datetime) -> Cosignature:
    """Have a witness cosign a checkpoint, store the cosignature and return it. Raise WitnessRefused
    if the witness does not, or gives an unexpected answer."""
    status, body = _submit(witness, checkpoint, _last_size(witness, checkpoint), post)
    if status == CONFLICT:
        # A conflict: the body is the size that the witness has seen, which may exceed what is known
        # here.
        found = _SIZE.fullmatch(body)
        known = int(found[1]) if found else checkpoint.size + 1
        if known > checkpoint.size:
            raise WitnessRefused(
                f"HAS COSIGNED A LEDGER OF {known} ENTRIES, but this one has {checkpoint.size}: "
                "entries were lost, or another site signs with this key"
                if found
                else "answered 409 without the size that it knows"
            )
        status, body = _submit(witness, checkpoint, known, post)
    if status != OK:
        raise WitnessRefused(REFUSALS.get(status, f"answered with HTTP status {status}"))
    return Cosignature.objects.create(
        checkpoint=checkpoint, key=str(witness.key), line=_line(witness, checkpoint, body), at=at
    )


def _last_size(witness: Witness, checkpoint: Checkpoint) -> int:
    """Return the size of the last checkpoint that the witness cosigned; 0 if there is none."""
    theirs = Cosignature.objects.filter(key=str(witness.key), checkpoint__key=checkpoint.key)
    return theirs.aggregate(size=Max("checkpoint__size"))["size"] or 0


def _submit(witness: Witness, checkpoint: Checkpoint, old: int, post: Post) -> tuple[int, bytes]:
    proof = stored_tree().consistency_proof(old, checkpoint.size)
    request = consistency_file(old, proof, checkpoint.note)
    return post(f"{witness.address}/add-checkpoint", request.encode())


def _line(witness: Witness, checkpoint: Checkpoint, body: bytes) -> str:
    """Return the line of the witness's cosignature in an answer."""
    try:
        answer = Note(read_note(checkpoint.note).text, read_signatures(body.decode()))
        signature = answer.signature_of(witness.key)
    except (InvalidNote, UnicodeError) as error:
        raise WitnessRefused(f"answered with no cosignature: {error}") from error
    if signature is None:
        raise WitnessRefused("answered without a cosignature of its key")
    return signature.line
