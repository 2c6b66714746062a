"""People who report and review in one office."""

import pytest

from commitments.choices import Role
from tests.factories import UserFactory


@pytest.fixture
def editing_reviewer(office):
    """A reporter of the office who is a reviewer as well."""
    user = UserFactory(username="editing_reviewer", roles=[Role.REPORTER, Role.REVIEWER])
    office.members.add(user)
    return user


@pytest.fixture
def office_author(office, reporter):
    office.members.add(reporter)
    return reporter
