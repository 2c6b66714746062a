"""Links in mails with which readers unsubscribe without signing in."""

from __future__ import annotations

from django.core.signing import BadSignature, Signer

# The salts: a link that unsubscribes a person is not valid for a follower, nor the other way round.
OF_PERSON, OF_FOLLOWER = "mail-of-person", "mail-of-follower"


def mail_token(pk: int, salt: str) -> str:
    """Return the signed token that identifies a person or a follower in a link."""
    return Signer(salt=salt).sign(str(pk))


def read_mail_token(token: str, salt: str) -> int | None:
    """Return the id in the token of a link; None if its signature is wrong."""
    try:
        return int(Signer(salt=salt).unsign(token))
    except (BadSignature, ValueError):
        return None
