"""A folder of evidence that is broken, read-only or away is an outage, not an error: 503, and
nothing is saved."""

import errno
import io
import os
import sqlite3
from contextlib import closing

import pytest
from django.core.files.base import ContentFile
from django.db import OperationalError
from django.db import connection as suite

from commitments.api.views_reference import PlanView
from commitments.db import is_busy
from commitments.exceptions import StorageUnavailable
from commitments.files import storage
from commitments.files.folder import Folder
from commitments.models import Evidence, ProgressUpdate
from commitments.pages.home import HomePage
from commitments.verification.updates import file_differences
from tests.admin.workbench.forms import entered, log_of
from tests.steps import draft, file_evidence, upload

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]

OUTAGES = ["EROFS", "EACCES", "EPERM", "EIO", "ESTALE", "ENOTDIR", "ETIMEDOUT"]


@pytest.fixture(params=OUTAGES)
def broken_folder(request, monkeypatch):
    """Every file that is opened below the folder of the evidence fails."""
    number, opened = getattr(errno, request.param), os.open
    folder = storage.evidence_storage().location

    def fail(path, *args, **kwargs):
        if str(path).startswith(folder):
            raise OSError(number, os.strerror(number), path)
        return opened(path, *args, **kwargs)

    monkeypatch.setattr(os, "open", fail)


def test_a_folder_that_fails_is_said(broken_folder):
    with pytest.raises(StorageUnavailable):
        storage.store(ContentFile(b"x"))


def test_api_and_form_ask_to_come_back(broken_folder, api, signed_in, reporter, duty):
    update = draft(duty, reporter, evidence=())
    facts = {"title": "Minutes", "kind": "report", "source": "independent", "file": upload()}
    answer = api(reporter).post(f"/api/v1/updates/{update.pk}/files/", facts)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert not Evidence.objects.exists()
    answer = signed_in(reporter).post(log_of(duty), entered(save="1", files=[upload()]))
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert ProgressUpdate.objects.count() == 1


def test_a_folder_that_is_no_folder_asks_to_come_back(settings, tmp_path, api, reporter, duty):
    (tmp_path / "evidence").write_text("not a folder")
    settings.STORAGES = settings.STORAGES | {
        "evidence": settings.STORAGES["evidence"]
        | {"OPTIONS": {"location": str(tmp_path / "evidence")}}
    }
    update = draft(duty, reporter, evidence=())
    facts = {"title": "Minutes", "kind": "report", "source": "independent", "file": upload()}
    answer = api(reporter).post(f"/api/v1/updates/{update.pk}/files/", facts)
    assert answer.status_code == 503


def test_a_file_that_cannot_be_read_is_told_from_one_that_is_gone(monkeypatch, api, reporter, duty):
    [item] = draft(duty, reporter, evidence=[file_evidence()]).evidence.all()
    address = f"/api/v1/evidence/{item.pk}/file/"
    for number, status in ((errno.EIO, 503), (errno.ENOENT, 404)):

        def fail(path, mode, number=number):
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr("django.core.files.storage.filesystem.open", fail, raising=False)
        assert api(reporter).get(address).status_code == status


def test_a_file_that_cannot_be_read_to_its_end_asks_to_come_back(monkeypatch, api, reporter, duty):
    class Failing(io.BytesIO):
        def read(self, *args):
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    [item] = draft(duty, reporter, evidence=[file_evidence()]).evidence.all()
    with item.open_file() as file:
        content = file.read()
    monkeypatch.setattr(
        "django.core.files.storage.filesystem.open",
        lambda path, mode: Failing(content),
        raising=False,
    )
    assert api(reporter).get(f"/api/v1/evidence/{item.pk}/file/").status_code == 503
    [problem] = file_differences(Evidence.objects.get(pk=item.pk))
    assert str(problem).endswith("cannot be read: [Errno 5] Input/output error")


def test_a_check_of_a_folder_that_cannot_be_entered_blames_no_file(monkeypatch, reporter, duty):
    def refuse(*args):
        raise OSError(errno.EACCES, os.strerror(errno.EACCES))

    [item] = draft(duty, reporter, evidence=[file_evidence()]).evidence.all()
    monkeypatch.setattr("django.core.files.storage.filesystem.open", refuse, raising=False)
    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(StorageUnavailable):
        list(file_differences(Evidence.objects.get(pk=item.pk)))


def test_for_whoever_has_a_file_already_it_is_not_read(monkeypatch, api, reporter, duty):
    [item] = draft(duty, reporter, evidence=[file_evidence()]).evidence.all()
    address = f"/api/v1/evidence/{item.pk}/file/"
    answer = api(reporter).get(address)
    b"".join(answer.streaming_content)
    monkeypatch.setattr(Folder, "_open", None)
    again = api(reporter).get(address, headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again["ETag"]) == (304, answer["ETag"])


@pytest.mark.skipif(suite.vendor != "sqlite", reason="the sentences of SQLite")
@pytest.mark.parametrize(
    "sentence",
    [
        "unable to open database file",
        "disk I/O error",
        "attempt to write a readonly database",
    ],
)
def test_a_database_file_that_is_away_asks_to_come_back(sentence, client, api, monkeypatch):
    def fail(*args, **kwargs):
        raise OperationalError(sentence)

    monkeypatch.setattr(HomePage, "get", fail)
    monkeypatch.setattr(PlanView, "get_queryset", fail)
    for answer in (client.get("/en/"), api().get("/api/v1/plans/")):
        assert (answer.status_code, answer["Retry-After"]) == (503, "5")


@pytest.mark.skipif(suite.vendor != "sqlite", reason="a file of SQLite")
def test_sqlite_says_these_sentences(tmp_path):
    file = tmp_path / "db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE rows (text)")
    with (
        closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection,
        pytest.raises(sqlite3.OperationalError) as read_only,
    ):
        connection.execute("INSERT INTO rows VALUES ('x')")
    with pytest.raises(sqlite3.OperationalError) as away:
        sqlite3.connect(tmp_path / "no" / "db")
    for caught in (read_only, away):
        assert is_busy(OperationalError(str(caught.value)))


def test_a_file_is_on_the_disk_before_a_row_says_that_it_is_stored(tmp_path, monkeypatch):
    flushed = []
    opened = "/proc/self/fd/{}"
    monkeypatch.setattr(os, "fsync", lambda fd: flushed.append(os.readlink(opened.format(fd))))
    Folder(tmp_path).save("ab/abcd", ContentFile(b"x"))
    assert flushed == [str(tmp_path / "ab" / "abcd"), str(tmp_path / "ab"), str(tmp_path)]
