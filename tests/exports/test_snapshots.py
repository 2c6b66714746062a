"""Frozen quarters: made once, valid by the standard, never changed, and withdrawn by erasures that
concern them."""

import hashlib
import io
import json
import zipfile
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core.management import call_command

from commitments.choices import Action
from commitments.exports.tidy import TIDY_TABLES, freeze, last_quarter, snapshots
from commitments.exports.tidy.snapshots import end_of_day
from commitments.models import Plan, Snapshot
from tests import record, steps
from tests.factories import PlanFactory
from tests.fixtures.worlds import people, shared_world
from tests.table_schema import package_errors

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

# The record is of the first of July in Shanghai.
NEXT_QUARTER = datetime(2026, 10, 1, 0, 30, tzinfo=UTC)
LAST_DAY = date(2026, 9, 30)


@pytest.fixture(scope="module", autouse=True)
def built(django_db_setup, django_db_blocker):
    with shared_world(django_db_blocker):
        yield record.create_record(*people())


@pytest.fixture
def world(db, built):
    return deepcopy(built)


@pytest.fixture
def plan(world):
    return Plan.objects.get(code="ISCC")


@pytest.fixture
def frozen(plan):
    return freeze(plan, LAST_DAY, at=NEXT_QUARTER, publisher="The office")


@pytest.mark.long
def test_the_last_quarter_is_that_of_the_plans_calendar(plan):
    assert last_quarter(plan, datetime(2026, 9, 30, 15, 59, tzinfo=UTC)) == date(2026, 6, 30)
    assert last_quarter(plan, datetime(2026, 9, 30, 16, 0, tzinfo=UTC)) == LAST_DAY
    assert last_quarter(plan, datetime(2026, 1, 5, tzinfo=UTC)) == date(2025, 12, 31)
    assert f"{end_of_day(LAST_DAY, plan)}" == "2026-09-30 15:59:59.999999+00:00"


@pytest.mark.long
def test_a_snapshot_is_a_valid_package_with_the_digest_of_each_table(frozen):
    assert (frozen.quarter, frozen.size) == ("2026-Q3", len(frozen.content))
    assert frozen.sha256 == hashlib.sha256(frozen.content).hexdigest()
    archive = zipfile.ZipFile(io.BytesIO(frozen.content))
    names = [*(f"{name}.csv" for name in TIDY_TABLES), "datapackage.json", "LICENCE.txt"]
    assert archive.namelist() == names
    descriptor = json.loads(archive.read("datapackage.json"))
    assert package_errors(descriptor, archive.read) == []
    assert descriptor["name"] == "iscc-2026-q3"
    assert descriptor["licenses"][0]["path"] == "LICENCE.txt"
    for resource in descriptor["resources"]:
        content = archive.read(resource["path"])
        assert resource["bytes"] == len(content)
        assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"


@pytest.mark.long
def test_the_same_record_has_the_same_tables_whenever_they_are_packed(plan, frozen):
    content = frozen.content
    Snapshot.objects.all().delete()
    again = freeze(plan, LAST_DAY, at=NEXT_QUARTER + timedelta(days=9), publisher="The office")
    first, second = (zipfile.ZipFile(io.BytesIO(each)) for each in (content, again.content))
    assert len(first.namelist()) > 10
    for name in TIDY_TABLES:
        assert first.read(f"{name}.csv") == second.read(f"{name}.csv"), name


@pytest.mark.long
def test_it_is_made_once_and_not_before_anything_was_public(plan, frozen):
    assert freeze(plan, LAST_DAY, at=NEXT_QUARTER, publisher="x") is None
    assert freeze(plan, date(2026, 6, 30), at=NEXT_QUARTER, publisher="x") is None
    draft = PlanFactory(code="DRAFT", visibility="draft")
    assert freeze(draft, LAST_DAY, at=NEXT_QUARTER, publisher="x") is None


@pytest.mark.long
def test_one_that_a_clock_ahead_has_made_counts_as_none_and_is_replaced(plan, api):
    year_end = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)
    freeze(plan, date(2026, 12, 31), at=year_end + timedelta(days=9), publisher="x")
    with time_machine.travel(NEXT_QUARTER):
        assert api().get("/api/v1/data/ISCC/snapshots/2026-Q4.zip").status_code == 404
        assert "2026-Q4" not in api().get("/api/v1/data/ISCC/").content.decode()
    again = freeze(plan, date(2026, 12, 31), at=year_end, publisher="x")
    assert list(Snapshot.objects.values_list("pk", "made_at")) == [(again.pk, year_end)]


@pytest.mark.long
def test_what_lists_it_is_asked_for_anew(plan, world):
    before = Plan.objects.get(pk=plan.pk).revision
    freeze(plan, LAST_DAY, at=NEXT_QUARTER, publisher="x")
    assert Plan.objects.get(pk=plan.pk).revision == before + 1


@pytest.mark.long
def test_the_regular_task_makes_the_last_quarter_of_each_public_plan(plan, capsys):
    with time_machine.travel(NEXT_QUARTER):
        call_command("freeze_tables")
        call_command("freeze_tables")
    [snapshot] = Snapshot.objects.all()
    assert capsys.readouterr().out == (
        f"ISCC 2026-Q3: {snapshot.size} bytes, SHA-256 {snapshot.sha256}\n"
    )


@pytest.mark.long
def test_what_is_withdrawn_later_stays_in_a_snapshot(world, frozen, reviewer):
    steps.perform(world.published, Action.RETRACT, reviewer, NEXT_QUARTER, note="Wrong.")
    frozen.refresh_from_db()
    assert frozen.sha256 == hashlib.sha256(frozen.content).hexdigest()


@pytest.fixture
def erase(administrator, second_administrator):
    def erase(target, *parts):
        both = (administrator, second_administrator)
        return steps.erased(target, parts, *both, NEXT_QUARTER)

    return erase


@pytest.mark.long
def test_an_erasure_withdraws_the_snapshots_of_the_time_since_the_text_was_public(
    plan, world, frozen, erase
):
    before = Snapshot.objects.create(
        plan=plan,
        quarter="2026-Q2",
        known_at=steps.NOW - timedelta(hours=12),
        made_at=NEXT_QUARTER,
        sha256="0" * 64,
        size=1,
        content=b"x",
    )
    other = freeze_other_plan(frozen)
    erasure = erase(world.published, "summary")
    for row in (frozen, before, other):
        row.refresh_from_db()
    assert (frozen.content, frozen.withdrawn_by) == (None, erasure)
    assert (frozen.size > 0, len(frozen.sha256)) == (True, 64)
    assert not before.is_withdrawn
    assert not other.is_withdrawn


def freeze_other_plan(frozen):
    other = Snapshot.objects.get(pk=frozen.pk)
    other.pk, other.plan = None, PlanFactory(code="OTHER")
    other.save()
    return other


@pytest.mark.long
def test_the_erasure_of_a_reason_withdraws_them_too(world, frozen, erase):
    note_of = world.retracted.decisions.get(action=Action.RETRACT)
    erasure = erase(note_of, "note")
    frozen.refresh_from_db()
    assert frozen.withdrawn_by == erasure


@pytest.mark.long
def test_the_erasure_of_what_was_never_public_withdraws_none(world, frozen, erase):
    erase(world.discarded, "summary")
    erase(world.returned.decisions.get(action=Action.RETURN), "note")
    frozen.refresh_from_db()
    assert not frozen.is_withdrawn


@pytest.mark.long
def test_a_text_that_is_erased_while_the_tables_are_read_is_in_no_snapshot(
    plan, world, erase, monkeypatch
):
    def write(*args):
        real(*args)
        erase(world.published, "summary")

    real = snapshots._write
    monkeypatch.setattr(snapshots, "_write", write)
    assert freeze(plan, LAST_DAY, at=NEXT_QUARTER, publisher="x") is None
    assert Snapshot.objects.count() == 0


# As the API and the page give it out

ADDRESS = "/api/v1/data/ISCC/snapshots/2026-Q3.zip"


@pytest.mark.long
def test_the_index_and_the_page_list_it_with_its_digest_and_how_to_cite_it(
    client, get, get_page, frozen
):
    [listed] = get("data/ISCC/")["snapshots"]
    assert listed["sha256"] == frozen.sha256
    assert (listed["url"], listed["withdrawn_by"]) == (f"http://testserver{ADDRESS}", None)
    for part in (frozen.sha256, "2026-Q3", listed["url"]):
        assert part in listed["citation"]
    answer = client.get(listed["url"])
    assert answer.headers["Content-Type"] == "application/zip"
    assert answer.getvalue() == bytes(frozen.content)
    assert f'<a href="{listed["url"]}" type="application/zip">' in get_page("/en/ISCC/data/")


@pytest.mark.long
def test_what_was_withdrawn_is_gone_and_says_why(client, get, get_page, world, frozen, erase):
    erasure = erase(world.published, "summary")
    answer = client.get(ADDRESS)
    assert answer.status_code == 410
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert f"ledger link {erasure.seq}" in answer.json()["detail"]
    [listed] = get("data/ISCC/")["snapshots"]
    assert (listed["url"], listed["withdrawn_by"]) == (None, erasure.seq)
    assert f"erasure in ledger entry {erasure.seq}" in " ".join(get_page("/en/ISCC/data/").split())


@pytest.mark.long
def test_there_is_none_of_a_quarter_that_has_none_or_of_a_plan_that_is_not_public(client, frozen):
    assert client.get(ADDRESS.replace("Q3", "Q4")).status_code == 404
    Plan.objects.update(visibility="draft")
    assert client.get(ADDRESS).status_code == 404


@pytest.mark.long
def test_its_download_can_be_resumed_and_is_not_sent_again(client, frozen):
    whole = client.get(ADDRESS)
    content = whole.getvalue()
    tag = whole.headers["ETag"]
    assert tag == f'"{frozen.sha256}"'
    rest = client.get(ADDRESS, headers={"Range": "bytes=100-", "If-Range": tag})
    assert (rest.status_code, rest.getvalue()) == (206, content[100:])
    assert client.get(ADDRESS, headers={"If-None-Match": tag}).status_code == 304
    assert client.get(ADDRESS, headers={"Range": "bytes=99999999-"}).status_code == 416
