"""Who can sign in."""

from __future__ import annotations

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser, User

from commitments.access.policies import is_service


class PeopleBackend(ModelBackend):
    """Django's accounts with passwords, without those of programs: they call the API with tokens,
    and no password, link or session lets anybody in with them."""

    def user_can_authenticate(self, user: User | AnonymousUser | None) -> bool:
        return super().user_can_authenticate(user) and user is not None and not is_service(user)

    def get_user(self, user_id: int) -> User | None:
        rows = User.objects.select_related("service_account").filter(pk=user_id)
        return next((user for user in rows if self.user_can_authenticate(user)), None)
