"""A witness without a server, for tests of what it signs."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from commitments.ledger.proofs.notes import KeyType, VerifierKey, signature_line


class TestWitness:
    __test__ = False

    def __init__(self, name):
        self.private = Ed25519PrivateKey.generate()
        public = self.private.public_key().public_bytes_raw()
        self.key = VerifierKey(name, KeyType.COSIGNATURE, public)

    def line(self, text, timestamp):
        """Return the line of a cosignature of a checkpoint's text."""
        message = f"cosignature/v1\ntime {timestamp}\n{text}".encode()
        value = timestamp.to_bytes(8, "big") + self.private.sign(message)
        return signature_line(self.key.name, self.key.id + value)
