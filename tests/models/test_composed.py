"""Queries that are composed and written once find what others find."""

import gc
from datetime import date
from operator import attrgetter
from threading import Thread
from weakref import ref

import pytest
from django.db import connection, connections
from django.db.models import Exists, F, OuterRef, Value
from django.db.models.sql.compiler import SQLCompiler

from commitments.api.pagination import MAX_PAGE_SIZE, NumberedPagination
from commitments.models import Commitment, Plan
from commitments.models.querysets.composed import PLACES, composed_once, read_by, read_by_id
from tests.factories import CommitmentFactory, PlanFactory

DAY, OTHER_DAY = date(2026, 7, 1), date(2026, 7, 2)


def of_day(day):
    rows = Commitment.objects.annotate(asked=Value(day), own=F("number"))
    return rows.select_related("plan").order_by("-number")


def seen(row):
    return row.pk, row.number, row.asked, row.own, row.plan.code


@pytest.fixture
def written(monkeypatch):
    """The models of the queries whose SQL is written, one after the other."""
    models, write = [], SQLCompiler.as_sql

    def as_sql(compiler, *args, **options):
        models.append(compiler.query.model)
        return write(compiler, *args, **options)

    monkeypatch.setattr(SQLCompiler, "as_sql", as_sql)
    return models


@pytest.fixture
def many(plan):
    """The ids of more commitments than the longest statement has places for."""
    numbers = [f"{number:03}" for number in range(PLACES[-1] + 5)]
    return [CommitmentFactory(plan=plan, number=number).pk for number in numbers]


@pytest.mark.alike
def test_a_query_is_composed_once_in_each_thread_for_the_same_arguments(db):
    composed = []

    @composed_once
    def asked_on(day):
        composed.append(day)
        return Commitment.objects.filter(start_on=day)

    for asked in (None, DAY, None, DAY):
        asked_on(asked)
    assert composed == [None, DAY]
    assert asked_on(None) is not asked_on(None)
    other = Thread(target=asked_on, args=(None,))
    other.start()
    other.join()
    assert composed == [None, DAY, None]


@pytest.mark.alike
def test_a_kept_query_does_not_keep_the_plan_of_another_query(duty):
    """Each thread would keep the plans of all requests, and hand them to later ones."""
    compose = composed_once(Commitment.objects.all)
    plan = Plan.objects.get()
    assert [row.plan for row in compose() & plan.commitments.all()] == [plan]
    kept = ref(plan)
    del plan
    gc.collect()
    assert kept() is None


def test_a_kept_query_does_not_grow_with_what_is_made_of_it(db):
    composed = composed_once(of_day)

    def aliases():
        return {table: [*names] for table, names in composed(DAY).query.table_map.items()}

    before = aliases()
    for _ in range(3):
        others = Commitment.objects.filter(Exists(Plan.objects.filter(pk=OuterRef("plan"))))
        # Writing the SQL of a nested query renames its tables.
        str(Plan.objects.filter(commitments__in=composed(DAY) & others).query)
    assert aliases() == before


def test_the_statements_have_places_for_pages_of_the_api():
    assert (1, NumberedPagination.page_size, MAX_PAGE_SIZE) == PLACES


# On SQLite, the database of the tests is in memory: all threads have one connection, never closed.
@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_rows_are_read_after_the_connection_was_closed(duty):
    read = read_by_id(of_day)
    assert read([duty.pk], DAY) == [duty]
    connection.close()
    assert read([duty.pk], DAY) == [duty]


def test_there_must_be_a_value_for_each_lookup(duty):
    read = read_by(of_day, "plan", "number")
    for values in ([duty.plan_id], [duty.plan_id, duty.number, "more"]):
        with pytest.raises(ValueError, match="zip"):
            read(values, DAY)


def test_rows_are_found_by_any_number_of_ids(many):
    read = read_by_id(of_day)
    for count in (0, 1, 2, *(places + more for places in PLACES for more in (0, 1))):
        found = sorted(read(many[:count], DAY), key=attrgetter("pk"))
        expected = of_day(DAY).filter(pk__in=many[:count]).order_by("pk")
        assert [seen(row) for row in found] == [seen(row) for row in expected]
        assert len(found) == count


def test_ids_may_be_repeated_or_be_those_of_no_row(many):
    found = read_by_id(of_day)([many[1], 0, many[0], many[1]], DAY)
    assert sorted(row.pk for row in found) == many[:2]


def test_an_id_that_is_repeated_after_many_others_gives_its_row_once(many):
    found = read_by_id(of_day)([*many, *many], DAY)
    assert sorted(row.pk for row in found) == many


def test_rows_are_found_by_the_ids_in_a_column_in_the_order_of_the_query(duty, deliverable):
    others = [CommitmentFactory(number=number) for number in ("b", "a")]
    plans = [duty.plan_id, *(row.plan_id for row in others)]

    def by_number(day):
        return of_day(day).order_by("-number")

    found = read_by_id(by_number, "plan")(plans, DAY)
    assert sorted(row.pk for row in found) == sorted(row.pk for row in (duty, deliverable, *others))
    own = [row for row in found if row.plan_id == duty.plan_id]
    assert own == sorted([duty, deliverable], key=attrgetter("number"), reverse=True)


@pytest.mark.alike
def test_the_sql_is_written_once_for_the_same_arguments(duty, written):
    read = read_by_id(of_day)
    for asked in (DAY, OTHER_DAY, DAY, OTHER_DAY):
        [row] = read([duty.pk], asked)
        assert (row.pk, row.asked) == (duty.pk, asked)
    assert written == [Commitment, Commitment]


def test_what_was_read_before_is_not_read_again(duty):
    read = read_by_id(of_day)
    [before] = read([duty.pk], DAY)
    Commitment.objects.filter(pk=duty.pk).update(number="9.9")
    [after] = read([duty.pk], DAY)
    assert (before.number, after.number) == ("1.1", "9.9")
    assert read([duty.pk + 1], DAY) == []


def test_rows_are_found_by_the_values_of_lookups_in_their_order(duty, deliverable):
    read = read_by(of_day, "plan", "number")
    other = CommitmentFactory(plan=PlanFactory(), number=duty.number)
    for row in (duty, deliverable, other):
        assert read([row.plan_id, row.number], DAY) == [row]
    for number in ("", "9.9", "%s", "1.1'; --"):
        assert read([duty.plan_id, number], DAY) == []


def test_rows_are_found_by_a_text(plan):
    read = read_by(Plan.objects.with_parts, "code")
    assert read([plan.code]) == [plan]
    assert read(["NONE"]) == []


def test_rows_keep_the_order_of_the_query(duty, deliverable):
    assert read_by(of_day, "plan")([duty.plan_id], DAY) == [deliverable, duty]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_each_thread_reads_through_its_own_connection(duty):
    read, used = read_by_id(of_day), []

    def note(execute, *args):
        used.append(connection.connection)
        return execute(*args)

    def look():
        with connection.execute_wrapper(note):
            assert read([duty.pk], DAY) == [duty]

    def look_and_leave():
        look()
        connections.close_all()

    look()
    thread = Thread(target=look_and_leave)
    thread.start()
    thread.join()
    assert len(used) == 2
    assert used[0] is not used[1]
