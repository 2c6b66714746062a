"""Signing in to the staff side."""

from __future__ import annotations

from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.translation import gettext_lazy

from commitments.roles import is_staff


class SignInForm(AdminAuthenticationForm):
    """Signs in whoever holds a role."""

    error_messages = AdminAuthenticationForm.error_messages | {
        "invalid_login": gettext_lazy(
            "The user name or the password is wrong, or the account holds no role. Both are "
            "case-sensitive."
        )
    }

    def confirm_login_allowed(self, user: AbstractBaseUser) -> None:
        if not is_staff(user):
            raise self.get_invalid_login_error()
