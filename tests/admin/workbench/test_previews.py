"""Previews of files that were chosen and are not saved yet."""

import re

import pytest
import time_machine

from commitments.files import staging
from tests.admin.workbench.forms import entered, log_of
from tests.files.sample_files import SAMPLES
from tests.steps import file_evidence, published, upload

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]


@pytest.fixture
def chosen(signed_in, reporter, duty):
    """`chosen(name)` returns the page of the form to which this file was added."""

    def chosen(name):
        sent = entered(add="1", files=[upload(name)])
        return signed_in(reporter).post(log_of(duty), sent)

    return chosen


def preview_on(page):
    """Return the address of the preview on a page."""
    [address] = re.findall('src="(/admin/evidence/waiting/[^"]+)"', page.text)
    return address


@pytest.mark.parametrize(
    ("name", "tag", "media_type"),
    [
        ("minutes.pdf", "<iframe", "application/pdf"),
        ("picture.png", '<img class="preview"', "image/png"),
    ],
)
def test_a_chosen_file_is_shown_before_it_is_saved(name, tag, media_type, chosen, client):
    page = chosen(name)
    assert tag in page.text
    answer = client.get(preview_on(page))
    assert answer["Content-Type"] == media_type
    assert answer["Content-Disposition"].startswith("inline")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert answer["Content-Security-Policy"].startswith("default-src 'none'")
    assert answer["Cache-Control"].startswith("private, no-store")
    assert b"".join(answer.streaming_content).startswith(SAMPLES[name][:8])


def test_it_is_shown_to_whoever_has_chosen_it_alone(
    chosen, client, signed_in, other_reporter, administrator
):
    address = preview_on(chosen("minutes.pdf"))
    for person in (other_reporter, administrator):
        assert signed_in(person).get(address).status_code == 404
    client.logout()
    assert client.get(address).status_code == 302


def test_a_token_that_is_forged_or_too_old_shows_nothing(chosen, client, reporter):
    address = preview_on(chosen("minutes.pdf"))
    assert client.get(f"{address[:-2]}x/").status_code == 404
    assert client.get("/admin/evidence/waiting/minutes/").status_code == 404
    with time_machine.travel("2026-07-04T12:00:00Z"):
        assert not staging.staged_name(address.split("/")[-2], reporter.pk)


@pytest.mark.parametrize("content", [b"<script>alert(1)</script>", b"%PDF-1.4 /Encrypt 7 0 R"])
def test_what_is_no_picture_or_pdf_is_not_shown_whatever_its_name(
    content, signed_in, reporter, duty
):
    """A file that is chosen in its row waits as it is, and is inspected when it is saved."""
    client = signed_in(reporter)
    source = {"title_en": "Minutes", "upload": upload("minutes.pdf", content), "kind": ""}
    page = client.post(log_of(duty), entered(source))
    assert client.get(preview_on(page)).status_code == 404


def test_a_text_file_has_no_preview(chosen):
    page = chosen("note.txt")
    assert "note.txt" in page.text
    assert "evidence/waiting/" not in page.text


def test_a_file_that_a_correction_copies_is_shown(duty, reporter, reviewer, signed_in):
    original = published(duty, reporter, reviewer, evidence=[file_evidence()])
    page = signed_in(reporter).get(f"{log_of(duty)}?corrects={original.pk}").text
    assert f'src="/admin/evidence/{original.evidence.get().pk}/preview/"' in page
