"""Reading the files of proofs, and following them to the root that a key signed."""

from base64 import b64decode
from types import SimpleNamespace

from commitments.ledger.proofs.formats import TreeHead
from commitments.ledger.proofs.notes import read_note
from tests.ledger.proofs import trees


def read_proof(text):
    """Return the parts of a file of c2sp.org/tlog-proof, or of a consistency proof."""
    lines, _gap, checkpoint = text.partition("\n\n")
    first, *rest = lines.split("\n")
    parts = SimpleNamespace(extra=b"", note=read_note(checkpoint))
    if first != "c2sp.org/tlog-proof@v1":
        rest = [first, *rest]
    elif rest[0].startswith("extra "):
        parts.extra = b64decode(rest.pop(0).removeprefix("extra "), validate=True)
    word, number = rest.pop(0).split(" ")
    assert word in ("index", "old")
    parts.number = int(number)
    parts.hashes = [b64decode(line, validate=True) for line in rest]
    parts.head = TreeHead.parse(parts.note.text)
    return parts


def is_included(text, leaf, key):
    """Return whether a file proves that a leaf is in what the key signed."""
    parts = read_proof(text)
    assert parts.note.signature_of(key)
    return trees.included(parts.number, parts.head.size, leaf, parts.hashes, parts.head.root)
