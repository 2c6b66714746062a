"""Who is asking: tokens, and name and password for getting one."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from knox.auth import TokenAuthentication as KnoxTokenAuthentication
from rest_framework.authentication import BasicAuthentication
from rest_framework.exceptions import AuthenticationFailed

# Of a username, as Django's own.
LONGEST_NAME = 150


class TokenAuthentication(KnoxTokenAuthentication):
    """A token of knox; one in other letters than ASCII is no token, and not an error of ours."""

    def authenticate(self, request: Any) -> Any:
        try:
            return super().authenticate(request)
        except UnicodeDecodeError as error:
            raise AuthenticationFailed(_("This is not a token.")) from error


class PasswordAuthentication(BasicAuthentication):
    """HTTP Basic. Failed attempts are counted on Django's own request, where the middleware that
    closes a name for a while looks for them. It reads the form too: one that cannot be read is
    refused here, before a password is looked at, or that attempt would go uncounted."""

    def authenticate_credentials(self, userid: Any, password: Any, request: Any = None) -> Any:
        asked = getattr(request, "_request", request)
        _form = asked.POST
        if "\x00" in userid or len(userid) > LONGEST_NAME:
            raise AuthenticationFailed
        return super().authenticate_credentials(userid, password, asked)
