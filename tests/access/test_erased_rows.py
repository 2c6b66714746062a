"""What is shown where something of an update was erased that is not published, or not for all."""

import pytest

from commitments.choices import Action
from commitments.models import ProgressUpdate
from commitments.workflow import public_view
from tests.access.test_erased import LINK, NAME
from tests.steps import INTERNAL, draft, perform, published, returned
from tests.words import en_zh

pytestmark = pytest.mark.django_db


@pytest.mark.long
def test_an_erased_file_keeps_its_digest_and_cannot_be_fetched(record, erase, api, client):
    item = record.superseded.evidence.exclude(file="").get()
    erase(record.superseded, f"evidence/{item.pk}/file")
    piece = api().get(f"/api/v1/evidence/{item.pk}/").json()
    assert piece["file"] == {
        "name": "",
        "size": item.file_size,
        "sha256": item.file_sha256,
        "media_type": item.file_type,
        "url": None,
    }
    assert api().get(f"/api/v1/evidence/{item.pk}/file/").status_code == 404
    page = client.get("/en/ISCC/commitments/9.1/").text
    assert f"file erased, SHA-256: {item.file_sha256}" in page


@pytest.mark.long
def test_a_tombstone_says_so_too(record, erase, anonymous, client):
    erase(record.retracted, "summary")
    view = public_view(ProgressUpdate.objects.get(pk=record.retracted.pk), anonymous)
    assert [row.parts for row in view.erasures] == [["summary"]]
    assert not view.has_content
    retraction = record.retracted.decisions.get(action=Action.RETRACT)
    erase(retraction, "note")
    page = client.get("/en/ISCC/commitments/3.2/").text
    assert "reason erased" in page
    assert "The source was withdrawn." not in page


def test_of_what_was_never_published_readers_learn_only_that_something_was_erased(
    duty, reporter, erase, client, api
):
    update = draft(duty, reporter, summary=en_zh("Never published."), search_note=en_zh(NAME))
    perform(update, Action.DISCARD, reporter)
    erase(update, "search_note")
    for path in ("/en/PLAN/changes/", "/en/PLAN/changes.atom"):
        text = client.get(path).text
        assert "content erased" in text
        assert "Never published." not in text
    assert api().get(f"/api/v1/updates/{update.pk}/").status_code == 404


def test_an_erased_private_note_is_empty_for_its_author(duty, reporter, reviewer, erase, api):
    update = returned(duty, reporter, reviewer)
    erase(update.decisions.get(action=Action.RETURN), "note")
    row = api(reporter).get(f"/api/v1/updates/{update.pk}/").json()
    assert row["decisions"][-1]["note"] is None


def test_the_etag_changes_with_an_erasure(duty, reporter, reviewer, erase, api):
    update = published(duty, reporter, reviewer)
    before = api().get("/api/v1/updates/")["ETag"]
    erase(update, "summary")
    assert api().get("/api/v1/updates/")["ETag"] != before


def test_internal_evidence_stays_internal(duty, reporter, reviewer, erase, anonymous):
    update = published(duty, reporter, reviewer, evidence=[LINK, INTERNAL])
    internal = update.evidence.get(public=False)
    erase(update, f"evidence/{internal.pk}/citation")
    view = public_view(ProgressUpdate.objects.get(pk=update.pk), anonymous)
    assert [item.public for item in view.evidence] == [True]
