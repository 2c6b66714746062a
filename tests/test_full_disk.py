"""While a disk is full, requests get 507, nothing is saved, and no part of a file remains."""

import errno
import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from django.core.files.base import ContentFile
from django.db import OperationalError

from commitments.api.views_reference import PlanView
from commitments.db import has_no_room, is_busy
from commitments.files import storage
from commitments.models import Evidence, ProgressUpdate
from commitments.pages.home import HomePage
from tests.admin.workbench.forms import entered, log_of
from tests.steps import draft, upload

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]


@pytest.fixture
def full_disk(monkeypatch):
    """On the disk of the evidence there is room for half of each file."""
    kind = type(storage.evidence_storage())
    save = kind._save

    def save_half(self, name, content):
        save(self, name, ContentFile(content.read()[: content.size // 2]))
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(kind, "_save", save_half)


@pytest.fixture
def stored():
    """Return the paths of all files in the storage of the evidence."""

    def stored():
        return {
            path for path in Path(storage.evidence_storage().path("")).rglob("*") if path.is_file()
        }

    return stored


def test_a_file_without_room_leaves_no_part_behind(full_disk, stored):
    before = stored()
    with pytest.raises(OSError, match="No space left"):
        storage.store(ContentFile(b"x" * 1000))
    assert stored() == before


def test_the_api_says_that_there_is_no_room(full_disk, stored, api, reporter, duty):
    update, before = draft(duty, reporter, evidence=()), stored()
    facts = {"title": "Minutes", "kind": "report", "source": "independent", "file": upload()}
    answer = api(reporter).post(f"/api/v1/updates/{update.pk}/files/", facts)
    assert (answer.status_code, answer["Content-Type"]) == (507, "application/problem+json")
    assert "no room left" in answer.json()["detail"]
    assert not Evidence.objects.exists()
    assert stored() == before


@pytest.mark.parametrize("sent", [{"add": "1"}, {"save": "1"}])
def test_a_form_with_a_file_says_it_too(sent, full_disk, stored, signed_in, reporter, duty):
    before = stored()
    fields = entered(**sent, files=[upload()])
    answer = signed_in(reporter).post(log_of(duty), fields, HTTP_ACCEPT_LANGUAGE="zh-hans")
    assert answer.status_code == 507
    assert "系统存储空间已满" in answer.text
    # What was typed is kept on the page that says it.
    assert ("summary_en", "A meeting was held.") in answer.context["sent"]
    assert not ProgressUpdate.objects.exists()
    assert stored() == before


FULL = OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("error", [FULL, OperationalError("database or disk is full")])
def test_pages_and_api_say_it_wherever_it_happens(error, client, api, monkeypatch):
    def fail(*args, **kwargs):
        raise error

    monkeypatch.setattr(HomePage, "get", fail)
    monkeypatch.setattr(PlanView, "get_queryset", fail)
    assert client.get("/en/").status_code == 507
    assert api().get("/api/v1/plans/").status_code == 507


def test_a_database_of_sqlite_that_cannot_grow_is_told_from_a_busy_one(tmp_path):
    with closing(sqlite3.connect(tmp_path / "small")) as connection:
        connection.execute("CREATE TABLE rows (text)")
        connection.execute("PRAGMA max_page_count = 3")
        with pytest.raises(sqlite3.OperationalError) as caught:
            connection.execute("INSERT INTO rows VALUES (?)", ["x" * 100_000])
    error = OperationalError(str(caught.value))
    error.__cause__ = caught.value
    assert has_no_room(error)


def test_a_full_disk_of_postgresql_is_told_from_a_busy_one():
    full, busy = (OperationalError("no"), OperationalError("no"))
    full.__cause__, busy.__cause__ = psycopg.errors.DiskFull(), psycopg.errors.LockNotAvailable()
    assert has_no_room(full)
    assert not has_no_room(busy)


@pytest.mark.parametrize("error", [None, ValueError(), OSError(errno.EACCES, "no"), KeyError()])
def test_other_errors_are_neither(error):
    assert not has_no_room(error)
    assert not is_busy(error)
