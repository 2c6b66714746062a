"""Access to views. What a caller may do in a view is decided by `policies` and `workflow`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework.permissions import SAFE_METHODS, BasePermission

from commitments.access import tokens
from commitments.exceptions import BeyondToken
from commitments.models import AccessToken, Commitment, Evidence, ProgressUpdate
from commitments.roles import is_staff

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView


class StaffWrites(BasePermission):
    """Everyone may read; only holders of a role may write."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return request.method in SAFE_METHODS or is_staff(request.user)


class WithinToken(BasePermission):
    """A token may read, and otherwise be used for what its scopes and plans allow.

    A view says in `token_scopes` which scope each of its actions, or methods, needs, None for what
    any token may be used for. What it does not say, no token may be used for. Raise BeyondToken.
    """

    def has_permission(self, request: Request, view: APIView) -> bool:
        token = request.auth
        if not isinstance(token, AccessToken) or request.method in SAFE_METHODS:
            return True
        method = str(request.method).lower()
        name = getattr(view, "action", None) or method
        if name == "metadata" or not hasattr(view, method):
            # OPTIONS describes other methods, or the response is 405.
            return True
        scopes: dict[str, Any] = getattr(view, "token_scopes", {})
        if name not in scopes:
            raise BeyondToken("", token.scopes, token.plans)
        if scopes[name] is not None:
            tokens.check_scope(token, scopes[name])
        return True

    def has_object_permission(self, request: Request, view: APIView, obj: object) -> bool:
        token = request.auth
        if isinstance(token, AccessToken) and token.plans and request.method not in SAFE_METHODS:
            commitment = _commitment_of(obj)
            if commitment is not None:
                tokens.check_plan_in_scope(token, commitment.plan)
        return True


def _commitment_of(obj: object) -> Commitment | None:
    match obj:
        case Commitment():
            return obj
        case ProgressUpdate():
            return obj.commitment
        case Evidence():
            return obj.update.commitment
    return None
