"""The form of an account, as a browser sends it."""

from commitments.accounts import present
from commitments.admin.workbench.accounts import state_of

NEW = "/admin/auth/user/add/"


def address(user):
    return f"/admin/auth/user/{user.pk}/change/"


def filled(user=None, **changes):
    """Return what the form of an account holds, or that of a new one, with some fields changed."""
    values = {"username": "new", "is_active": True, "roles": []}
    values |= present(user) if user else {}
    values |= {"expected": state_of(user), "reason": ""} | changes
    return {name: value for name, value in values.items() if value is not False}
