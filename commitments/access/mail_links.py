"""Links in mails with which readers unsubscribe without signing in."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.signing import BadSignature, Signer

# The salts: a link that unsubscribes a person is not valid for a follower, nor the other way round.
OF_PERSON, OF_FOLLOWER = "mail-of-person", "mail-of-follower"


@dataclass(frozen=True)
class MailLink:
    """Whom a link was made for: the id of a person or a follower, and a mark of who that was. After
    a restore the same id may be somebody else's. Links of the first edition have no mark."""

    pk: int
    mark: str
    salt: str

    def is_for(self, who: str) -> bool:
        """Return whether the link was made for this person or follower, given as for
        `mail_token`."""
        if not self.mark:
            return True
        try:
            _marks(who, self.salt).unsign(f"{self.pk}:{self.mark}")
        except BadSignature:
            return False
        return True


def mail_token(pk: int, who: str, salt: str) -> str:
    """Return the signed token that identifies a person or a follower in a link: by the id and,
    without showing it, by `who`: a follower's address, or of a person whatever stays the same under
    another user name and address."""
    return Signer(salt=salt).sign(f"{pk}.{_marks(who, salt).signature(str(pk))}")


def read_mail_token(token: str, salt: str) -> MailLink | None:
    """Return whom the token of a link identifies; None if its signature is wrong."""
    try:
        pk, _dot, mark = Signer(salt=salt).unsign(token).partition(".")
        return MailLink(int(pk), mark, salt)
    except (BadSignature, ValueError):
        return None


def _marks(who: str, salt: str) -> Signer:
    return Signer(salt=f"{salt}: {who}")
