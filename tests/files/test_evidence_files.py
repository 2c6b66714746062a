"""Evidence files: uploading, refusing and downloading them over REST, and showing them on pages."""

import hashlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import encode_multipart

from commitments import ledger
from commitments.choices import Action
from commitments.files import storage
from commitments.verification import ledger_differences
from tests import steps
from tests.files.sample_files import SAMPLES

pytestmark = [
    pytest.mark.alike,
    pytest.mark.django_db,
    pytest.mark.usefixtures("evidence_folder"),
]

PDF = SAMPLES["minutes.pdf"]
DOCX = SAMPLES["minutes.docx"]


def test_a_file_is_stored_with_its_name_size_type_and_digest(
    send, bare_draft, stored, api, reporter
):
    file = steps.upload("2024年会议纪要.pdf", PDF)
    answer = send(bare_draft, file=file, public="false", language="zh")
    assert answer.status_code == 201
    body = answer.json()
    assert body["file"] == {
        "name": "2024年会议纪要.pdf",
        "size": len(PDF),
        "sha256": hashlib.sha256(PDF).hexdigest(),
        "media_type": "application/pdf",
        "url": f"http://testserver/api/v1/evidence/{body['id']}/file/",
    }
    assert (body["public"], body["language"], body["url"], body["link"]) == (False, "zh", "", None)
    assert stored() == [PDF]
    assert answer.headers["ETag"] == '"2"'


def test_the_stored_name_reveals_nothing_about_the_file(send, bare_draft, evidence_folder):
    send(bare_draft)
    [item] = bare_draft.evidence.all()
    assert len(item.file.name) == 2 + 1 + 32
    assert "minutes" not in item.file.name
    assert (evidence_folder / item.file.name).read_bytes() == PDF
    assert (evidence_folder / item.file.name).stat().st_mode & 0o077 == 0


def test_an_update_may_have_several_files_but_none_twice(send, bare_draft, stored):
    assert send(bare_draft).status_code == 201
    assert send(bare_draft, file=steps.upload("picture.png")).status_code == 201
    answer = send(bare_draft, file=steps.upload("copy.pdf", PDF), title="A copy")
    assert answer.status_code == 400
    assert answer.json()["errors"] == [
        {
            "pointer": "#/file",
            "code": "duplicate",
            "detail": "This update already contains this file, as “Minutes”.",
        }
    ]
    assert stored() == sorted([PDF, SAMPLES["picture.png"]])


def test_two_updates_may_have_the_same_file(send, bare_draft, duty, reporter, stored):
    send(bare_draft)
    assert send(steps.draft(duty, reporter, evidence=())).status_code == 201
    assert stored() == [PDF, PDF]


@pytest.mark.parametrize(
    ("form", "status", "pointer", "detail"),
    [
        ({"file": ("notes.html", b"<html></html>")}, 400, "#/file", "HTML, SVG or other markup"),
        ({"file": ("minutes.docx", PDF)}, 400, "#/file", "“minutes.docx” is a PDF file"),
        ({"file": ("minutes.docx", DOCX[:-20])}, 400, "#/file", "damaged or incomplete"),
        ({"file": ("minutes.pdf", b"")}, 400, "#/file", "The file is empty."),
        ({"file": None}, 400, "#/file", "A value is required here."),
        ({"file": "minutes.pdf"}, 400, "#/file", "Must be a file."),
        ({"title": None}, 400, "#/title", "A value is required here."),
        ({"kind": "rumour"}, 400, "#/kind", "“rumour”"),
        ({"public": "yes"}, 400, "#/public", "Must be true or false."),
        ({"url": "https://example.org/"}, 400, "#/url", "Unknown key; allowed: title, publisher"),
        ({"state": "published"}, 400, "#/state", "Unknown key; allowed: title, publisher"),
        ({"dated_on": "May"}, 400, "#/dated_on", "Enter a date such as 2026-06-30."),
    ],
)
def test_an_invalid_upload_is_refused_with_a_pointer_and_stores_nothing(
    send, bare_draft, stored, form, status, pointer, detail
):
    if isinstance(form.get("file"), tuple):
        form = {"file": steps.upload(*form["file"])}
    answer = send(bare_draft, **form)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    [error] = answer.json()["errors"]
    assert error["pointer"] == pointer
    assert detail.replace("“rumour”", "rumour") in error["detail"]
    assert stored() == []
    assert bare_draft.evidence.count() == 0


def test_an_incomplete_form_is_refused(api, bare_draft, reporter, stored):
    """The missing part may be the field that makes the evidence internal."""
    facts = {"title": "Minutes", "kind": "meeting_record", "source": "official"}
    form = encode_multipart("xx", {**facts, "file": steps.upload(), "public": "false"})
    address = f"/api/v1/updates/{bare_draft.pk}/files/"
    for mark in (b'name="public"', b"alse", b"--xx--"):
        cut = form[: form.index(mark)]
        answer = api(reporter).post(address, cut, content_type="multipart/form-data; boundary=xx")
        assert answer.status_code == 400
        assert answer.json()["detail"] == (
            "The form is incomplete: its closing boundary is missing."
        )
    assert bare_draft.evidence.count() == 0
    assert stored() == []


def test_a_form_is_taken_where_files_are_and_json_where_links_are(api, bare_draft, reporter):
    updates, caller = f"/api/v1/updates/{bare_draft.pk}/", api(reporter)
    form = {"title": "Minutes", "kind": "report", "source": "official", "file": steps.upload()}
    for name, sent, shape in (
        ("evidence", form, "multipart"),
        ("files", steps.STATEMENT, "json"),
    ):
        answer = caller.post(f"{updates}{name}/", sent, format=shape)
        assert answer.status_code == 415
        assert answer.json()["type"].endswith("/problems/unsupported-media-type/")
    assert bare_draft.evidence.count() == 0


def test_a_field_given_twice_is_refused(send, bare_draft):
    answer = send(bare_draft, title=["One", "Two"])
    assert answer.status_code == 400
    assert answer.json()["detail"] == "The field “title” appears twice."


def test_a_form_of_too_many_parts_is_refused(send, bare_draft):
    answer = send(bare_draft, **{f"field{number}": "x" for number in range(2000)})
    assert answer.status_code == 400
    assert answer.json()["detail"] == "The form has too many fields or files."


def test_a_file_cannot_be_sent_as_json(api, bare_draft, reporter):
    facts = {"title": "Minutes", "kind": "report", "source": "official", "file": "minutes.pdf"}
    answer = api(reporter).post(f"/api/v1/updates/{bare_draft.pk}/evidence/", facts, format="json")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "#/file"


def test_a_file_beyond_the_size_limit_is_refused_and_not_stored(send, bare_draft, stored, settings):
    settings.EVIDENCE_MAX_BYTES = 1_500_000
    answer = send(bare_draft, file=steps.upload("minutes.pdf", PDF + b" " * 1_500_000))
    assert answer.status_code == 413
    assert answer.json() == {
        "type": "http://testserver/api/v1/problems/too-large/",
        "title": "Too large",
        "status": 413,
        "detail": "The file is larger than the limit of 1.4 MB.",
        "errors": [
            {
                "pointer": "#/file",
                "code": "too_long",
                "detail": "The file is larger than the limit of 1.4 MB.",
            }
        ],
    }
    assert stored() == []


def test_a_file_of_exactly_the_size_limit_is_accepted(send, bare_draft, settings):
    settings.EVIDENCE_MAX_BYTES = len(PDF)
    assert send(bare_draft).status_code == 201
    settings.EVIDENCE_MAX_BYTES = len(PDF) - 1
    assert send(bare_draft, file=steps.upload("minutes.pdf", PDF)).status_code == 413


@pytest.mark.parametrize("state", ["submitted", "published"])
def test_a_file_cannot_be_added_to_an_update_that_cannot_be_edited(
    send, duty, reporter, reviewer, stored, state
):
    people = (reporter,) if state == "submitted" else (reporter, reviewer)
    update = getattr(steps, state)(duty, *people)
    assert send(update).status_code == 409
    assert stored() == []


# Downloads


def served(client, update):
    item = update.evidence.exclude(file="").get()
    answer = client.get(f"/api/v1/evidence/{item.pk}/file/")
    answer.content_sent = b"".join(answer) if answer.streaming else answer.content
    return answer


def test_a_public_file_is_served_as_an_attachment_that_cannot_run_scripts(
    api, duty, reporter, reviewer
):
    piece = steps.file_evidence("2024年会议 纪要“终稿”.pdf", PDF)
    update = steps.published(duty, reporter, reviewer, evidence=[piece])
    answer = served(api(), update)
    assert answer.content_sent == PDF
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Length"] == str(len(PDF))
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename*=utf-8''2024%E5%B9%B4%E4%BC%9A%E8%AE%AE%20%E7%BA%AA%E8%A6%81"
        "%E2%80%9C%E7%BB%88%E7%A8%BF%E2%80%9D.pdf"
    )
    # A withdrawn file is no longer shown by a proxy that has it.
    assert answer.headers["Cache-Control"] == "public, no-cache"


def test_an_ascii_file_name_is_quoted(api, duty, reporter, reviewer):
    piece = steps.file_evidence('final "v2".pdf', PDF)
    update = steps.published(duty, reporter, reviewer, evidence=[piece])
    assert served(api(), update).headers["Content-Disposition"] == (
        'attachment; filename="final \\"v2\\".pdf"'
    )


@pytest.mark.parametrize(
    ("sent", "displayed"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\me\\minutes.pdf", "minutes.pdf"),
        ("a\u202efdp.exe.pdf", "afdp.exe.pdf"),
        ("a\u2066b\u2069.pdf", "ab.pdf"),
        ("line\r\nbreak: x.pdf", "linebreak: x.pdf"),
        ("  minutes.pdf  ", "minutes.pdf"),
        ("cafe\u0301.pdf", "caf\u00e9.pdf"),
        ("\x00nul.pdf", "nul.pdf"),
        ("长" * 300 + ".pdf", "长" * 251 + ".pdf"),
        ("<script>.pdf", "<script>.pdf"),
        ("报告.PDF", "报告.PDF"),
        ("\u200b.txt", "file.txt"),
        (".txt", "file.txt"),
        ("folder/.txt", "file.txt"),
        (".minutes.txt", ".minutes.txt"),
        ("minutes.", "minutes."),
        ("\U000e0041\u034f.pdf", "file.pdf"),
    ],
)
def test_a_hostile_name_is_made_harmless_and_keeps_its_extension(sent, displayed):
    assert storage.display_name(sent) == displayed


def test_a_file_is_visible_to_those_who_can_see_its_update(
    api, duty, reporter, reviewer, other_reporter
):
    update = steps.draft(duty, reporter, evidence=[steps.file_evidence()])
    assert served(api(reporter), update).status_code == 200
    assert served(api(), update).status_code == 404
    assert served(api(other_reporter), update).status_code == 404
    steps.perform(update, Action.SUBMIT, reporter)
    steps.perform(update, Action.PUBLISH, reviewer)
    assert served(api(), update).status_code == 200
    steps.perform(update, Action.RETRACT, reviewer, note="The source was withdrawn.")
    assert served(api(), update).status_code == 404
    assert served(api(reporter), update).status_code == 200


@pytest.mark.long
def test_an_internal_file_appears_nowhere_in_public(api, client, duty, reporter, reviewer, visitor):
    name = "internal-zz9q.pdf"
    pieces = [steps.REPORT, steps.file_evidence(name, PDF, public=False, title="Secret zz9q")]
    update = steps.published(duty, reporter, reviewer, status="active", evidence=pieces)
    digest = hashlib.sha256(PDF).hexdigest()
    for person in (None, visitor):
        assert served(api(person), update).status_code == 404
        for path in ("updates/", f"updates/{update.pk}/", f"updates/{update.pk}/content/"):
            text = api(person).get(f"/api/v1/{path}").text
            assert not [word for word in ("zz9q", digest) if word in text]
    page = client.get("/en/PLAN/commitments/1.1/").text
    assert "zz9q" not in page
    assert api().get("/api/v1/commitments/PLAN-1.1/").json()["status"]["evidence_level"] == 3
    assert served(api(reviewer), update).status_code == 200


def test_a_citation_has_no_file(api, duty, reporter, reviewer):
    item = steps.published(duty, reporter, reviewer).evidence.get()
    answer = api().get(f"/api/v1/evidence/{item.pk}/file/")
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")


def test_a_file_missing_from_storage_is_reported(api, duty, reporter, reviewer, evidence_folder):
    update = steps.published(duty, reporter, reviewer, evidence=[steps.file_evidence()])
    (evidence_folder / update.evidence.get().file.name).unlink()
    answer = served(api(), update)
    assert (answer.status_code, answer.json()["detail"]) == (
        404,
        "The file “minutes.pdf” is missing from storage.",
    )
    assert any("file" in str(problem) for problem in ledger_differences(steps.NOW))


@pytest.mark.parametrize(
    "content",
    [b"", PDF[:-1], PDF + b"\n", PDF[:-1] + b"!"],
    ids=["empty", "cut off", "longer", "one byte changed"],
)
def test_a_file_that_is_not_as_recorded_is_not_given_out(
    api, duty, reporter, reviewer, evidence_folder, content
):
    piece = steps.file_evidence(content=PDF)
    update = steps.published(duty, reporter, reviewer, evidence=[piece])
    (evidence_folder / update.evidence.get().file.name).write_bytes(content)
    answer = served(api(), update)
    assert (answer.status_code, answer.json()["detail"]) == (
        404,
        "The file “minutes.pdf” in storage is not the one that was recorded.",
    )
    assert hashlib.sha256(PDF).hexdigest() not in answer.headers.get("ETag", "")


def test_the_page_of_a_commitment_links_to_the_file(client, duty, reporter, reviewer):
    piece = steps.file_evidence("纪要.pdf", PDF, title="Minutes of May")
    update = steps.published(duty, reporter, reviewer, evidence=[piece])
    page = client.get("/en/PLAN/commitments/1.1/").text
    address = f"/api/v1/evidence/{update.evidence.get().pk}/file/"
    assert f'<a href="{address}"> Minutes of May</a>' in " ".join(page.split())
    assert "纪要.pdf" in page


def test_the_ledger_covers_the_digest_of_a_file(duty, reporter, reviewer):
    update = steps.published(duty, reporter, reviewer, evidence=[steps.file_evidence()])
    [piece] = ledger.canonical_content(update, 1)["evidence"]
    assert piece["file"]["sha256"] == hashlib.sha256(PDF).hexdigest()


def test_the_media_type_that_a_client_sends_is_ignored(send, bare_draft):
    file = SimpleUploadedFile("minutes.pdf", PDF, content_type="text/html")
    assert send(bare_draft, file=file).json()["file"]["media_type"] == "application/pdf"


def test_the_files_of_a_request_have_a_size_limit_together(settings):
    settings.EVIDENCE_MAX_BYTES = 1_000_000
    handler = storage.UploadSizeLimit()
    for number in range(1, 7):
        handler.new_file("file", f"{number}.pdf", "application/pdf", None)
        content = handler.receive_data_chunk(b"x" * 900_000, 0)
        assert (content is not None) is (number <= 4)
        assert isinstance(handler.file_complete(900_000), storage.UploadTooLarge) is (number > 4)


def test_text_that_is_not_utf_8_is_refused(api, bare_draft, reporter):
    body = b'--x\r\nContent-Disposition: form-data; name="title"\r\n\r\n\xff\r\n--x--\r\n'
    answer = api(reporter).post(
        f"/api/v1/updates/{bare_draft.pk}/files/",
        body,
        content_type="multipart/form-data; boundary=x",
    )
    assert answer.status_code == 400
    assert answer.json()["detail"] == "The field “title” is not valid UTF-8."


def test_a_body_without_a_length_is_refused(api, bare_draft, reporter):
    answer = api(reporter).post(
        f"/api/v1/updates/{bare_draft.pk}/evidence/",
        b"",
        content_type="application/json",
        headers={"Transfer-Encoding": "chunked"},
        CONTENT_LENGTH="",
    )
    assert answer.status_code == 411
