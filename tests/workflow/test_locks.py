"""In which order rows are locked, and what is read of them under the locks, on PostgreSQL."""

import threading
import time
from datetime import date

import psycopg
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from commitments.models import Commitment
from commitments.workflow.locks import locked_commitment, locked_update
from tests import steps

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite locks the whole database"),
]
SECONDS_TO_LOCK = 4


@pytest.fixture
def other():
    """`other()` is a connection of somebody else."""
    held = []

    def connect():
        params = connection.get_connection_params()
        address = {name: params[name] for name in ("dbname", "user", "host", "port")}
        held.append(psycopg.connect(**address))
        return held[-1]

    yield connect
    for each in held:
        each.close()


def is_locked(rival, table, pk):
    query = f"SELECT 1 FROM commitments_{table} WHERE id = %s FOR UPDATE NOWAIT"
    try:
        rival.execute(query, [pk])
    except psycopg.errors.LockNotAvailable:
        return True
    finally:
        rival.rollback()
    return False


@pytest.mark.django_db(transaction=True)
def test_a_plan_is_locked_before_its_commitment_which_is_then_read_as_it_is(duty, other):
    holder, rival, found = other(), other(), []
    holder.execute("SELECT 1 FROM commitments_commitment WHERE id = %s FOR UPDATE", [duty.pk])

    def lock():
        try:
            with transaction.atomic():
                found.append(locked_commitment(duty.pk))
        finally:
            connection.close()

    thread = threading.Thread(target=lock)
    thread.start()
    until = time.monotonic() + SECONDS_TO_LOCK
    while not is_locked(rival, "plan", duty.plan_id) and time.monotonic() < until:
        time.sleep(0.01)
    waited_for_the_commitment = not found and is_locked(rival, "plan", duty.plan_id)
    holder.execute("UPDATE commitments_commitment SET ends_on = '2027-01-01'")
    holder.commit()
    thread.join()
    assert waited_for_the_commitment
    [commitment] = found
    assert commitment.ends_on == date(2027, 1, 1)
    assert Commitment.objects.get().ends_on == commitment.ends_on


@pytest.mark.django_db
def test_an_update_and_what_it_corrects_are_found_by_the_index(duty, reporter, reviewer):
    first = steps.published(duty, reporter, reviewer)
    correction = steps.draft(duty, reporter, corrects=first)
    with CaptureQueriesContext(connection) as queries:
        assert locked_update(correction).corrects == first
    [lock] = [
        row["sql"]
        for row in queries
        if row["sql"].endswith('FOR UPDATE OF "commitments_progressupdate"')
    ]
    with connection.cursor() as cursor:
        # With so few rows, PostgreSQL would read all of them, or those of each author, whatever the
        # condition. Only bitmap scans are left enabled; they need a condition that an index can
        # answer.
        for way in ["seqscan", "indexscan", "indexonlyscan", "nestloop"]:
            cursor.execute(f"SET LOCAL enable_{way} = off")
        cursor.execute(f"EXPLAIN {lock}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    conditions = [row.strip() for row in plan.splitlines() if "Index Cond: (id = ANY" in row]
    assert len(conditions) == 1, plan
