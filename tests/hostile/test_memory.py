"""Small input that claims to be large costs little memory and time, wherever it is accepted.

`python -m pytest -m long -s tests/hostile/test_memory.py` prints what each costs.
"""

import io
from functools import partial
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from rest_framework.test import APIClient

from tests.hostile import corpus
from tests.hostile.measured import measured
from tests.hostile.sheet_bombs import BOMBS
from tests.hostile.sheets import PAGES
from tests.steps import draft, token

pytestmark = [
    pytest.mark.long,
    pytest.mark.alike,
    pytest.mark.django_db,
    # openpyxl warns of parts that it does not know.
    pytest.mark.filterwarnings("ignore::UserWarning:openpyxl"),
]

MAX_BYTES = 350 * 2**20
MAX_SECONDS = 30


@pytest.fixture
def cheap(capsys):
    """`cheap(name, call)` returns the value of a call, and fails if it costs too much."""

    def cheap(name, call):
        value, peak, seconds = measured(call)
        with capsys.disabled():
            print(f"\n  {name}: {peak / 2**20:.0f} MB, {seconds:.1f} s, {value}")
        assert peak < MAX_BYTES, (name, peak)
        assert seconds < MAX_SECONDS, (name, seconds)
        return value

    return cheap


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("name", BOMBS)
def test_a_sheet(page, name, cheap, duty, curator, administrator):
    file_name, content = BOMBS[name]()

    def upload():
        client = Client(raise_request_exception=False)
        client.force_login(User.objects.get(username=PAGES[page]))
        sheet = SimpleUploadedFile(file_name, content)
        return client.post(page, {"check": "1", "sheet": sheet}).status_code

    assert cheap(f"{name} ({len(content)} bytes), {page}", upload) in (200, 302)


@pytest.fixture
def headers(reporter):
    return {"Authorization": f"Token {token(reporter)}"}


def test_files_of_evidence(cheap, duty, reporter, headers):
    update = draft(duty, reporter)

    def upload(name, content):
        sent = SimpleUploadedFile(name, content)
        described = {"title": "Minutes", "kind": "meeting_record", "source": "independent"}
        caller = APIClient(headers=headers, raise_request_exception=False)
        address = f"/api/v1/updates/{update.pk}/files/"
        return caller.post(address, {**described, "file": sent}, format="multipart").status_code

    for name, content in corpus.bombs():
        about = f"{name} ({len(content)} bytes) as evidence"
        assert cheap(about, partial(upload, name, content)) == 400


def test_bodies_that_are_no_json(cheap, headers):
    def send(body):
        caller = APIClient(headers=headers, raise_request_exception=False)
        answer = caller.post("/api/v1/updates/", body, content_type="application/json")
        return answer.status_code

    for body in corpus.raw_bodies():
        about = f"{body[:20]!r} ({len(body)} bytes)"
        assert cheap(about, partial(send, body)) in (400, 413, 415)


def yaml_bombs():
    """Yield plan files that are short and mean much, or mean little at great length."""
    good = Path("fixtures/example/plan.yaml").read_text()
    yield from list(corpus.plan_files(good))[150:]
    yield "a: " + "[" * 45 + "x, " * 300_000 + "]" * 45
    yield "a: |\n" + "  x\n" * 2_000_000
    yield "\n".join(f"k{number}: &a{number} x" for number in range(100_000))
    yield good + "\n# " + "x" * 20_000_000


def test_plan_files(cheap, db, tmp_path):
    path = tmp_path / "plan.yaml"

    def load():
        out = {"stdout": io.StringIO(), "stderr": io.StringIO()}
        try:
            call_command("load_plan", str(path), **out)
        except CommandError:
            return "refused"
        return "taken"

    for text in yaml_bombs():
        path.write_text(text)
        cheap(f"{text[:20]!r} ({len(text)} characters)", load)
