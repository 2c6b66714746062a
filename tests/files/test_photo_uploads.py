"""Photos that are uploaded are cleaned before they are hashed and stored."""

import hashlib

import pytest
from django.core.files.uploadedfile import TemporaryUploadedFile

from commitments.exceptions import InvalidInput
from commitments.files import storage
from commitments.workflow import EvidenceChanges, edit_draft
from tests import steps
from tests.files import sample_files as files
from tests.files.photos import PHOTOS
from tests.steps import NOW

pytestmark = pytest.mark.alike

PHOTO = PHOTOS["a JPEG"][0]


@pytest.mark.parametrize("memory_limit", [0, 10**6], ids=["on disk", "in memory"])
def test_an_upload_can_be_inspected_twice(memory_limit):
    upload = steps.upload("photo.jpg", PHOTO)
    if not memory_limit:
        upload = TemporaryUploadedFile("photo.jpg", "image/jpeg", len(PHOTO), None)
        upload.write(PHOTO)
    first, second = storage.inspect_upload(upload), storage.inspect_upload(upload)
    for columns in (first, second):
        assert b"".join(columns.pop("file").chunks()) == files.JPEG
    assert first == second
    assert first["file_size"] == len(files.JPEG)
    upload.close()


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["photo.jpg", "picture.png", "picture.webp"])
def test_the_digest_and_size_of_a_photo_are_those_of_the_stored_file(
    send, bare_draft, stored, api, reporter, name
):
    photo, _media_type, cleaned = {
        "photo.jpg": PHOTOS["a JPEG"],
        "picture.png": PHOTOS["a PNG"],
        "picture.webp": PHOTOS["a WebP"],
    }[name]
    answer = send(bare_draft, file=steps.upload(name, photo))
    assert answer.status_code == 201
    file = answer.json()["file"]
    assert (file["name"], file["size"]) == (name, len(cleaned))
    assert file["sha256"] == hashlib.sha256(cleaned).hexdigest()
    assert stored() == [cleaned]
    assert b"".join(api(reporter).get(file["url"])) == cleaned


@pytest.mark.django_db
@pytest.mark.usefixtures("evidence_folder")
def test_the_workflow_cleans_photos_and_knows_them_again(bare_draft, reporter, stored):
    add = [steps.file_evidence("photo.jpg", PHOTO)]
    edit_draft(bare_draft, by=reporter, at=NOW, evidence=EvidenceChanges(add=add))
    item = bare_draft.evidence.get()
    with item.file.open() as file:
        assert storage.digest_and_size(file) == (item.file_sha256, item.file_size)
    assert stored() == [files.JPEG]
    add = [steps.file_evidence("copy.jpg", files.JPEG)]
    with pytest.raises(InvalidInput) as refusal:
        edit_draft(bare_draft, by=reporter, at=NOW, evidence=EvidenceChanges(add=add))
    [problem] = refusal.value.problems
    assert "already contains this file" in problem.message


@pytest.mark.django_db
def test_a_damaged_photo_is_refused_with_a_pointer(send, bare_draft, stored):
    answer = send(bare_draft, file=steps.upload("photo.jpg", PHOTO[:-2]))
    assert answer.status_code == 400
    [error] = answer.json()["errors"]
    assert error == {
        "pointer": "#/file",
        "code": "file_refused",
        "detail": "The file is damaged or incomplete.",
    }
    assert stored() == []


@pytest.mark.django_db
def test_the_form_says_what_is_removed(signed_in, reporter, duty, noon):
    page = signed_in(reporter).get(f"/admin/log/{duty.code}/")
    assert "Location and camera data are removed from photos." in page.text
