"""A witness of `docs/witness.py` that serves in the test's own process, and what it is sent."""

import http.client
import threading
from contextlib import contextmanager

from commitments.ledger.proofs.formats import TreeHead, consistency_file
from commitments.ledger.proofs.notes import SigningKey, VerifierKey
from tests.docs.programs import program
from tests.fixtures.ledger_key import ORIGIN
from tests.ledger.proofs import trees

script = program("witness")
script.Handler.log_message = lambda *arguments: None
NAME = "witness.example.org/w1"
# Always the same, since tests are named for what they send.
KEY = SigningKey(ORIGIN, bytes(range(32)))
LEAVES = [bytes([n]) for n in range(40)]
# Of the same tracker, from the third entry on.
OTHER = [*LEAVES[:2], *LEAVES[30:]]


def checkpoint(size, leaves=LEAVES, key=KEY, origin=ORIGIN):
    return key.sign(TreeHead(origin, size, trees.mth(leaves[:size])).text)


def request(old, size, leaves=LEAVES, **facts):
    proof = trees.proof(old, leaves[:size]) if 0 < old < size else []
    return consistency_file(old, proof, checkpoint(size, leaves, **facts))


class Server:
    """A witness that serves from a thread of its own."""

    def __init__(self, path, *keys):
        logs = {}
        for key in keys or [KEY]:
            name, typed_key = script.parse_log_key(str(key.verifier))
            logs.setdefault(name, []).append(typed_key)
        self.path = path
        self.http = script.Server(("127.0.0.1", 0), script.Witness(path, NAME, logs))
        self.key = VerifierKey.parse(self.http.witness.verifier_key)
        self.host = f"127.0.0.1:{self.http.server_port}"
        self.thread = threading.Thread(target=self.http.serve_forever, args=[0.01], daemon=True)
        self.thread.start()

    def close(self):
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()
        self.http.witness.own_lock.close()

    def ask(self, method, path, body=None):
        """Return the status, the media type and the body of an answer."""
        connection = http.client.HTTPConnection(self.host, timeout=20)
        try:
            connection.request(method, path, body)
            answer = connection.getresponse()
            return answer.status, answer.headers["Content-Type"], answer.read().decode()
        finally:
            connection.close()

    def add(self, body):
        return self.ask("POST", "/add-checkpoint", body.encode())

    def forks(self):
        path = self.path.with_name(f"{self.path.name}.forks")
        return path.read_text() if path.exists() else ""


@contextmanager
def served(path, *keys):
    server = Server(path, *keys)
    try:
        yield server
    finally:
        server.close()
