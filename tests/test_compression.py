"""Texts for readers are compressed, responses that could hold a secret are not, and a compressed
copy can be revalidated by its ETag."""

import gzip

import pytest
from rest_framework.test import APIClient

from tests import steps

pytestmark = [pytest.mark.alike, pytest.mark.usefixtures("duty", "noon")]

GZIP = {"Accept-Encoding": "gzip"}
# Each is long enough to gain: Django adds up to a hundred random bytes to what it compresses, and
# sends a text that would not become shorter as it is.
TEXTS = [
    "/api/v1/schema/",
    "/api/v1/commitments/",
    "/api/v1/data/PLAN/commitments.csv",
    "/en/PLAN/",
    "/en/PLAN/changes.atom",
    "/sitemaps/plans/PLAN.xml",
]


@pytest.mark.long
@pytest.mark.parametrize("path", TEXTS)
def test_a_text_is_compressed_for_whoever_understands_it(client, path):
    plain, packed = client.get(path), client.get(path, headers=GZIP)
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    content, whole = packed.getvalue(), plain.getvalue()
    assert len(content) < len(whole)
    assert gzip.decompress(content) == whole


def test_whoever_has_a_compressed_copy_learns_that_it_is_current(client):
    tag = client.get("/api/v1/commitments/", headers=GZIP).headers["ETag"]
    assert tag.startswith('W/"')
    again = client.get("/api/v1/commitments/", headers=GZIP | {"If-None-Match": tag})
    assert (again.status_code, again.headers["ETag"]) == (304, tag)
    assert "Accept-Encoding" in again.headers["Vary"]
    plain = tag.removeprefix("W/")
    again = client.get("/api/v1/commitments/", headers={"If-None-Match": plain})
    assert (again.status_code, again.headers["ETag"]) == (304, plain)


@pytest.mark.parametrize("path", ["/api/v1/commitments/", "/en/PLAN/"])
def test_what_whoever_signed_in_gets_is_not_compressed(client, reporter, path):
    client.force_login(reporter)
    assert "Content-Encoding" not in client.get(path, headers=GZIP).headers
    token = {"Authorization": f"Token {steps.token(reporter)}"}
    answer = APIClient().get("/api/v1/me/", headers=GZIP | token)
    assert answer.status_code == 200
    assert "Content-Encoding" not in answer.headers


def test_a_file_that_is_sent_in_parts_stays_as_it_is(client, duty, reporter, reviewer):
    note = steps.file_evidence("note.txt", b"Four drains were closed.\n" * 100)
    update = steps.published(duty, reporter, reviewer, evidence=[note])
    answer = client.get(f"/api/v1/evidence/{update.evidence.get().pk}/file/", headers=GZIP)
    assert answer.getvalue() == b"Four drains were closed.\n" * 100
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert "Content-Encoding" not in answer.headers
    assert not answer.headers["ETag"].startswith("W/")
