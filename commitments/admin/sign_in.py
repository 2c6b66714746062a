"""Signing in to the staff side."""

from __future__ import annotations

from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.base_user import AbstractBaseUser

from commitments.roles import is_staff


class SignInForm(AdminAuthenticationForm):
    """Signs in whoever holds a role."""

    def confirm_login_allowed(self, user: AbstractBaseUser) -> None:
        if not is_staff(user):
            raise self.get_invalid_login_error()
