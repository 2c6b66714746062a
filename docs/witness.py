#!/usr/bin/env python3
"""Witness ledgers: sign that each head of a ledger continues every one that was seen before.

    python3 witness.py witness.json --name witness.example.org/w1 \\
        --log tracker.example.org/api/v1/ledger+0a1b2c3d+AQ…

A tracker that shows some people one ledger and others another cannot have both signed here. The
program keeps its key and the last head of each ledger in one file, and serves

    POST /add-checkpoint             a tracker sends its head, with a proof that it continues the
                                     last one, and gets the signature (c2sp.org/tlog-witness)
    GET  /<hash of name>/checkpoint  the last head signed here of a ledger; the hash is the SHA-256
                                     of its name in hexadecimal digits
    GET  /                           the verifier key of this witness, and what it watches

It listens on 127.0.0.1: put a web server with HTTPS before it. What a tracker signed that does not
continue what it signed before is refused (422) and appended to a file beside, FILE.forks: it proves
that the owner of the tracker's key showed two ledgers.

Keep the file: it is what makes this a witness. Restored from an older copy, it could sign another
continuation of what it had signed since. Give the verifier key that is printed to the tracker
(WITNESSES) and, by another way, to whoever relies on it.

Python 3.10 or newer, and the library cryptography (Debian: apt-get install python3-cryptography).
"""

import argparse
import base64
import binascii
import fcntl
import hashlib
import json
import os
import sys
import threading
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

NOTE, COSIGNATURE = b"\x01", b"\x04"
EMPTY_ROOT = hashlib.sha256().digest()
HASH_BYTES = 32
KEY_ID_BYTES = 4
MAX_BODY_BYTES = 100_000
MAX_PROOF_LINES = 63
MAX_SIZE_DIGITS = 18
MAX_FORKS_BYTES = 2**20
SECONDS_TO_WAIT = 30
SIZE_TYPE = "text/x.tlog.size"
TEXT_TYPE = "text/plain; charset=utf-8"


class Refusal(Exception):
    """A request is answered with this HTTP status, body and media type."""

    def __init__(self, status, body="", media_type=TEXT_TYPE):
        super().__init__(status, body)
        self.status, self.body, self.media_type = status, body, media_type


# Keys and notes (c2sp.org/signed-note)


def decode(text):
    """Return what base64 encodes. Raise ValueError unless it is the one way to write it."""
    value = base64.b64decode(text, validate=True)
    if encode(value) != text:
        raise ValueError("not base64 as it is written")
    return value


def encode(value):
    return base64.b64encode(value).decode()


def key_id(name, typed_key):
    return hashlib.sha256(name.encode() + b"\n" + typed_key).digest()[:KEY_ID_BYTES]


def verifier_key(name, typed_key):
    return f"{name}+{key_id(name, typed_key).hex()}+{encode(typed_key)}"


def parse_log_key(text):
    """Return the name of a ledger and its public key, from a verifier key."""
    name, _plus, rest = text.partition("+")
    try:
        typed_key = decode(rest.partition("+")[2])
    except ValueError:
        typed_key = b""
    if typed_key[:1] != NOTE or text != verifier_key(name, typed_key):
        raise argparse.ArgumentTypeError(f"not the verifier key of a ledger: {text}")
    return name, typed_key


def parse_name(text):
    if not text or not text.isprintable() or " " in text or "+" in text:
        raise argparse.ArgumentTypeError("a name has neither blanks nor plus signs")
    return text


def verified_lines(text, lines, name, typed_keys):
    """Return the lines that are signatures of a text by one of the keys of this name. Raise Refusal
    if one of them is wrong."""
    found = []
    for line in lines:
        dash, signer, encoded = [*line.split(" "), "", ""][:3]
        value = decode(encoded)
        if dash != "—" or not signer or len(value) <= KEY_ID_BYTES:
            raise ValueError("a malformed signature")
        for typed_key in typed_keys:
            if (signer, value[:KEY_ID_BYTES]) != (name, key_id(name, typed_key)):
                continue
            try:
                public = Ed25519PublicKey.from_public_bytes(typed_key[1:])
                public.verify(value[KEY_ID_BYTES:], text.encode())
            except InvalidSignature:
                raise Refusal(HTTPStatus.FORBIDDEN, "the signature is wrong\n") from None
            found.append(line)
    return found


# The tree (RFC 9162, section 2.1.4.2)


def node_hash(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def is_continued(old, new, old_root, new_root, proof):
    """Return whether a proof shows that the first `old` of `new` entries have the old root."""
    if old in (0, new):
        return not proof and (old == 0 or old_root == new_root)
    if old & (old - 1) == 0:
        proof = [old_root, *proof]
    if not proof:
        return False
    first, last = old - 1, new - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    was = now = proof[0]
    for sibling in proof[1:]:
        if last == 0:
            return False
        if first & 1 or first == last:
            was, now = node_hash(sibling, was), node_hash(sibling, now)
            while first and not first & 1:
                first, last = first >> 1, last >> 1
        else:
            now = node_hash(now, sibling)
        first, last = first >> 1, last >> 1
    return last == 0 and (was, now) == (old_root, new_root)


# The request (c2sp.org/tlog-witness)


def parse_size(text):
    if not (text.isascii() and text.isdecimal() and len(text) <= MAX_SIZE_DIGITS):
        raise ValueError("not a size")
    if str(int(text)) != text:
        raise ValueError("a size with leading zeroes")
    return int(text)


def parse_hash(text):
    value = decode(text)
    if len(value) != HASH_BYTES:
        raise ValueError("not a hash")
    return value


class Submission:
    """A checkpoint with a proof. Raise ValueError if the body of the request has another form."""

    def __init__(self, body):
        head, gap, note = body.partition("\n\n")
        first, *proof = head.split("\n")
        word, _blank, size = first.partition(" ")
        text, second_gap, signatures = note.rpartition("\n\n")
        if word != "old" or not gap or not second_gap or not signatures.endswith("\n"):
            raise ValueError("not a checkpoint with a proof")
        if len(proof) > MAX_PROOF_LINES:
            raise ValueError("too many lines of proof")
        self.old, self.proof = parse_size(size), [parse_hash(line) for line in proof]
        self.text = f"{text}\n"
        self.signatures = signatures.removesuffix("\n").split("\n")
        origin, size, root = text.split("\n")[:3]
        if not origin:
            raise ValueError("no origin")
        self.origin, self.size, self.root = origin, parse_size(size), parse_hash(root)


# The witness


class Witness:
    """Its key, and the last head that it signed of each ledger, in a file."""

    def __init__(self, path, name, logs):
        self.path, self.logs = path, logs
        self.lock = threading.Lock()
        self.own_lock = open(path.with_name(f"{path.name}.lock"), "a")  # noqa: SIM115
        try:
            fcntl.flock(self.own_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self.own_lock.close()
            sys.exit(f"{path} is in use: another witness runs with it.")
        if path.exists():
            state = json.loads(path.read_text(encoding="utf-8"))
            if name not in (None, state["name"]):
                sys.exit(f"{path} is of the witness {state['name']}.")
            self.key = Ed25519PrivateKey.from_private_bytes(decode(state["private"]))
            self.name, self.heads = state["name"], state["heads"]
        elif name is None:
            sys.exit(f"{path} is not there. To make it, give the witness a --name.")
        else:
            self.key, self.name, self.heads = Ed25519PrivateKey.generate(), name, {}
            self.save(self.heads)

    @property
    def typed_key(self):
        public = self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return COSIGNATURE + public

    @property
    def verifier_key(self):
        return verifier_key(self.name, self.typed_key)

    def save(self, heads):
        """Replace the file at once: after a crash it is the one before or the new one."""
        private = self.key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        state = {"name": self.name, "private": encode(private), "heads": heads}
        new = self.path.with_name(f"{self.path.name}.new")
        new.unlink(missing_ok=True)
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:
            json.dump(state, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, self.path)
        folder = os.open(self.path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
        self.heads = heads

    def add_checkpoint(self, body):
        """Return the line of a cosignature, for which nothing but this head is kept. Raise Refusal
        if the checkpoint does not continue the last one."""
        try:
            given = Submission(body)
            keys = self.logs.get(given.origin)
            if keys is None:
                raise Refusal(HTTPStatus.NOT_FOUND, "not a ledger that is watched here\n")
            verified = verified_lines(given.text, given.signatures, given.origin, keys)
            if not verified:
                raise Refusal(HTTPStatus.FORBIDDEN, "not signed with a known key\n")
            if given.old > given.size:
                raise ValueError("the old size is larger")
        except (ValueError, binascii.Error) as error:
            raise Refusal(HTTPStatus.BAD_REQUEST, f"{error}\n") from error
        # One after the other, or two could continue the same head in different ways.
        with self.lock:
            return self.cosign(given, verified)

    def cosign(self, given, verified):
        known = self.heads.get(given.origin, {"size": 0, "root": encode(EMPTY_ROOT)})
        if given.old != known["size"]:
            raise Refusal(HTTPStatus.CONFLICT, f"{known['size']}\n", SIZE_TYPE)
        old_root = decode(known["root"])
        continued = is_continued(given.old, given.size, old_root, given.root, given.proof)
        if not continued or (given.size == 0 and given.root != EMPTY_ROOT):
            self.keep_fork(given, known)
            raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "does not continue the last one\n")
        line = self.cosignature(given.text, int(time.time()))
        head = {
            "size": given.size,
            "root": encode(given.root),
            "checkpoint": "\n".join([given.text, *verified, line]),
        }
        self.save(self.heads | {given.origin: head})
        return line

    def cosignature(self, text, timestamp):
        """Return a line of c2sp.org/tlog-cosignature, without its line feed."""
        message = f"cosignature/v1\ntime {timestamp}\n{text}".encode()
        value = key_id(self.name, self.typed_key) + timestamp.to_bytes(8, "big")
        return f"— {self.name} {encode(value + self.key.sign(message))}"

    def keep_fork(self, given, known):
        """Append what was signed and does not continue the last head, which is kept beside it."""
        print(f"{given.origin}: size {given.size} does not continue {known['size']}", flush=True)
        path = self.path.with_name(f"{self.path.name}.forks")
        if path.exists() and path.stat().st_size > MAX_FORKS_BYTES:
            return
        lines = [given.text, *given.signatures, "", "does not continue", ""]
        with open(path, "a", encoding="utf-8") as file:
            file.write("\n".join([*lines, known.get("checkpoint", ""), "=" * 40, ""]))

    def page(self, path):
        """Return what is to be read at a path."""
        if path == "/":
            sizes = {name: self.heads.get(name, {"size": 0})["size"] for name in self.logs}
            watched = [f"{name} {size}" for name, size in sorted(sizes.items())]
            return "\n".join([self.verifier_key, *watched, ""])
        for name, head in self.heads.items():
            if path == f"/{hashlib.sha256(name.encode()).hexdigest()}/checkpoint":
                return f"{head['checkpoint']}\n"
        raise Refusal(HTTPStatus.NOT_FOUND, "nothing here\n")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = SECONDS_TO_WAIT

    def do_GET(self):
        self.answer(lambda: self.server.witness.page(self.path))

    def do_POST(self):
        self.answer(lambda: f"{self.server.witness.add_checkpoint(self.read_body())}\n")

    def read_body(self):
        length = self.headers["Content-Length"] or ""
        if self.path != "/add-checkpoint":
            raise Refusal(HTTPStatus.NOT_FOUND, "nothing here\n")
        if not length.isdecimal() or int(length) > MAX_BODY_BYTES:
            raise Refusal(HTTPStatus.BAD_REQUEST, "no body, or a body that is too large\n")
        try:
            return self.rfile.read(int(length)).decode()
        except UnicodeError:
            raise Refusal(HTTPStatus.BAD_REQUEST, "not UTF-8\n") from None

    def answer(self, make):
        status, media_type = HTTPStatus.OK, TEXT_TYPE
        try:
            body = make()
        except Refusal as refusal:
            status, body, media_type = refusal.status, refusal.body, refusal.media_type
            # What was not read of the request would be taken for the next one.
            self.close_connection = True
        self.send_response(status)
        content = body.encode()
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(content)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    # Of connections that wait to be taken; the usual five would be refused in a rush.
    request_queue_size = 128

    def __init__(self, address, witness):
        super().__init__(address, Handler)
        self.witness = witness


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path, help="where key and heads are kept; made if absent")
    parser.add_argument("--name", type=parse_name, help="of this witness, an address by custom")
    parser.add_argument(
        "--log",
        type=parse_log_key,
        action="append",
        required=True,
        help="verifier key of a ledger to watch; may be repeated",
    )
    parser.add_argument("--address", default="127.0.0.1", help="to listen on")
    parser.add_argument("--port", type=int, default=8087)
    options = parser.parse_args()
    logs = {}
    for name, typed_key in options.log:
        logs.setdefault(name, []).append(typed_key)
    witness = Witness(options.file, options.name, logs)
    server = Server((options.address, options.port), witness)
    print(f"Witness {witness.verifier_key}", flush=True)
    print(f"http://{options.address}:{server.server_port}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


if __name__ == "__main__":
    main()
