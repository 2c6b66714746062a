"""Signed notes (c2sp.org/signed-note) with Ed25519, and cosignatures (c2sp.org/tlog-cosignature).

A note is a text whose lines end in line feeds, an empty line, and lines of signatures. A key has a
name, and the text form of a public key (`name+id+base64`) is called a verifier key, or vkey.
"""

from __future__ import annotations

import binascii
import hashlib
from base64 import b64decode, b64encode
from dataclasses import dataclass
from enum import IntEnum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

KEY_BYTES = 32
KEY_ID_BYTES = 4
SIGNATURE_BYTES = 64
TIMESTAMP_BYTES = 8
# Larger notes are not read.
MAX_NOTE_BYTES = 100_000
MAX_SIGNATURES = 100
MAX_KEY_NAME_LENGTH = 200
_PRIVATE = "PRIVATE+KEY+"


class InvalidNote(ValueError):
    """A note, a key or a signature is malformed, or a signature is wrong. `str()` says which."""


class KeyType(IntEnum):
    """What a key signs; the values are the bytes in the list of signature types."""

    NOTE = 1
    COSIGNATURE = 4


def is_key_name(name: str) -> bool:
    """Return whether a key may have this name: without white space and plus signs."""
    printable = name.isprintable() and not any(sign.isspace() for sign in name)
    return 0 < len(name) <= MAX_KEY_NAME_LENGTH and printable and "+" not in name


@dataclass(frozen=True)
class VerifierKey:
    """A public key; `str()` is its text form."""

    name: str
    type: KeyType
    public: bytes

    @property
    def id(self) -> bytes:
        named = self.name.encode() + b"\n" + bytes([self.type]) + self.public
        return hashlib.sha256(named).digest()[:KEY_ID_BYTES]

    def __str__(self) -> str:
        key = b64encode(bytes([self.type]) + self.public).decode()
        return f"{self.name}+{self.id.hex()}+{key}"

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Read a verifier key. Raise InvalidNote if it is not one of Ed25519."""
        name, _plus, rest = text.partition("+")
        key_id, _plus, encoded = rest.partition("+")
        type_, public = _typed_key(encoded)
        if not is_key_name(name):
            raise InvalidNote(f"“{name}” cannot be the name of a key")
        key = cls(name, type_, public)
        if str(key) != text:
            raise InvalidNote(f"the key of {name} has the ID {key.id.hex()}, not {key_id}")
        return key

    def verify(self, text: str, signature: bytes) -> bool:
        """Return whether a signature of a note's text was made by this key."""
        message = text.encode()
        if self.type is KeyType.COSIGNATURE:
            if len(signature) != TIMESTAMP_BYTES + SIGNATURE_BYTES:
                return False
            message = _cosigned(text, _timestamp(signature))
            signature = signature[TIMESTAMP_BYTES:]
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True)
class SigningKey:
    """A private key for notes; `str()` is the text form in which a file keeps it."""

    name: str
    private: bytes

    @classmethod
    def generate(cls, name: str) -> SigningKey:
        return cls(name, Ed25519PrivateKey.generate().private_bytes_raw())

    @property
    def verifier(self) -> VerifierKey:
        public = self._key().public_key().public_bytes_raw()
        return VerifierKey(self.name, KeyType.NOTE, public)

    def __str__(self) -> str:
        key = b64encode(bytes([KeyType.NOTE]) + self.private).decode()
        return f"{_PRIVATE}{self.name}+{self.verifier.id.hex()}+{key}"

    def __repr__(self) -> str:
        return f"SigningKey({self.name!r})"

    @classmethod
    def parse(cls, text: str) -> SigningKey:
        """Read a private key. Raise InvalidNote if it is malformed; the message contains no part of
        the key."""
        name, _plus, rest = text.removeprefix(_PRIVATE).partition("+")
        try:
            _type, private = _typed_key(rest.partition("+")[2])
        except InvalidNote:
            private = b""
        if not text.startswith(_PRIVATE) or not is_key_name(name) or not private:
            raise InvalidNote("not a private key for notes")
        key = cls(name, private)
        if str(key) != text:
            raise InvalidNote(f"the private key of {name} is damaged")
        return key

    def sign(self, text: str) -> str:
        """Return a note of this text, which must end in a line feed, with a signature."""
        signature = self._key().sign(text.encode())
        return f"{text}\n{signature_line(self.name, self.verifier.id + signature)}"

    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.private)


@dataclass(frozen=True)
class Signature:
    """A signature of a note, with the name and the ID of its key; `line` is how it was written."""

    line: str
    name: str
    key_id: bytes
    value: bytes


@dataclass(frozen=True)
class Note:
    """A note that was read. None of its signatures is verified yet."""

    text: str
    signatures: tuple[Signature, ...]

    def signature_of(self, key: VerifierKey) -> Signature | None:
        """Return the signature of a key, or None. Raise InvalidNote if it is wrong."""
        found = [
            signature
            for signature in self.signatures
            if (signature.name, signature.key_id) == (key.name, key.id)
        ]
        for signature in found:
            if not key.verify(self.text, signature.value):
                raise InvalidNote(f"the signature of {key.name} is wrong")
        return found[0] if found else None


def read_note(content: str) -> Note:
    """Read a note. Raise InvalidNote if it is malformed."""
    if len(content.encode(errors="replace")) > MAX_NOTE_BYTES:
        raise InvalidNote(f"the note has more than {MAX_NOTE_BYTES} bytes")
    if any(sign < " " and sign != "\n" for sign in content):
        raise InvalidNote("the note has a control character")
    text, gap, lines = content.rpartition("\n\n")
    if not gap or not lines.endswith("\n"):
        raise InvalidNote("the note has no signatures")
    return Note(f"{text}\n", read_signatures(lines))


def read_signatures(lines: str) -> tuple[Signature, ...]:
    """Read lines of signatures. Raise InvalidNote if one is malformed."""
    listed = lines.removesuffix("\n").split("\n")
    if not lines.endswith("\n") or len(listed) > MAX_SIGNATURES:
        raise InvalidNote("the lines of signatures do not end, or are too many")
    return tuple(map(_signature, listed))


def signature_line(name: str, value: bytes) -> str:
    """Return the line of a signature; `value` begins with the ID of the key."""
    return f"— {name} {b64encode(value).decode()}\n"


def cosigned_at(signature: Signature) -> int:
    """Return when a cosignature was made, as a POSIX timestamp."""
    return _timestamp(signature.value)


def decode_base64(text: str) -> bytes:
    """Return what a base64 text encodes. Raise InvalidNote unless it is the canonical encoding."""
    try:
        value = b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidNote("not base64") from error
    if b64encode(value).decode() != text:
        raise InvalidNote("not base64 as it is written")
    return value


def _signature(line: str) -> Signature:
    dash, name, encoded = [*line.split(" "), "", ""][:3]
    if dash != "—" or not is_key_name(name) or line != f"— {name} {encoded}":
        raise InvalidNote("the note has a malformed line of a signature")
    value = decode_base64(encoded)
    if len(value) <= KEY_ID_BYTES:
        raise InvalidNote("the note has a signature that is too short")
    return Signature(f"{line}\n", name, value[:KEY_ID_BYTES], value[KEY_ID_BYTES:])


def _typed_key(encoded: str) -> tuple[KeyType, bytes]:
    value = decode_base64(encoded)
    if len(value) != 1 + KEY_BYTES or value[0] not in list(KeyType):
        raise InvalidNote("not a key of Ed25519")
    return KeyType(value[0]), value[1:]


def _timestamp(value: bytes) -> int:
    return int.from_bytes(value[:TIMESTAMP_BYTES], "big")


def _cosigned(text: str, timestamp: int) -> bytes:
    """Return the message that a cosignature signs."""
    return f"cosignature/v1\ntime {timestamp}\n{text}".encode()
