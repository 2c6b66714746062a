"""Authentication by access token, and by name and password to get a token."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from knox.auth import TokenAuthentication as KnoxTokenAuthentication
from rest_framework.authentication import BasicAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from commitments.access import tokens
from commitments.access.rate_limits import (
    FAILURE_SECONDS,
    client_address,
    count_failure,
    is_shut_out,
)
from commitments.access.second_factor import has_second_factor, must_have_second_factor
from commitments.api.problem_types import ProblemType
from commitments.api.refusals import TokenRefused, TooManyFailures, UnknownScheme
from commitments.models import AccessToken
from commitments.roles import limit_to_plans

# As in Django's own user model.
MAX_USERNAME_LENGTH = 150


@contextmanager
def failures_counted(request: Any, credentials: str) -> Iterator[None]:
    """Count a failed sign-in inside the block, and refuse to check credentials from an address that
    has failed too often."""
    address = client_address(request)
    if credentials and is_shut_out(address):
        sentence = _("Too many failed sign-in attempts from your address.")
        raise TooManyFailures(FAILURE_SECONDS, sentence)
    try:
        yield
    except (AuthenticationFailed, UnicodeDecodeError):
        count_failure(address, credentials)
        raise


class TokenAuthentication(KnoxTokenAuthentication):
    """Authentication by a token of django-rest-knox, after `Bearer`, as generated clients and
    gateways send it, or after `Token`. Raise TokenRefused for a token that is not valid, and
    UnknownScheme for a scheme that the view does not support: a caller who sends credentials must
    not be treated as anonymous. A token that is limited to plans limits what its owner sees."""

    def authenticate_header(self, request: Request) -> str:
        """Return the scheme that the caller uses, or the one that the document describes; knox
        looks for the token after it."""
        sent = get_authorization_header(request).split(maxsplit=1)
        if sent and sent[0].lower() == b"token":
            return str(super().authenticate_header(request))
        return "Bearer"

    def authenticate(self, request: Request) -> object:
        sent = get_authorization_header(request).decode("latin-1")
        scheme = sent.partition(" ")[0].lower()
        if scheme not in ("", "bearer", "token"):
            self._check_others(request, scheme)
            return None
        try:
            with failures_counted(request, sent):
                signed_in: Any = super().authenticate(request)
        except (AuthenticationFailed, UnicodeDecodeError) as error:
            raise TokenRefused(ProblemType.INVALID_TOKEN.definition) from error
        if signed_in is not None:
            user, token = signed_in
            if token.plans:
                limit_to_plans(user, token.plans)
            tokens.note_use(token, timezone.now())
        return signed_in

    def _cleanup_token(self, auth_token: AccessToken) -> bool:
        """Return whether a token has expired; if so, delete it. Knox would read all tokens of the
        user on each request; here the other expired ones are deleted when a token is issued."""
        if auth_token.expiry >= timezone.now():
            return False
        auth_token.delete()
        return True

    def _check_others(self, request: Request, scheme: str) -> None:
        others = request.authenticators or ()
        if scheme != "basic" or not any(isinstance(one, BasicAuthentication) for one in others):
            raise UnknownScheme(ProblemType.UNKNOWN_SCHEME.definition)


class PasswordAuthentication(BasicAuthentication):
    """HTTP Basic. Failed attempts are recorded on Django's own request, where the middleware of
    django-axes counts them. That middleware also reads the form, so the form is parsed here first:
    otherwise an attempt with a malformed form would not be counted. Raise PermissionDenied for
    whoever needs more than a password."""

    def authenticate_credentials(
        self, userid: str, password: str, request: Request | None = None
    ) -> tuple[Any, None]:
        django_request: Any = getattr(request, "_request", request)
        _form = django_request.POST
        with failures_counted(django_request, f"{userid}:{password}"):
            if "\x00" in userid or len(userid) > MAX_USERNAME_LENGTH:
                raise AuthenticationFailed
            user, _auth = super().authenticate_credentials(userid, password, django_request)
        if must_have_second_factor(user) or has_second_factor(user):
            raise PermissionDenied(
                _(
                    "This account signs in with a second factor, which this address cannot ask "
                    "for. Issue an access token on the staff side."
                )
            )
        return user, None
