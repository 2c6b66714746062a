"""Access tokens: issuing and revoking them, and what each may be used for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import OperationalError, transaction
from django.utils.translation import gettext as _
from knox.models import get_digest_token
from knox.settings import CONSTANTS, knox_settings

from commitments.access import policies
from commitments.choices import ErrorCode, TokenScope
from commitments.exceptions import BeyondToken, InvalidInput, NotPermitted, Problem
from commitments.models import AccessToken, Plan
from commitments.models.tokens import MAX_TOKEN_NAME_LENGTH
from commitments.texts.lists import ITEMS, join_list
from commitments.texts.visible import refusal_in_line

if TYPE_CHECKING:
    from django.contrib.auth.models import User

DEFAULT_LIFETIME = timedelta(days=90)
MAX_LIFETIME = timedelta(days=366)
# The lifetime of a token issued by `auth/login/` for user name and password.
SESSION_LIFETIME: timedelta = knox_settings.TOKEN_TTL
SESSION_NAME = "auth/login"
ALL_SCOPES = tuple(TokenScope)
# The use of a token is recorded at most this often, so that not every request writes.
USE_NOTED_EVERY = timedelta(hours=1)


def issue_token(
    user: User,
    name: str,
    *,
    at: datetime,
    expiry: datetime | None = None,
    scopes: Iterable[str] = (),
    plans: Iterable[str] = (),
) -> tuple[AccessToken, str]:
    """Return a new token and its text, which is not stored and cannot be shown again. Delete the
    user's expired tokens.

    `scopes` are codes of `TokenScope`: without any, the token can only read. `plans` are codes:
    without any, it may be used for all plans. Raise InvalidInput if one of these, the name or the
    expiry is not allowed.
    """
    expiry = at + DEFAULT_LIFETIME if expiry is None else expiry
    scopes, plans = list(dict.fromkeys(scopes)), list(dict.fromkeys(plans))
    problems = [
        *_name_problems(name),
        *_expiry_problems(expiry, at),
        *_scope_problems(scopes),
        *_plan_problems(plans, user),
    ]
    if problems:
        raise InvalidInput(_("The token cannot be issued."), problems)
    AccessToken.objects.owned_by(user).expired(at).delete()
    digest, text = get_digest_token()
    token = AccessToken.objects.create(
        user=user,
        name=name.strip(),
        digest=digest,
        token_key=text[: CONSTANTS.TOKEN_KEY_LENGTH],
        created=at,
        expiry=expiry,
        scopes=[scope.value for scope in TokenScope if scope in scopes],
        plans=plans,
    )
    return token, text


def check_scope(token: AccessToken, needed: TokenScope) -> None:
    """Raise BeyondToken if a token may not be used for this on any plan."""
    if needed in token.scopes:
        return
    labels = {
        "needed": needed.label,
        "code": needed.value,
        "scopes": join_list(token.scopes, ITEMS),
    }
    if token.scopes:
        sentence = _(
            "This needs a token with the scope “%(code)s” (%(needed)s); it has: %(scopes)s."
        )
    else:
        sentence = _("This token can only read. This needs the scope “%(code)s” (%(needed)s).")
    raise BeyondToken(sentence % labels, token.scopes, token.plans, needed.value)


def check_plan_in_scope(token: AccessToken, plan: Plan) -> None:
    """Raise BeyondToken if a token may not be used to write to this plan."""
    if not token.plans or plan.code in token.plans:
        return
    sentence = _("This token may not write to %(plan)s, only to: %(plans)s.")
    values = {"plan": plan.code, "plans": join_list(token.plans, ITEMS)}
    raise BeyondToken(sentence % values, token.scopes, token.plans)


def is_limited(token: AccessToken) -> bool:
    """Return whether the account may do something for which the token may not be used."""
    return bool(token.plans) or set(token.scopes) != set(TokenScope.values())


def note_use(token: AccessToken, at: datetime) -> None:
    """Record that a token was used, unless that was recorded within the past hour. If the database
    is busy, nothing is recorded: the request itself need not fail for that."""
    before = at - USE_NOTED_EVERY
    if token.last_used is not None and token.last_used >= before:
        return
    with suppress(OperationalError), transaction.atomic():
        AccessToken.objects.filter(pk=token.pk).not_used_since(before).update(last_used=at)


def revoke_token(token: AccessToken, *, by: User, using: AccessToken | None = None) -> None:
    """Delete a token. `using` is the token with which the person asks for that: one that is limited
    in any way can only be used to revoke itself. Raise NotPermitted if the token belongs to
    somebody else, BeyondToken if `using` does not suffice."""
    if not policies.may_revoke(by, token):
        raise NotPermitted(_("This token belongs to someone else."))
    if using is not None and using != token and is_limited(using):
        sentence = _("A limited token can only be used to revoke itself.")
        raise BeyondToken(sentence, using.scopes, using.plans)
    token.delete()


def _name_problems(name: str) -> list[Problem]:
    if not name.strip():
        return [Problem(("name",), _("Enter the purpose of the token."), ErrorCode.BLANK)]
    if len(name.strip()) > MAX_TOKEN_NAME_LENGTH:
        sentence = _("At most %(longest)s characters.") % {"longest": MAX_TOKEN_NAME_LENGTH}
        return [Problem(("name",), sentence, ErrorCode.TOO_LONG)]
    if refusal := refusal_in_line(name.strip()):
        return [Problem(("name",), str(refusal), ErrorCode.NOT_ALLOWED)]
    return []


def _expiry_problems(expiry: datetime, at: datetime) -> list[Problem]:
    if at < expiry <= at + MAX_LIFETIME:
        return []
    sentence = _("Enter a time that is in the future and no later than %(last)s.")
    message = sentence % {"last": (at + MAX_LIFETIME).date()}
    return [Problem(("expiry",), message, ErrorCode.OUT_OF_RANGE)]


def _scope_problems(scopes: Sequence[str]) -> list[Problem]:
    sentence = _("“%(scope)s” is none of: %(scopes)s.")
    allowed = join_list(TokenScope.values(), ITEMS)
    return [
        Problem(
            ("scopes", index),
            sentence % {"scope": scope, "scopes": allowed},
            ErrorCode.NOT_ALLOWED,
        )
        for index, scope in enumerate(scopes)
        if scope not in TokenScope.values()
    ]


def _plan_problems(plans: Sequence[str], user: User) -> list[Problem]:
    if not plans:
        return []
    known = set(Plan.objects.visible_to(user).filter(code__in=plans).values_list("code", flat=True))
    sentence = _("There is no plan “%(code)s”.")
    return [
        Problem(("plans", index), sentence % {"code": code}, ErrorCode.NOT_FOUND)
        for index, code in enumerate(plans)
        if code not in known
    ]
