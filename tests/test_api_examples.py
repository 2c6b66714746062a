"""The examples of the OpenAPI document are what the code answers.

After a change of the API, `RECORD_EXAMPLES=1 .venv/bin/python -m pytest tests/test_api_examples.py`
writes them anew; look at the difference.
"""

import base64
import json
import os
import re

import pytest
import time_machine
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from jsonschema import Draft202012Validator, FormatChecker

from commitments.api.examples import RECORDED, recorded
from commitments.models import Commitment
from tests import tours
from tests.factories import MilestoneFactory, OfficeFactory

pytestmark = [
    pytest.mark.alike,
    pytest.mark.long,
    pytest.mark.django_db(transaction=True, reset_sequences=True),
]

READ = {
    "": "",
    "codes/": "codes/",
    "plans/": "plans/",
    "plans/{code}/": "plans/ISCC/",
    "goals/": "goals/?page_size=1",
    "areas/": "areas/?page_size=1",
    "forums/": "forums/?page_size=1",
    "forums/{code}/": "forums/OEWG/",
    "offices/": "offices/",
    "offices/{code}/": "offices/SECRETARIAT/",
    "milestones/": "milestones/",
    "commitments/": "commitments/?status=active&page_size=1",
    "commitments/{code}/": "commitments/ISCC-5.2/",
    "commitments/{code}/history/": "commitments/ISCC-5.2/history/",
    "updates/": "updates/?commitment=ISCC-5.2&status=partly_active&page_size=1",
    "updates/{id}/content/": "updates/1/content/",
    "status/": "status/?plan=ISCC&group_by=goal&goal=3",
    "status/trend/": "status/trend/?plan=ISCC&by=year&known_at=2026-11-25T12:00:00Z&area=9",
    "changes/": "changes/?action=publish&page_size=2",
    "ledger/": "ledger/?page_size=1",
    "ledger/head/": "ledger/head/",
}
DRAFT = {
    "commitment": "ISCC-9.1",
    "effective_on": "2025-09-01",
    "date_precision": "day",
    "status": "active",
    "summary": {"en": "An exhibition of cyber culture was held.", "zh": "举办了网络文化展会。"},
    "forums": ["BRI"],
    "external_ref": "import-17",
    "evidence": [
        {
            "title": "Report on the exhibition",
            "publisher": "An institute",
            "url": "https://example.org/report",
            "language": "en",
            "dated_on": "2025-09-03",
            "public": True,
            "kind": "report",
            "source": "independent",
        }
    ],
}
SECOND = {
    "title": "Programme",
    "citation": "Programme, p. 3",
    "kind": "report",
    "source": "official",
}
HERE, THERE = "http://testserver/", "https://tracker.example.org/"


class Recorder:
    """Asks, and keeps what was sent and answered, by operation."""

    def __init__(self, client, passwords):
        self.client, self.passwords, self.tokens = client, passwords, {}
        self.told = {"errors": {}}

    def basic(self, name):
        pair = f"{name}:{self.passwords[name]}".encode()
        return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}

    def headers(self, by, match):
        token = {"Authorization": f"Token {self.tokens[by]}"} if by in self.tokens else {}
        return token | ({"If-Match": match} if match else {})

    def send(self, path, by, content_type, body, **headers):
        """Something that is refused."""
        headers |= self.headers(by, None)
        answer = self.client.generic(
            "POST", f"/api/v1/{path}", body, content_type=content_type, headers=headers
        )
        self.told["errors"].setdefault(str(answer.status_code), answer.json())

    def send_file(self, path, by, content):
        facts = {"title": "Minutes", "kind": "meeting_record", "source": "official"}
        form = facts | {"public": "true", "file": SimpleUploadedFile("minutes.txt", content)}
        self.send(path, by, MULTIPART_CONTENT, encode_multipart(BOUNDARY, form))

    def ask(self, method, template, path=None, *, by=None, sent=None, match=None, headers=None):
        answer = self.client.generic(
            method,
            f"/api/v1/{template if path is None else path}",
            json.dumps(sent) if sent is not None else "",
            content_type="application/json",
            headers=headers or self.headers(by, match),
        )
        body = answer.json() if answer.content else None
        if answer.status_code >= 400:
            self.told["errors"].setdefault(str(answer.status_code), body)
            return answer
        operation = self.told.setdefault(f"{method} /api/v1/{template}", {})
        if sent is not None:
            operation.setdefault("request", sent)
        if body is not None:
            operation.setdefault(str(answer.status_code), body)
        return answer


def play(recorder, settings):
    """Something of every operation."""
    office = OfficeFactory(code="SECRETARIAT", name_en="Secretariat", name_zh="秘书处")
    commitment = Commitment.objects.get(number="5.2")
    titles = {"title_en": "First draft circulated", "title_zh": "分发初稿"}
    MilestoneFactory(commitment=commitment, due_on="2027-03-31", **titles)
    Commitment.objects.filter(number="4.1").update(lead_office=office)
    ask = recorder.ask
    for template, path in READ.items():
        ask("GET", template, path)
    for name in ("reporter", "reviewer"):
        signed_in = ask("POST", "auth/login/", headers=recorder.basic(name))
        recorder.tokens[name] = signed_in.json()["token"]
    ask("GET", "me/", by="reporter")
    play_an_update(ask)
    play_tokens(ask, recorder)
    play_errors(ask, recorder, settings)


def play_an_update(ask):
    made = ask("POST", "updates/", by="reporter", sent=DRAFT)
    at, piece = f"updates/{made.json()['id']}/", made.json()["evidence"][0]["id"]

    def act(name, by, note=None):
        tag = ask("GET", "updates/{id}/", at, by=by).headers["ETag"]
        sent = {} if note is None else {"note": note}
        return ask("POST", f"updates/{{id}}/{name}/", f"{at}{name}/", by=by, sent=sent, match=tag)

    def change(method, template, path, sent=None, by="reporter"):
        tag = ask("GET", "updates/{id}/", at, by=by).headers["ETag"]
        return ask(method, template, path, by=by, sent=sent, match=tag)

    change("PATCH", "updates/{id}/", at, {"search_note": {"en": "", "zh": ""}})
    second = ask("POST", "updates/{id}/evidence/", f"{at}evidence/", by="reporter", sent=SECOND)
    evidence = f"evidence/{second.json()['id']}/"
    change("PATCH", "evidence/{id}/", evidence, {"title": "Programme of the exhibition"})
    change("DELETE", "evidence/{id}/", evidence)
    for name, by, note in (
        ("submit", "reporter", None),
        ("return", "reviewer", "Name the place."),
        ("submit", "reporter", None),
        ("recall", "reporter", None),
        ("submit", "reporter", None),
        ("publish", "reviewer", "Checked."),
    ):
        act(name, by, note)
    ask("GET", "evidence/{id}/", f"evidence/{piece}/")
    archived = {"archived_url": "https://archive.example.org/report"}
    change("POST", "evidence/{id}/archive/", f"evidence/{piece}/archive/", archived, "reviewer")
    act("retract", "reviewer", "The report was withdrawn.")
    other = ask("POST", "updates/", by="reporter", sent=DRAFT | {"external_ref": "import-18"})
    at = f"updates/{other.json()['id']}/"
    act("discard", "reporter")


def play_tokens(ask, recorder):
    sent = {"name": "Nightly export", "expiry": "2027-01-31T00:00:00Z"}
    issued = ask("POST", "auth/tokens/", sent=sent, headers=recorder.basic("reporter")).json()
    ask("GET", "auth/tokens/", by="reporter")
    ask("GET", "auth/tokens/{id}/", f"auth/tokens/{issued['id']}/", by="reporter")


def play_errors(ask, recorder, settings):
    ask("GET", "commitments/", "commitments/?stauts=active")
    ask("GET", "me/")
    ask("POST", "updates/", by="reviewer", sent=DRAFT)
    ask("GET", "commitments/{code}/", "commitments/ISCC-99/")
    ask("POST", "updates/", by="reporter", sent=DRAFT)
    made = ask("POST", "updates/", by="reporter", sent=DRAFT | {"external_ref": "import-19"})
    at = f"updates/{made.json()['id']}/"
    ask("POST", "updates/{id}/submit/", f"{at}submit/", by="reporter", sent={}, match='"9"')
    ask("POST", "updates/{id}/submit/", f"{at}submit/", by="reporter", sent={})
    recorder.send(f"{at}evidence/", "reporter", "text/plain", "Minutes.")
    chunked = {"Transfer-Encoding": "chunked"}
    recorder.send("updates/", "reporter", "application/json", "", **chunked)
    settings.EVIDENCE_MAX_BYTES = 2**20
    recorder.send_file(f"{at}evidence/", "reporter", b"x" * (2**20 + 1))
    settings.API_RATE = "1/minute"
    for _time in range(2):
        ask("GET", "codes/")


FORMATS = FormatChecker(())
FORMATS.checks("uri")(lambda given: not isinstance(given, str) or "://" in given)


@pytest.fixture
def answered(client, tmp_path, settings):
    with time_machine.travel("2026-11-25T12:00:00Z", tick=False):
        cache.clear()
        tours.as_after_make_run(tmp_path)
        accounts = (tmp_path / ".accounts").read_text().split("\n")
        recorder = Recorder(client, dict(line.split() for line in accounts if line))
        play(recorder, settings)
        return json.loads(json.dumps(recorder.told).replace(HERE, THERE))


def alike(told):
    """Without what chance makes another each time: tokens, salts and what is hashed with them."""
    return re.sub(r'"[0-9a-f]{15,}"', '"…"', json.dumps(told, ensure_ascii=False, sort_keys=True))


def test_the_examples_are_what_the_code_answers(answered):
    if os.environ.get("RECORD_EXAMPLES"):
        text = json.dumps(answered, ensure_ascii=False, indent=1)
        RECORDED.write_text(text + "\n", encoding="utf-8")
    assert alike(answered) == alike(recorded())


def test_the_document_has_an_example_of_every_answer_and_each_fits_its_schema(api):
    document = api().get("/api/v1/schema/").json()
    without, wrong = [], []
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            for status, response in operation["responses"].items():
                content = response.get("content", {})
                for media_type, told in content.items():
                    name = f"{method.upper()} {path} {status}"
                    if not media_type.endswith("json"):
                        continue
                    if "example" not in told:
                        without.append(name)
                        continue
                    schema = {**told["schema"], "components": document["components"]}
                    validator = Draft202012Validator(schema, format_checker=FORMATS)
                    errors = validator.iter_errors(told["example"])
                    wrong += [f"{name}: {error.message}" for error in errors]
    assert not wrong, "\n".join(wrong)
    assert not without, "\n".join(without)
