"""Who is asking: tokens, and name and password for getting one."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from knox.auth import TokenAuthentication as KnoxTokenAuthentication
from rest_framework.authentication import BasicAuthentication
from rest_framework.exceptions import AuthenticationFailed


class TokenAuthentication(KnoxTokenAuthentication):
    """A token of knox; one in other letters than ASCII is no token, and not an error of ours."""

    def authenticate(self, request: Any) -> Any:
        try:
            return super().authenticate(request)
        except UnicodeDecodeError as error:
            raise AuthenticationFailed(_("This is not a token.")) from error


class PasswordAuthentication(BasicAuthentication):
    """HTTP Basic. Failed attempts are counted on Django's own request, where the middleware that
    closes a name for a while looks for them."""

    def authenticate_credentials(self, userid: Any, password: Any, request: Any = None) -> Any:
        return super().authenticate_credentials(
            userid, password, getattr(request, "_request", request)
        )
