"""Whether somebody is kept from reviewing an update."""

import pytest
from django.contrib.auth.models import Group, User

from commitments import workflow
from commitments.choices import Action, State
from commitments.exceptions import NotPermitted
from commitments.models import Decision, ProgressUpdate
from tests.steps import perform


def is_kept_from_reviewing(person, update):
    """Return whether the person can neither publish nor return the update, is not offered these
    actions, and leaves no trace by trying."""
    before = list(Decision.objects.values_list("hash", flat=True))
    for action in (Action.PUBLISH, Action.RETURN):
        with pytest.raises(NotPermitted):
            perform(update, action, person, note="Looks good to me.")
    stored = ProgressUpdate.objects.get(pk=update.pk)
    offered = set(workflow.allowed_actions(person, stored))
    return (
        stored.state == State.SUBMITTED
        and stored.publisher is None
        and not offered & {Action.PUBLISH, Action.RETURN}
        and list(Decision.objects.values_list("hash", flat=True)) == before
    )


def fresh(user):
    """Return the user as the next request reads them."""
    return User.objects.get(pk=user.pk)


def with_role(user, role):
    """Give the user one more role, and return the user as the next request reads them."""
    user.groups.add(Group.objects.get(name=role.group))
    return fresh(user)
