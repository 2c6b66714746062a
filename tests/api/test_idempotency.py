"""Requests with an `Idempotency-Key`: repeated, they are answered as the first time."""

import threading
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from rest_framework.test import APIClient

from commitments.api import views_updates
from commitments.files.storage import evidence_storage
from commitments.models import Decision, Evidence, IdempotentResponse, ProgressUpdate
from tests import steps
from tests.documents import everything

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]

UPDATES = "/api/v1/updates/"
NEW = {"commitment": "PLAN-1.1", "effective_on": "2026-06-30", "summary": {"en": "A meeting."}}


def key(text="one"):
    return {"Idempotency-Key": f'"{text}"'}


def same(first, second):
    parts = [
        (answer.status_code, answer.json(), answer.get("ETag"), answer.get("Location"))
        for answer in (first, second)
    ]
    return parts[0] == parts[1]


@pytest.fixture
def client(api, duty, deliverable, reporter):
    return api(reporter)


@pytest.mark.parametrize("body", [NEW, [NEW, {**NEW, "commitment": "PLAN-1.2"}]])
def test_a_repeated_request_creates_nothing_and_gets_the_first_answer(client, body):
    first = client.post(UPDATES, body, format="json", headers=key())
    rows = everything()
    second = client.post(UPDATES, body, format="json", headers=key())
    assert first.status_code == 201
    assert same(first, second)
    assert second.headers["Content-Type"] == "application/json"
    assert everything() == rows


def test_without_a_key_and_with_another_each_request_is_one_of_its_own(client):
    for headers in ({}, {}, key("one"), key("two")):
        assert client.post(UPDATES, NEW, format="json", headers=headers).status_code == 201
    assert ProgressUpdate.objects.count() == 4
    assert IdempotentResponse.objects.count() == 2


def test_the_order_of_keys_and_blanks_make_no_other_request(client):
    client.post(UPDATES, NEW, format="json", headers=key())
    turned = dict(reversed(NEW.items()))
    assert client.post(UPDATES, turned, format="json", headers=key()).status_code == 201
    assert ProgressUpdate.objects.count() == 1


def test_a_key_with_and_without_quotes_is_the_same(client):
    client.post(UPDATES, NEW, format="json", headers={"Idempotency-Key": "one"})
    client.post(UPDATES, NEW, format="json", headers=key("one"))
    assert ProgressUpdate.objects.count() == 1


def test_a_key_of_another_request_is_refused_and_nothing_is_written(client, duty, reporter):
    first = client.post(UPDATES, NEW, format="json", headers=key()).json()
    rows = everything()
    others = [
        (UPDATES, {**NEW, "effective_on": "2026-06-29"}),
        (f"{UPDATES}{first['id']}/evidence/", steps.STATEMENT),
    ]
    for path, body in others:
        answer = client.post(path, body, format="json", headers=key())
        assert answer.status_code == 422
        assert answer.json()["type"].endswith("/problems/key-reused/")
    assert everything() == rows


def test_keys_of_two_accounts_never_meet(client, api, other_reporter):
    mine = client.post(UPDATES, NEW, format="json", headers=key()).json()
    theirs = api(other_reporter).post(UPDATES, NEW, format="json", headers=key()).json()
    assert mine["id"] != theirs["id"]


@pytest.mark.parametrize("text", ["", '""', '"', "a b", "é", "x" * 256, '"a', 'a"b'])
def test_what_is_no_key_is_refused(client, text):
    header = text.encode().decode("latin-1")
    answer = client.post(UPDATES, NEW, format="json", headers={"Idempotency-Key": header})
    assert answer.status_code == 400
    assert answer.json()["type"].endswith("/malformed-request/")
    assert not ProgressUpdate.objects.exists()


def test_the_longest_key_is_taken(client):
    for _ in range(2):
        answer = client.post(UPDATES, NEW, format="json", headers=key("x" * 255))
        assert answer.status_code == 201
    assert ProgressUpdate.objects.count() == 1


def test_an_action_that_was_done_is_answered_as_done_though_its_etag_is_old(client, duty, reporter):
    update = steps.draft(duty, reporter)
    headers = {**key(), "If-Match": f'"{update.revision}"'}
    path = f"{UPDATES}{update.pk}/submit/"
    first = client.post(path, {"note": "x"}, format="json", headers=headers)
    second = client.post(path, {"note": "x"}, format="json", headers=headers)
    assert first.json()["state"] == "submitted"
    assert same(first, second)
    assert Decision.objects.count() == 1
    without = client.post(path, {"note": "x"}, format="json", headers={"If-Match": '"1"'})
    assert without.status_code == 412


def test_a_file_is_stored_once_though_each_form_has_a_boundary_of_its_own(client, duty, reporter):
    update = steps.draft(duty, reporter, evidence=())
    answers = []
    for boundary in ("one", "other"):
        form = {"title": "Minutes", "kind": "report", "source": "official", "public": "true"}
        body = "".join(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in form.items()
        ) + (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="m.txt"\r\n'
            f"Content-Type: text/plain\r\n\r\nMinutes.\r\n--{boundary}--\r\n"
        )
        answers.append(
            client.generic(
                "POST",
                f"{UPDATES}{update.pk}/files/",
                body,
                content_type=f"multipart/form-data; boundary={boundary}",
                headers=key(),
            )
        )
    assert answers[0].status_code == 201, answers[0].content
    assert same(*answers)
    assert Evidence.objects.get().file_size == 8
    other = client.generic(
        "POST",
        f"{UPDATES}{update.pk}/files/",
        body.replace("Minutes.\r\n", "Others..\r\n"),
        content_type="multipart/form-data; boundary=other",
        headers=key(),
    )
    assert other.status_code == 422


@pytest.mark.parametrize("sent", [{**NEW, "effective_on": "2027-01-01"}, {}, [NEW, {}]])
def test_a_refusal_is_not_kept(client, sent):
    assert client.post(UPDATES, sent, format="json", headers=key()).status_code == 400
    assert not IdempotentResponse.objects.exists()
    assert client.post(UPDATES, NEW, format="json", headers=key()).status_code == 201


def test_a_failure_leaves_neither_the_draft_nor_the_answer(client, monkeypatch):
    def fails(*_args, **_values):
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr(views_updates, "_written_response", fails)
        with pytest.raises(RuntimeError):
            client.post(UPDATES, NEW, format="json", headers=key())
    assert not ProgressUpdate.objects.exists()
    assert not IdempotentResponse.objects.exists()
    assert client.post(UPDATES, NEW, format="json", headers=key()).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_a_file_whose_answer_cannot_be_kept_is_not_kept_either(
    client, duty, reporter, monkeypatch, tmp_path, settings
):
    update = steps.draft(duty, reporter, evidence=())
    before = stored_files()

    def fails(*_args, **_values):
        raise RuntimeError

    monkeypatch.setattr(IdempotentResponse.objects, "create", fails)
    form = {"title": "Minutes", "kind": "report", "source": "official", "file": steps.upload()}
    with pytest.raises(RuntimeError):
        client.post(f"{UPDATES}{update.pk}/files/", form, format="multipart", headers=key())
    assert not Evidence.objects.exists()
    assert stored_files() == before


def stored_files():
    try:
        return {
            name
            for folder in evidence_storage().listdir("")[0]
            for name in evidence_storage().listdir(folder)[1]
        }
    except FileNotFoundError:
        return set()


def test_after_a_day_a_key_is_new_again_and_the_answer_is_forgotten(client, noon):
    first = client.post(UPDATES, NEW, format="json", headers=key()).json()
    noon.shift(timedelta(hours=24) - timedelta(seconds=1))
    assert client.post(UPDATES, NEW, format="json", headers=key()).json() == first
    noon.shift(timedelta(seconds=1))
    assert client.post(UPDATES, NEW, format="json", headers=key()).json()["id"] != first["id"]
    noon.shift(timedelta(hours=24))
    call_command("forget")
    assert not IdempotentResponse.objects.exists()


def test_whoever_may_no_longer_write_gets_no_kept_answer(client, reporter):
    client.post(UPDATES, NEW, format="json", headers=key())
    reporter.groups.clear()
    del reporter.__dict__["_memberships"]
    assert client.post(UPDATES, NEW, format="json", headers=key()).status_code == 403
    assert IdempotentResponse.objects.count() == 1


def test_a_token_without_the_scope_gets_no_kept_answer(client, reporter):
    client.post(UPDATES, NEW, format="json", headers=key())
    reading = APIClient(headers={"Authorization": f"Token {steps.token(reporter, [])}"})
    assert reading.post(UPDATES, NEW, format="json", headers=key()).status_code == 403


def test_an_erasure_ends_the_kept_answers(
    client, duty, reporter, reviewer, administrator, second_administrator
):
    client.post(UPDATES, NEW, format="json", headers=key())
    update = steps.published(duty, reporter, reviewer)
    steps.erased(update, ["summary"], administrator, second_administrator)
    assert not IdempotentResponse.objects.exists()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_while_the_first_request_runs_a_second_one_is_told_to_come_back(client, reporter):
    answers = []

    def repeat():
        try:
            answers.append(client.post(UPDATES, NEW, format="json", headers=key()))
        finally:
            connection.close()

    with transaction.atomic():
        client.post(UPDATES, NEW, format="json", headers=key())
        thread = threading.Thread(target=repeat)
        thread.start()
        thread.join(timeout=4)
        assert not thread.is_alive()
    [answer] = answers
    assert (answer.status_code, answer.headers["Retry-After"]) == (409, "1")
    assert answer.json()["type"].endswith("/problems/key-in-use/")
    assert client.post(UPDATES, NEW, format="json", headers=key()).status_code == 201
    assert ProgressUpdate.objects.count() == 1
