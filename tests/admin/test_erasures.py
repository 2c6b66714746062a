"""The pages on which one administrator asks for an erasure and a second one answers."""

import pytest

from commitments.choices import Action
from commitments.models import ErasureRequest, ProgressUpdate, RecordedContent
from tests.steps import (
    INTERNAL,
    asked_to_erase,
    edited,
    file_evidence,
    published,
    record_loaded,
    submitted,
)
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

REQUESTS = "/admin/commitments/erasurerequest/"
REASON = "By order of the court."


@pytest.fixture
def update(duty, reporter, reviewer):
    return published(duty, reporter, reviewer, evidence=[INTERNAL])


def page_of(row):
    return f"/admin/commitments/{row._meta.model_name}/{row.pk}/change/"


@pytest.mark.long
def test_an_update_is_erased_from_by_two_administrators(
    update, administrator, second_administrator, signed_in
):
    client = signed_in(administrator)
    address = f"{REQUESTS}add/?update={update.pk}"
    assert f'href="{address}"' in client.get(page_of(update), follow=True).text
    page = client.get(address).text
    assert "Summary: A meeting was held." in page
    assert "Minutes 3/2026" in page
    answer = client.post(address, {"parts": ["summary"], "reason": REASON}, follow=True)
    assert "Nothing is erased until a second administrator confirms." in answer.text
    request = ErasureRequest.objects.get()
    own = client.get(page_of(request)).text
    assert 'value="recall"' in own
    assert 'value="confirm"' not in own
    client = signed_in(second_administrator)
    assert page_of(request) in client.get("/admin/").text
    page = client.get(page_of(request)).text
    assert "A meeting was held." in page
    assert REASON in page
    assert 'value="confirm"' in page
    answer = client.post(page_of(request), {"answer": "confirm"}, follow=True)
    assert "Erased." in answer.text
    assert not ProgressUpdate.objects.get().summary
    assert page_of(request) not in client.get("/admin/").text
    page = client.get(page_of(request)).text
    assert REASON in page
    assert "A meeting was held." not in page


@pytest.mark.parametrize(
    ("answer", "state", "sentence"),
    [
        ("recall", "recalled", "The request was recalled."),
        ("decline", "declined", "The request was declined."),
    ],
)
def test_a_request_can_be_recalled_or_declined(
    answer, state, sentence, update, administrator, second_administrator, signed_in
):
    request = asked_to_erase(update, ["summary"], administrator)
    who = administrator if answer == "recall" else second_administrator
    done = signed_in(who).post(page_of(request), {"answer": answer}, follow=True)
    assert sentence in done.text
    assert ErasureRequest.objects.get().state == state
    page = signed_in(who).get(page_of(request)).text
    assert 'name="answer"' not in page


@pytest.mark.parametrize("part", ["file", "title"])
def test_the_second_is_told_when_a_file_is_deleted_that_cannot_be_deleted_now(
    part, duty, reporter, reviewer, administrator, second_administrator, signed_in, evidence_folder
):
    update = published(duty, reporter, reviewer, evidence=[file_evidence()])
    parts = [f"evidence/{update.evidence.get().pk}/{part}"]
    request = asked_to_erase(update, parts, administrator)
    page = signed_in(second_administrator).get(page_of(request)).text
    assert ("cannot delete at that moment" in page) == (part == "file")


def test_the_one_who_asks_is_told_why_they_cannot_confirm(update, administrator, signed_in):
    request = asked_to_erase(update, ["summary"], administrator)
    client = signed_in(administrator)
    assert "neither may have" in client.get(page_of(request)).text.lower()
    refused = client.post(page_of(request), {"answer": "confirm"}, follow=True)
    assert "Only a second administrator may confirm this" in refused.text
    assert ProgressUpdate.objects.get().summary


def test_a_form_without_reason_or_parts_is_shown_again(update, administrator, signed_in):
    client = signed_in(administrator)
    address = f"{REQUESTS}add/?update={update.pk}"
    for form in ({"parts": ["summary"]}, {"reason": REASON}, {"parts": ["author"], "reason": "x"}):
        answer = client.post(address, form)
        assert answer.status_code == 200
        assert "errorlist" in answer.text
    assert not ErasureRequest.objects.exists()


@pytest.mark.long
def test_a_note_and_former_words_are_asked_for_on_their_pages(
    plan, duty, update, curator, administrator, signed_in
):
    record_loaded(plan)
    duty.title = en_zh("Another title")
    edit = edited(duty, curator)
    former = RecordedContent.objects.of("commitment", duty.code).first()
    client = signed_in(administrator)
    for row, name, words in (
        (edit, "note_of", "Note: As agreed."),
        (former, "content", "Take part in the forum"),
    ):
        address = f"{REQUESTS}add/?{name}={row.pk}"
        assert f'href="{address}"' in client.get(page_of(row)).text
        assert words in client.get(address).text
    client.post(address, {"parts": ["title"], "reason": REASON})
    assert ErasureRequest.objects.get().content == former
    # Of a link without a note, or the last content, nothing can be erased.
    publication = update.decisions.get(action=Action.PUBLISH)
    for row, name in ((publication, "note_of"), (edit.contents.get(), "content")):
        assert "erasurerequest/add" not in client.get(page_of(row)).text
        assert "Nothing here can be erased" in client.get(f"{REQUESTS}add/?{name}={row.pk}").text


@pytest.mark.parametrize("persona", ["reporter", "reviewer", "curator"])
def test_these_pages_are_for_administrators_only(
    persona, update, administrator, request, signed_in
):
    row = asked_to_erase(update, ["summary"], administrator)
    client = signed_in(request.getfixturevalue(persona))
    for address in (REQUESTS, page_of(row), f"{REQUESTS}add/?update={update.pk}"):
        assert client.get(address).status_code in (302, 403)
    client.post(page_of(row), {"answer": "confirm"})
    assert ErasureRequest.objects.get().state == "open"
    page = client.get(page_of(update)).text
    assert "erasurerequest" not in page
    assert page_of(row) not in client.get("/admin/").text


def test_addresses_that_name_nothing_are_not_found(update, administrator, signed_in):
    client = signed_in(administrator)
    row = asked_to_erase(update, ["summary"], administrator)
    for query in ("", "?update=0", "?update=x", "?note_of=999", "?content="):
        assert client.get(f"{REQUESTS}add/{query}").status_code == 404
    assert client.post(page_of(row), {"answer": "other"}).status_code == 404


def test_a_draft_offers_no_erasure(duty, reporter, administrator, signed_in):
    update = submitted(duty, reporter)
    assert "erasurerequest/add" not in signed_in(administrator).get(page_of(update)).text
