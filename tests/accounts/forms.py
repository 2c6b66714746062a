"""The form of an account, as a browser sends it."""

from commitments.accounts import account_state, state_digest

NEW = "/admin/auth/user/add/"


def address(user):
    return f"/admin/auth/user/{user.pk}/change/"


def filled(user=None, **changes):
    """Return what the form of an account holds, or that of a new one, with some fields changed."""
    values = {"username": "new", "is_active": True, "roles": []}
    values |= account_state(user) if user else {}
    values |= {"expected": state_digest(user) if user else "", "reason": ""} | changes
    return {name: value for name, value in values.items() if value is not False}
