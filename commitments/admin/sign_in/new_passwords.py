"""The consequences of a new password, wherever it was set."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.utils import timezone

from commitments.access.passwords import TokensEndWithThePassword
from commitments.choices import MailKind
from commitments.models import Mail


class NewPasswordIsMailed(TokensEndWithThePassword):
    """Also puts a mail to the person into the outbox, so that they learn of a password that
    somebody else set. A person who has never signed in gets none: they have just set their first
    password."""

    def password_changed(self, password: str, user: User | None = None) -> None:
        super().password_changed(password, user)
        if user is not None and user.last_login is not None:
            now = timezone.now()
            key = f"{MailKind.NEW_PASSWORD}-{user.pk}-{now:%Y%m%dT%H%M%S%f}"
            Mail.objects.post(MailKind.NEW_PASSWORD, key=key, at=now, person=user)
