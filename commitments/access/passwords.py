"""What a new password ends."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from commitments.models import AccessToken, AccountRequest


class TokensEndWithThePassword:
    """A validator of `AUTH_PASSWORD_VALIDATORS` that refuses no password. Django notifies it of
    each new password, wherever it was set. It then deletes all tokens of the account, since whoever
    learned the old password may have issued some, and nobody may show a link any more by which the
    account would get another password."""

    def validate(self, password: str, user: User | None = None) -> None:
        pass

    def get_help_text(self) -> str:
        return _("A new password ends your access tokens and other sessions.")

    def password_changed(self, password: str, user: User | None = None) -> None:
        if user is not None:
            AccessToken.objects.owned_by(user).delete()
            AccountRequest.objects.filter(account=user, link_due=True).update(link_due=False)
