"""Who sees which updates and evidence, and who may do what: tables of persons and answers."""

from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser, User

from commitments import policies
from commitments.choices import Action, Role
from commitments.models import Commitment, Decision, Evidence, ProgressUpdate
from tests.factories import CommitmentFactory, OfficeFactory, UserFactory
from tests.steps import INTERNAL, REPORT, act, draft, published, retracted, returned, submitted
from tests.steps import NOW

NOTE = "A reason."
ROLES = {
    "author": [Role.REPORTER],
    "editor": [Role.REPORTER],
    "former_author": [Role.REPORTER],
    "former_editor": [Role.REPORTER],
    "deactivated_author": [Role.REPORTER],
    "colleague": [Role.REPORTER],
    "other_reporter": [Role.REPORTER],
    "reviewer": [Role.REVIEWER],
    "other_reviewer": [Role.REVIEWER],
    "office_reviewer": [Role.REVIEWER],
    "curator": [Role.CURATOR],
    "office_visitor": [],
    "visitor": [],
}
IN_OFFICE = ("author", "editor", "colleague", "office_reviewer", "office_visitor")


@pytest.fixture
def people(office):
    """Everyone by what they are to the office's updates; `author` and `editor` leave the office
    when all is written, so that nothing but their hand is left to speak for them."""
    people = {name: UserFactory(username=name, roles=roles) for name, roles in ROLES.items()}
    people["administrator"] = UserFactory(username="administrator", is_superuser=True)
    office.members.set(people[name] for name in IN_OFFICE)
    return people


def edited(update, editor):
    """Somebody else had a hand in it."""
    from commitments import workflow

    return workflow.write(update, by=editor, at=NOW)
