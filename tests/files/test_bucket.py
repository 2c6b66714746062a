"""A bucket of an object store behaves as a folder does."""

import json
from datetime import UTC, datetime

import pytest
from django.core.files.base import ContentFile

from commitments.exceptions import StorageUnavailable
from commitments.files.folder import Folder
from commitments.models import Evidence
from commitments.operations import health
from commitments.operations.health import HEALTH_CHECKS
from tests.object_store import BUCKET, bucket_in, object_store, store_that_hangs_up
from tests.steps import NOW, draft, file_evidence

pytestmark = [pytest.mark.long, pytest.mark.alike]


@pytest.fixture(scope="module")
def store():
    with object_store() as store:
        yield store


@pytest.fixture(params=["folder", "bucket"])
def storage(request, tmp_path, store):
    if request.param == "folder":
        return Folder(tmp_path)
    return bucket_in(store, f"files/{request.node.name}")


def test_a_stored_file_is_read_as_it_was(storage):
    content = bytes(range(256)) * 20_000
    name = storage.save("ab/abcd", ContentFile(content))
    assert name == "ab/abcd"
    assert storage.exists(name)
    assert storage.size(name) == len(content)
    with storage.open(name) as file:
        assert file.size == len(content)
        assert file.read() == content
        file.seek(5_000_000)
        assert file.read(10) == content[5_000_000:5_000_010]
    assert abs((storage.get_modified_time(name) - datetime.now(UTC)).total_seconds()) < 60


def test_a_file_never_takes_the_place_of_another(storage):
    first = storage.save("ab/abcd", ContentFile(b"first"))
    second = storage.save("ab/abcd", ContentFile(b"second"))
    assert first != second
    with storage.open(first) as file:
        assert file.read() == b"first"


def test_files_are_listed_by_folder(storage):
    for name in ("ab/one", "ab/two", "cd/three"):
        storage.save(name, ContentFile(b"x"))
    assert sorted(storage.listdir("")[0]) == ["ab", "cd"]
    assert sorted(storage.listdir("ab")[1]) == ["one", "two"]


def test_a_deleted_file_is_gone_and_may_be_deleted_again(storage):
    name = storage.save("ab/abcd", ContentFile(b"x"))
    for _ in range(2):
        storage.delete(name)
        assert not storage.exists(name)
    with pytest.raises(FileNotFoundError):
        storage.open(name)


@pytest.mark.parametrize(
    "act",
    [
        lambda storage: storage.open("ab/kept"),
        lambda storage: storage.save("ab/new", ContentFile(b"x")),
        lambda storage: storage.delete("ab/kept"),
        lambda storage: storage.exists("ab/kept"),
        lambda storage: storage.listdir(""),
        lambda storage: storage.size("ab/kept"),
        lambda storage: storage.get_modified_time("ab/kept"),
    ],
    ids=["open", "save", "delete", "exists", "listdir", "size", "time"],
)
def test_a_store_that_is_away_is_said(store, act):
    storage = bucket_in(store)
    storage.endpoint_url = "http://127.0.0.1:9"
    with pytest.raises(StorageUnavailable):
        act(storage)


@pytest.fixture
def hangs_up():
    with store_that_hangs_up() as server:
        yield server


@pytest.fixture
def hanging_up(store, hangs_up):
    """A bucket of a store that cuts off every file."""
    storage = bucket_in(store)
    storage.endpoint_url = f"http://127.0.0.1:{hangs_up.server_port}"
    return storage


def test_a_file_that_is_cut_off_twice_is_an_outage(hanging_up, hangs_up):
    with pytest.raises(StorageUnavailable, match="500 read, but total bytes expected is 1000"):
        hanging_up.open("ab/kept")
    assert hangs_up.sent == 2


@pytest.mark.django_db
def test_a_download_that_is_cut_off_asks_to_come_back(
    hanging_up, evidence_folder, monkeypatch, api, duty, reporter
):
    [item] = draft(duty, reporter, evidence=[file_evidence()]).evidence.all()
    monkeypatch.setattr(Evidence._meta.get_field("file").storage, "open", hanging_up.open)
    answer = api(reporter).get(f"/api/v1/evidence/{item.pk}/file/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")


def test_a_store_that_refuses_is_said(store):
    storage = bucket_in(store)
    storage.save("ab/kept", ContentFile(b"x"))
    nothing = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [nothing]})
    store.client.put_bucket_policy(Bucket=BUCKET, Policy=policy)
    try:
        with pytest.raises(StorageUnavailable, match="403"):
            storage.exists("ab/kept")
        with pytest.raises(StorageUnavailable, match="403"):
            storage.open("ab/kept")
    finally:
        store.client.delete_bucket_policy(Bucket=BUCKET)


@pytest.mark.parametrize(
    "ask",
    [
        lambda storage: storage.open("ab/kept"),
        lambda storage: storage.exists("ab/kept"),
        lambda storage: storage.size("ab/kept"),
        lambda storage: storage.get_modified_time("ab/kept"),
    ],
    ids=["open", "exists", "size", "time"],
)
def test_without_a_bucket_no_file_is_called_missing(store, ask):
    storage = bucket_in(store)
    storage.bucket_name = "no-such-bucket"
    with pytest.raises(StorageUnavailable):
        ask(storage)


def test_a_bucket_that_is_missing_is_found_by_the_check_of_health(store, monkeypatch):
    storage = bucket_in(store)
    monkeypatch.setattr(health, "evidence_storage", lambda: storage)
    storage_is = HEALTH_CHECKS["storage"][1]
    assert storage_is(NOW) == health.IN_ORDER
    storage.bucket_name = "no-such-bucket"
    with pytest.raises(StorageUnavailable):
        storage_is(NOW)


def test_a_bucket_is_named_with_its_folder_and_its_setting(store):
    assert bucket_in(store).place == f"the bucket {BUCKET}, folder files (EVIDENCE_STORE)"
    assert bucket_in(store, "").place == f"the bucket {BUCKET} (EVIDENCE_STORE)"
