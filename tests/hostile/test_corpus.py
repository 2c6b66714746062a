"""No input of the corpus gets a 5xx, nothing that was refused is stored, and what was accepted is
served so that it cannot run.

`python -m pytest -m long -s tests/hostile` prints how much was tried.
"""

import io
import json
import resource
from collections import Counter
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.urls import NoReverseMatch, reverse
from rest_framework.test import APIClient

from commitments.api.urls import urlpatterns
from commitments.files.storage import evidence_storage
from commitments.models import Decision, Evidence, Plan, ProgressUpdate
from tests.hostile import corpus
from tests.steps import draft, token

pytestmark = [pytest.mark.long, pytest.mark.django_db]

# How much more memory a process may use at the end than at the beginning.
MAX_MEMORY_BYTES = 400 * 2**20


@pytest.fixture
def caller(reporter):
    return APIClient(
        headers={"Authorization": f"Token {token(reporter)}"}, raise_request_exception=False
    )


@pytest.fixture
def valid(duty, forum):
    """A draft that the API takes."""
    return {
        "commitment": duty.code,
        "effective_on": "2024-05-01",
        "event_type": "statement",
        "forums": [forum.code],
        "summary": {"en": "A statement was made."},
        "evidence": [
            {
                "title": "Report",
                "publisher": "An institute",
                "url": "https://example.org/report",
                "kind": "report",
                "source": "independent",
            }
        ],
    }


@pytest.fixture
def print_counts(capsys):
    """`print_counts(what, answers)` prints how often each status was answered."""

    def print_counts(what, answers):
        with capsys.disabled():
            shown = ", ".join(f"{n} × {status}" for status, n in sorted(answers.items()))
            print(f"\n  {sum(answers.values())} {what}: {shown}")

    return print_counts


def stored_files():
    folder = Path(evidence_storage().location)
    return {path for path in folder.rglob("*") if path.is_file()}


def memory():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def test_files(caller, duty, reporter, print_counts):
    update, answers, before = draft(duty, reporter), Counter(), memory()
    address = f"/api/v1/updates/{update.pk}/files/"
    for name, content in corpus.uploads():
        rows, files = Evidence.objects.count(), stored_files()
        sent = io.BytesIO(content)
        sent.name = name
        described = {"title": "Minutes", "kind": "meeting_record", "source": "independent"}
        answer = caller.post(address, {**described, "file": sent}, format="multipart")
        answers[answer.status_code] += 1
        about = (name, content[:40], answer.status_code, answer.content[:300])
        assert answer.status_code in (201, 400, 413), about
        if answer.status_code != 201:
            assert (Evidence.objects.count(), stored_files()) == (rows, files), about
            continue
        given = caller.get(f"/api/v1/evidence/{answer.json()['id']}/file/")
        assert given.headers["X-Content-Type-Options"] == "nosniff", about
        assert given.headers["Content-Disposition"].startswith("attachment"), about
        assert "sandbox" in given.headers["Content-Security-Policy"], about
        assert "html" not in given.headers["Content-Type"], about
        b"".join(given.streaming_content)
        Evidence.objects.filter(pk=answer.json()["id"]).delete()
    print_counts("files", answers)
    assert answers[201] > 50
    assert memory() - before < MAX_MEMORY_BYTES


def test_bodies(caller, valid, print_counts):
    answers = Counter()
    for body in corpus.bodies(valid):
        there = ProgressUpdate.objects.count()
        try:
            sent = json.dumps(body).encode()
        except UnicodeEncodeError:
            continue
        answer = caller.post("/api/v1/updates/", sent, content_type="application/json")
        answers[answer.status_code] += 1
        about = (str(body)[:300], answer.status_code, answer.content[:300])
        assert answer.status_code in (201, 400, 403, 404, 409), about
        assert ProgressUpdate.objects.count() == there + (answer.status_code == 201), about
    for sent in corpus.raw_bodies():
        there = ProgressUpdate.objects.count()
        answer = caller.post("/api/v1/updates/", sent, content_type="application/json")
        answers[answer.status_code] += 1
        assert answer.status_code in (400, 413, 415), sent[:100]
        assert ProgressUpdate.objects.count() == there
    print_counts("bodies", answers)
    assert answers[201] > 0


def public_lists():
    """Return the addresses of the API and the pages that take no name in them."""
    found = []
    for pattern in urlpatterns:
        for route in getattr(pattern, "url_patterns", [pattern]):
            try:
                found.append(reverse(f"api:{route.name}"))
            except NoReverseMatch:
                continue
    pages = ["/en/", "/en/PLAN/", "/en/PLAN/commitments/", "/en/PLAN/forums/", "/en/search/"]
    return sorted({*found, *pages})


NAMES = ["plan", "status", "goal", "forum", "as_of", "known_at", "q", "page", "page_size", "cursor"]
MORE_NAMES = ["format", "ordering", "group_by", "since", "kind", "unknown", "<script>"]


def test_parameters(caller, valid, print_counts):
    answers, anonymous = Counter(), APIClient(raise_request_exception=False)
    decisions = Decision.objects.count()
    for address in public_lists():
        for name in [*NAMES, *MORE_NAMES]:
            for value in corpus.PARAMETERS:
                try:
                    answer = anonymous.get(address, {name: value})
                except UnicodeEncodeError:
                    continue
                answers[answer.status_code] += 1
                about = (address, name, value[:60], answer.status_code)
                assert answer.status_code < 500, about
                if "html" in answer.headers.get("Content-Type", ""):
                    assert corpus.SCRIPT not in answer.text, about
    print_counts("parameters", answers)
    assert Decision.objects.count() == decisions
    assert answers[400] > 1000


def test_plan_files(db, tmp_path, print_counts):
    outcomes, file = Counter(), tmp_path / "plan.yaml"
    good = Path("fixtures/example/plan.yaml").read_text()
    for text in corpus.plan_files(good):
        file.write_text(text)
        try:
            with transaction.atomic():
                call_command("load_plan", str(file), stdout=io.StringIO(), stderr=io.StringIO())
                transaction.set_rollback(True)
        except CommandError:
            outcomes["refused"] += 1
            assert not Plan.objects.exists(), text[:200]
        else:
            outcomes["taken"] += 1
    print_counts("plan files", outcomes)
    assert outcomes["refused"] > 100


def test_no_kind_of_the_corpus_has_become_small(valid):
    """Those of sheets and of addresses are counted where they are tried."""
    parameters = len(public_lists()) * len([*NAMES, *MORE_NAMES]) * len(corpus.PARAMETERS)
    text = Path("fixtures/example/plan.yaml").read_text()
    made = {
        "uploads": (len(list(corpus.uploads())), 700),
        "bombs": (len(list(corpus.bombs())), 8),
        "bodies": (len(list(corpus.bodies(valid))), 300),
        "raw bodies": (len(list(corpus.raw_bodies())), 15),
        "parameters": (parameters, 10_000),
        "plan files": (len(list(corpus.plan_files(text))), 160),
    }
    small = {name: count for name, (count, least) in made.items() if count < least}
    assert small == {}, made
    assert sum(count for count, _least in made.values()) > 15_000
