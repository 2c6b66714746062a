"""Issuing and revoking access tokens."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from knox.models import get_digest_token
from knox.settings import CONSTANTS, knox_settings

from commitments.access import policies
from commitments.choices import ErrorCode
from commitments.exceptions import InvalidToken, NotPermitted, Problem
from commitments.models import AccessToken
from commitments.models.tokens import MAX_TOKEN_NAME_LENGTH

if TYPE_CHECKING:
    from django.contrib.auth.models import User

DEFAULT_LIFETIME = timedelta(days=90)
MAX_LIFETIME = timedelta(days=366)
# The lifetime of a token issued by `auth/login/` for user name and password.
SESSION_LIFETIME: timedelta = knox_settings.TOKEN_TTL
SESSION_NAME = "auth/login"


def issue_token(
    user: User, name: str, *, at: datetime, expiry: datetime | None = None
) -> tuple[AccessToken, str]:
    """Return a new token and its text, which is not stored and cannot be shown again. Delete the
    user's expired tokens. Raise InvalidToken if the name or the expiry is not allowed."""
    expiry = at + DEFAULT_LIFETIME if expiry is None else expiry
    problems = [*_name_problems(name), *_expiry_problems(expiry, at)]
    if problems:
        raise InvalidToken(_("The token cannot be issued."), problems)
    AccessToken.objects.owned_by(user).expired(at).delete()
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


def revoke_token(token: AccessToken, *, by: User) -> None:
    """Delete a token. Raise NotPermitted if it belongs to somebody else."""
    if not policies.may_revoke(by, token):
        raise NotPermitted(_("This token belongs to someone else."))
    token.delete()


def _name_problems(name: str) -> list[Problem]:
    if not name.strip():
        return [Problem(("name",), _("Enter the purpose of the token."), ErrorCode.BLANK)]
    if len(name.strip()) > MAX_TOKEN_NAME_LENGTH:
        sentence = _("At most %(longest)s characters.") % {"longest": MAX_TOKEN_NAME_LENGTH}
        return [Problem(("name",), sentence, ErrorCode.TOO_LONG)]
    return []


def _expiry_problems(expiry: datetime, at: datetime) -> list[Problem]:
    if at < expiry <= at + MAX_LIFETIME:
        return []
    sentence = _("Enter a time that is in the future and no later than %(last)s.")
    message = sentence % {"last": (at + MAX_LIFETIME).date()}
    return [Problem(("expiry",), message, ErrorCode.OUT_OF_RANGE)]
