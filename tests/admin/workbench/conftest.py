"""A plan whose offices and dates are planned."""

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
