"""A plan whose offices and dates are planned, and the desks of people."""

from datetime import date

import pytest

from tests.factories import OfficeFactory
from tests.steps import record_loaded


@pytest.fixture
def offices(plan, duty, deliverable):
    """Two open offices and a closed one; the plan has a standing duty and a deliverable."""
    made = [OfficeFactory(code=code) for code in ("MFA", "CAC")]
    OfficeFactory(code="OLD", closed_on=date(2020, 1, 1))
    deliverable.lead_office = made[0]
    deliverable.save()
    record_loaded(plan)
    return made


@pytest.fixture
def desk(client):
    """`desk(person)` returns the sections of a person's work queue: for each name the count and the
    rows, each with the reason for its return."""

    def desk(person):
        client.force_login(person)
        sections = client.get("/admin/").context["desk"]
        return {
            section.name: (section.count, [(str(row), reason) for row, reason in section.rows])
            for section in sections
        }

    return desk
