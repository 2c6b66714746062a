"""The database knows how many rows its tables have, by which it plans queries."""

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection

from commitments.models import Commitment
from tests.factories import CommitmentFactory

pytestmark = pytest.mark.django_db

# The number of rows that the planner believes an index of the table to have.
BELIEVED = {
    "sqlite": "SELECT CAST(stat AS integer) FROM sqlite_stat1 WHERE tbl = 'commitments_commitment'",
    "postgresql": "SELECT reltuples FROM pg_class WHERE relname = 'commitments_commitment'",
}


def believed():
    with connection.cursor() as cursor:
        cursor.execute(BELIEVED[connection.vendor])
        return {int(rows) for (rows,) in cursor.fetchall()}


def test_it_counts_them_after_a_load_and_every_day(plan):
    call_command("load_plan", "fixtures/example/plan.yaml", verbosity=0)
    loaded = Commitment.objects.count()
    assert believed() == {loaded}
    CommitmentFactory(plan=plan)
    call_command("forget")
    assert believed() == {loaded + 1}


def test_a_load_is_done_though_others_keep_the_database_busy():
    def busy(execute, sql, *others):
        if sql == "ANALYZE":
            raise OperationalError("database is locked")
        return execute(sql, *others)

    with connection.execute_wrapper(busy):
        call_command("load_plan", "fixtures/example/plan.yaml", verbosity=0)
    assert Commitment.objects.exists()
