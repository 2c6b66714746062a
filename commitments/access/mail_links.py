"""Links in mails with which readers unsubscribe without signing in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.contrib.auth.models import User
from django.core.signing import BadSignature, Signer

from commitments.models import Follower

Reader = TypeVar("Reader", User, Follower)


@dataclass(frozen=True)
class MailLinks(Generic[Reader]):
    """The tokens of links for readers of one model. A token is valid for the row for which it was
    made, as told by `who`: after a restore its id may be another reader's. One model's tokens are
    not valid for the other, by their salt."""

    model: type[Reader]
    salt: str
    who: Callable[[Reader], str]

    def token(self, reader: Reader) -> str:
        """Return the signed token that identifies a reader by id and, without showing it, by
        `who`."""
        mark = self._marks(reader).signature(str(reader.pk))
        return Signer(salt=self.salt).sign(f"{reader.pk}.{mark}")

    def reader(self, token: str) -> Reader | None:
        """Return the reader for whom a token was made, None if there is no longer such a reader.
        Raise BadSignature if nobody made it."""
        pk, _dot, mark = Signer(salt=self.salt).unsign(token).partition(".")
        found: Reader | None = self.model._default_manager.filter(pk=int(pk)).first()
        # Tokens of the first release have no mark.
        if found is None or not mark:
            return found
        try:
            self._marks(found).unsign(f"{pk}:{mark}")
        except BadSignature:
            return None
        return found

    def _marks(self, reader: Reader) -> Signer:
        return Signer(salt=f"{self.salt}: {self.who(reader)}")


# A person may get another user name and address.
OF_PERSON = MailLinks(User, "mail-of-person", lambda person: str(person.date_joined))
OF_FOLLOWER = MailLinks(Follower, "mail-of-follower", lambda follower: str(follower.email))
