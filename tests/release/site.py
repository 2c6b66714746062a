"""A site that has something in most of its tables, for upgrades to carry over."""

from datetime import UTC, datetime
from io import StringIO

import time_machine
from django.core.management import call_command

from commitments.accounts import record_command
from commitments.models import Office
from tests.factories import UserFactory
from tests.fixtures.worlds import people
from tests.record import LATER, create_record
from tests.steps import NOW, erased, token

ADMINISTRATORS = ("administrator", "administrator-2")
# After the last day of the example's record.
LOADED = datetime(2026, 12, 1, 9, tzinfo=UTC)
EXAMPLE = "fixtures/example"


def make_site():
    """Make the site in an empty database: two plans, updates in every state, files, an erasure."""
    staff = people()
    administrators = [UserFactory(username=name, is_superuser=True) for name in ADMINISTRATORS]
    for user in (*staff, *administrators):
        record_command(user, changed="account", at=NOW)
    record = create_record(*staff)
    erased(record.superseded, ["summary"], *administrators, LATER)
    token(staff[0])
    quiet = {"stdout": StringIO(), "stderr": StringIO()}
    with time_machine.travel(LOADED, tick=False):
        call_command("load_plan", f"{EXAMPLE}/plan.yaml", **quiet)
        staff[0].offices.set(Office.objects.all())
        options = {"author": "reporter", "publish_as": "reviewer"}
        call_command("load_updates", f"{EXAMPLE}/record.yaml", **options, **quiet)
        call_command("verify_ledger", **quiet)
