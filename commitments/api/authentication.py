"""Authentication by access token, and by name and password to get a token."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from knox.auth import TokenAuthentication as KnoxTokenAuthentication
from rest_framework.authentication import BasicAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

# As in Django's own user model.
MAX_USERNAME_LENGTH = 150


class TokenAuthentication(KnoxTokenAuthentication):
    """Authentication by a token of django-rest-knox. A token that is not ASCII is invalid; knox
    itself would raise UnicodeDecodeError."""

    def authenticate(self, request: object) -> object:
        try:
            return super().authenticate(request)
        except UnicodeDecodeError as error:
            raise AuthenticationFailed(_("The access token is not valid.")) from error


class PasswordAuthentication(BasicAuthentication):
    """HTTP Basic. Failed attempts are recorded on Django's own request, where the middleware of
    django-axes counts them. That middleware also reads the form, so the form is parsed here first:
    otherwise an attempt with a malformed form would not be counted."""

    def authenticate_credentials(
        self, userid: str, password: str, request: Request | None = None
    ) -> tuple[Any, None]:
        django_request: Any = getattr(request, "_request", request)
        _form = django_request.POST
        if "\x00" in userid or len(userid) > MAX_USERNAME_LENGTH:
            raise AuthenticationFailed
        return super().authenticate_credentials(userid, password, django_request)
