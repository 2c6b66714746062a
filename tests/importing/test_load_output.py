"""What loading a plan says of it beyond what was done, and what it costs."""

from copy import deepcopy
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from commitments.importing import plan_load
from commitments.models import Office
from tests.documents import edited
from tests.importing.town import VALID
from tests.steps import NOW

pytestmark = [pytest.mark.alike, pytest.mark.django_db]


def test_commitments_on_which_nobody_can_report_are_counted(harbour, file, reporter, reviewer):
    def said():
        errors = StringIO()
        call_command("load_plan", str(file(harbour)), stderr=errors)
        return errors.getvalue()

    offices = "HARBOUR-OFFICE, SCHOOL-BOARD, WATER-WORKS"
    assert said() == (
        "Nobody can report yet on 6 of the commitments of HARBOUR: add reporters to the offices "
        f"{offices}.\n"
    )
    for office in Office.objects.all():
        office.members.add(reviewer)
    assert said().startswith("Nobody can report yet on 6 ")
    for office in Office.objects.all():
        office.members.add(reporter)
    assert said() == ""


def town_of(count):
    """Return a plan with so many commitments, each with something of everything."""
    [first, _second] = VALID["commitments"]
    rows = [deepcopy(first) | {"number": f"B.{n}"} for n in range(count)]
    return edited(VALID, ("plan.code", f"TOWN_{count}"), ("commitments", rows))


def queries_of(load):
    with CaptureQueriesContext(connection) as queries:
        load()
    return len(queries)


@pytest.mark.long
def test_a_load_costs_the_same_queries_for_three_commitments_and_for_thirty():
    # The first load adds what plans share.
    _first, few, many = (
        queries_of(lambda count=count: plan_load.load_plan(town_of(count), at=NOW))
        for count in (2, 3, 30)
    )
    assert few == many


@pytest.mark.long
def test_an_amendment_writes_only_what_differs(curator):
    plan_load.load_plan(town_of(30), at=NOW)
    changed = edited(town_of(30), ("commitments.7.title.en", "Build more"))
    one = queries_of(lambda: plan_load.amend_plan(changed, reason="Two words.", by=curator, at=NOW))
    again = edited(changed, *((f"commitments.{n}.note", {"en": "A note."}) for n in range(10)))
    ten = queries_of(lambda: plan_load.amend_plan(again, reason="Notes.", by=curator, at=NOW))
    # No more than a query for each commitment that changes.
    assert ten - one <= 9


@pytest.mark.long
def test_a_large_file_is_loaded_with_a_line_for_each_step(monkeypatch, harbour, file, curator):
    monkeypatch.setattr("commitments.management.base.LARGE_FILE", 100)

    def steps(document, **options):
        errors = StringIO()
        call_command("load_plan", str(file(document)), stderr=errors, **options)
        return [line for line in errors.getvalue().splitlines() if line.startswith("  …")]

    reading = ["  … reading the file", "  … checking what it says"]
    harbour["plan"]["code"] = "OTHER"
    assert steps(harbour) == [
        *reading,
        "  … writing 7 commitments",
        "  … recording them in the ledger",
    ]
    assert steps(harbour) == [*reading, "  … comparing it with the tracker"]
    harbour["plan"]["locality"] = "Elsewhere"
    amended = steps(harbour, amend="It moved.", by="curator")
    assert amended[2:] == ["  … comparing it with the tracker", "  … writing what has changed"]
