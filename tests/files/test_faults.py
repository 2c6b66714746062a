"""A stored file that is missing, changed or unreadable is told to whoever decides by it: on the
page of a review, to whoever publishes, and to a reader who follows a link to it."""

import errno
import os

import pytest

from commitments.choices import Action
from commitments.exceptions import ActionRefused, StorageUnavailable
from commitments.files.folder import Folder
from commitments.models import Decision, ProgressUpdate
from tests.steps import file_evidence, perform, published, submitted

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
# The first byte of a file is gone, or is another.
SHORTER, ALTERED = (lambda content: content[1:]), (lambda content: b"!" + content[1:])


@pytest.fixture
def stored(evidence_folder):
    """`stored(update)` is the stored file of the only piece of an update."""

    def stored(update):
        return evidence_folder / update.evidence.get().file.name

    return stored


@pytest.fixture
def update(duty, reporter, evidence_folder):
    return submitted(duty, reporter, evidence=[file_evidence()])


def unreadable(*args):
    raise OSError(errno.EACCES, os.strerror(errno.EACCES))


MISSING = "The file “minutes.pdf” is missing from storage."
CHANGED = "The file “minutes.pdf” in storage is not the one that was recorded."
UNREADABLE = "The file “minutes.pdf” cannot be read from storage."


def spoil(file, how):
    """Delete a file, or change its content as `how` does."""
    file.unlink() if how is None else file.write_bytes(how(file.read_bytes()))


@pytest.mark.parametrize(
    ("how", "sentence"), [(None, MISSING), (SHORTER, CHANGED), (ALTERED, CHANGED)]
)
def test_a_reviewer_is_told_and_offered_no_publication(
    how, sentence, update, stored, signed_in, reviewer
):
    address = f"/admin/review/{update.pk}/"
    page = signed_in(reviewer).get(address).text
    assert 'name="publish"' in page
    assert "<iframe" in page
    spoil(stored(update), how)
    page = signed_in(reviewer).get(address).text
    assert page.count(sentence) == 2
    assert 'name="publish"' not in page
    assert "<iframe" not in page
    assert 'name="return"' in page


def test_a_reviewer_is_told_of_a_file_that_cannot_be_read(update, signed_in, reviewer, monkeypatch):
    monkeypatch.setattr("django.core.files.storage.filesystem.open", unreadable, raising=False)
    page = signed_in(reviewer).get(f"/admin/review/{update.pk}/").text
    assert page.count(UNREADABLE) == 2
    assert 'name="publish"' not in page


@pytest.mark.parametrize(("how", "sentence"), [(None, MISSING), (SHORTER, CHANGED)])
def test_nothing_is_published_on_a_file_that_is_not_there(
    how, sentence, update, stored, api, reviewer
):
    spoil(stored(update), how)
    address, tag = f"/api/v1/updates/{update.pk}/publish/", f'"{update.revision}"'
    answer = api(reviewer).post(
        address, {}, content_type="application/json", headers={"If-Match": tag}
    )
    assert answer.status_code == 409
    [error] = answer.json()["errors"]
    assert (error["code"], error["detail"]) == ("file_missing", sentence)
    assert error["pointer"] == f"#/evidence/{update.evidence.get().pk}/file"
    assert ProgressUpdate.objects.get().state == "submitted"
    assert not Decision.objects.filter(action=Action.PUBLISH).exists()


def test_of_several_only_those_are_refused(update, stored, duty, reporter, reviewer, api):
    other = submitted(duty, reporter, evidence=[file_evidence()])
    stored(update).unlink()
    rows = [{"id": row.pk, "revision": row.revision} for row in (update, other)]
    answer = api(reviewer).post("/api/v1/updates/publish/", rows, content_type="application/json")
    assert [row.state for row in ProgressUpdate.objects.order_by("pk")] == [
        "submitted",
        "published",
    ]
    assert MISSING in answer.text


def test_it_can_still_be_returned(update, stored, reviewer):
    stored(update).unlink()
    with pytest.raises(ActionRefused):
        perform(update, Action.PUBLISH, reviewer)
    assert perform(update, Action.RETURN, reviewer, note="Add the file again.").state == "returned"


def test_a_reader_gets_a_page_in_their_language(duty, reporter, reviewer, stored, client):
    update = published(duty, reporter, reviewer, evidence=[file_evidence()])
    address = f"/api/v1/evidence/{update.evidence.get().pk}/file/"
    stored(update).unlink()
    for language, title in (("en", "<h1>Not found</h1>"), ("zh-hans", "<h1>未找到</h1>")):
        page = client.get(address, headers={**BROWSER, "Accept-Language": language})
        assert page.status_code == 404
        assert page["Content-Type"].startswith("text/html")
        assert page["Cache-Control"] == "no-store"
        assert title in page.text
        assert "minutes.pdf" in page.text
    program = client.get(address, headers={"Accept": "*/*"})
    assert program["Content-Type"] == "application/problem+json"
    assert program.json()["detail"] == MISSING


def test_so_does_one_for_whom_there_is_no_such_file(client, update):
    pk = update.evidence.get().pk
    for address in (f"/api/v1/evidence/{pk}/file/", "/api/v1/evidence/999/file/"):
        page = client.get(address, headers=BROWSER)
        assert page.status_code == 404
        assert "<h1>" in page.text
        assert "minutes.pdf" not in page.text


def test_and_one_whose_request_comes_while_the_store_is_away(
    duty, reporter, reviewer, client, monkeypatch
):
    def away(*args):
        raise StorageUnavailable("it does not answer")

    update = published(duty, reporter, reviewer, evidence=[file_evidence()])
    monkeypatch.setattr(Folder, "_open", away)
    address = f"/api/v1/evidence/{update.evidence.get().pk}/file/"
    page = client.get(address, headers=BROWSER)
    assert (page.status_code, page["Retry-After"]) == (503, "5")
    assert "Files cannot be stored or read at the moment" in page.text
    assert "tell whoever runs this site" in page.text
    problem = client.get(address, headers={"Accept": "application/json"})
    assert problem.status_code == 503
    assert problem.json()["detail"].startswith("Files cannot be stored or read at the moment")


def test_other_addresses_of_the_api_answer_browsers_as_programs(client):
    answer = client.get("/api/v1/evidence/999/", headers=BROWSER)
    assert answer["Content-Type"] == "application/problem+json"
