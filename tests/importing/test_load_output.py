"""What `load_plan` says of a plan beyond what it did."""

from io import StringIO

import pytest
from django.core.management import call_command

from commitments.models import Office
from tests.importing.harbour_town import file, harbour

pytestmark = pytest.mark.django_db

__all__ = ["file", "harbour"]  # fixtures


def test_commitments_on_which_nobody_can_report_are_counted(harbour, file, reporter):
    def said():
        errors = StringIO()
        call_command("load_plan", str(file(harbour)), stderr=errors)
        return errors.getvalue()

    offices = "HARBOUR-OFFICE, SCHOOL-BOARD, WATER-WORKS"
    assert said() == (
        "Nobody can report yet on 6 of the commitments of HARBOUR: add members to the offices "
        f"{offices}.\n"
    )
    for office in Office.objects.all():
        office.members.add(reporter)
    assert said() == ""
