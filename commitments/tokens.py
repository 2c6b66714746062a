"""Issuing and revoking access tokens."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from knox.models import get_digest_token
from knox.settings import CONSTANTS, knox_settings

from commitments import policies
from commitments.exceptions import InvalidToken, NotPermitted, Problem
from commitments.models import AccessToken
from commitments.models.tokens import LONGEST_NAME

if TYPE_CHECKING:
    from django.contrib.auth.models import User

# One that is not told otherwise lives a quarter of a year, and none lives longer than a year.
USUAL = timedelta(days=90)
LONGEST = timedelta(days=366)
# One that a name and a password get in exchange, for a sitting.
SITTING: timedelta = knox_settings.TOKEN_TTL
SITTING_NAME = "auth/login"


def issue(
    user: User, name: str, *, at: datetime, expiry: datetime | None = None
) -> tuple[AccessToken, str]:
    """A new token, and its text, which is shown this once. What of the person's expired before is
    dropped. Raises InvalidToken."""
    expiry = at + USUAL if expiry is None else expiry
    problems = [*_name_problems(name), *_expiry_problems(expiry, at)]
    if problems:
        raise InvalidToken(_("The token cannot be issued."), problems)
    AccessToken.objects.of(user).expired(at).delete()
    digest, text = get_digest_token()
    token = AccessToken.objects.create(
        user=user,
        name=name.strip(),
        digest=digest,
        token_key=text[: CONSTANTS.TOKEN_KEY_LENGTH],
        created=at,
        expiry=expiry,
    )
    return token, text


def revoke(token: AccessToken, *, by: User) -> None:
    """From now on it opens nothing. Raises NotPermitted."""
    if not policies.may_revoke(by, token):
        raise NotPermitted(_("This token is somebody else's."))
    token.delete()


def _name_problems(name: str) -> list[Problem]:
    if not name.strip():
        return [Problem(("name",), _("Say what the token is for."))]
    if len(name.strip()) > LONGEST_NAME:
        sentence = _("At most %(longest)s characters.") % {"longest": LONGEST_NAME}
        return [Problem(("name",), sentence)]
    return []


def _expiry_problems(expiry: datetime, at: datetime) -> list[Problem]:
    if at < expiry <= at + LONGEST:
        return []
    sentence = _("Give a moment after now and no later than %(last)s.")
    return [Problem(("expiry",), sentence % {"last": (at + LONGEST).date()})]
