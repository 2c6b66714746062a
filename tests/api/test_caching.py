"""What may be kept of an answer, and by whom: said with every answer of the API."""

import hashlib

import pytest
from django.test import Client
from rest_framework.test import APIClient

from commitments.api.byte_ranges import FilePart
from commitments.api.problem_types import ProblemType
from commitments.ledger.proofs.checkpoints import sign_checkpoint
from tests import steps
from tests.api.problem_details import problem, type_of
from tests.api.test_permissions import routes
from tests.files.sample_files import SAMPLES

pytestmark = [pytest.mark.alike, pytest.mark.usefixtures("noon")]

PRIVATE = "private, no-store"
# Addresses without a final slash are files.
NAMES = {
    "plans": "PLAN",
    "forums": "FORUM",
    "offices": "OFFICE",
    "commitments": "PLAN-1.3",
    "data": "PLAN",
    "problems": "not-found",
}


@pytest.fixture
def update(office_duty, office, reporter, reviewer):
    office.members.add(reporter)
    return steps.published(
        office_duty, reporter, reviewer, evidence=[steps.STATEMENT, steps.file_evidence()]
    )


@pytest.fixture
def addresses(update, forum, reporter, ledger_key):
    """Every address of the API, with names that exist where anything has that name."""
    steps.record_loaded(update.commitment.plan)
    sign_checkpoint(ledger_key, steps.NOW)
    stored = update.evidence.exclude(file="").get()
    own = {"updates": update.pk, "evidence": stored.pk, "auth": 1, **NAMES}
    found = set()
    for route in routes():
        if route.startswith("/api/"):
            kind = route.split("/")[3]
            name = str(own.get(kind, "0/000.p/1" if "tile" in route else "plan"))
            found.add(route.replace("{}", name, 1).replace("{}.csv", "updates.csv"))
    return sorted(address.replace("/plan/{}/", "/plan/PLAN/") for address in found)


def kept(answer):
    if answer.streaming:
        list(answer)  # read to its end, a file is closed
    return answer.headers.get("Cache-Control")


@pytest.mark.long
def test_an_anonymous_caller_asks_again_before_using_a_copy_and_keeps_no_refusal(addresses):
    said = {}
    for address in addresses:
        for method in ("get", "head", "options", "post"):
            answer = getattr(Client(), method)(address)
            said[method, address, answer.status_code] = kept(answer)
    good = {value for (_m, _a, status), value in said.items() if status < 400}
    refused = {value for (_m, _a, status), value in said.items() if status >= 400}
    assert refused == {"no-store"}
    immutable = "public, max-age=31536000, immutable"
    assert good <= {"public, no-cache", immutable}
    assert [key for key, value in said.items() if value == immutable and "tile" not in key[1]] == []
    assert len([key for key in said if key[0] == "get" and key[2] == 200]) > 35


@pytest.mark.long
@pytest.mark.parametrize("by", ["token", "session"])
def test_nobody_keeps_what_a_signed_in_caller_gets(addresses, reporter, by):
    client = APIClient()
    if by == "token":
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {steps.token(reporter)}")
    else:
        client.force_login(reporter)
    for address in addresses:
        for method in ("get", "options", "put"):
            assert kept(getattr(client, method)(address)) == PRIVATE, (method, address)


@pytest.mark.parametrize(
    "path",
    [
        "/en/",
        "/en/PLAN/",
        "/en/ledger/",
        "/en/accessibility/",
        "/en/PLAN/changes.atom",
        "/sitemap.xml",
        "/robots.txt",
        "/.well-known/api-catalog",
        "/en/nothing/",
    ],
)
def test_a_page_says_it_too(client, plan, path):
    answer = client.get(path)
    refused = answer.status_code == 404
    assert kept(answer) == ("no-store" if refused else "public, no-cache")


def test_a_redirect_and_a_problem_outside_of_views_say_it_too(client, db):
    assert client.get("/api/v1/plans").headers["Cache-Control"] == "public, no-cache"
    assert client.get("/api/v1/nothing/").headers["Cache-Control"] == "no-store"


# What is not sent again

CHECKPOINTS = ("ledger/checkpoint/", "ledger/key/", "ledger/consistency/?from=1")


def ask(path, tag=None):
    return Client().get(f"/api/v1/{path}", headers={"If-None-Match": tag} if tag else {})


@pytest.fixture
def paths(update, ledger_key):
    item = update.evidence.first()
    sign_checkpoint(ledger_key, steps.NOW)
    return [
        f"updates/{update.pk}/",
        f"updates/{update.pk}/proof/",
        f"updates/{update.pk}/content/",
        f"evidence/{item.pk}/",
        "codes/",
        "problems/",
        "ledger/",
        "ledger/head/",
        "ledger/proof/?seq=1",
        *CHECKPOINTS,
    ]


@pytest.mark.long
def test_single_objects_codes_and_the_ledger_are_not_sent_again(paths):
    for path in paths:
        first = ask(path)
        assert (first.status_code, first.headers["Cache-Control"]) == (200, "public, no-cache")
        again = ask(path, first.headers["ETag"])
        assert (again.status_code, again.content) == (304, b""), path
        assert again.headers["ETag"] == first.headers["ETag"]


@pytest.mark.long
def test_none_of_them_is_stale_after_a_withdrawal(paths, update, reviewer):
    tags = {path: ask(path).headers["ETag"] for path in paths}
    steps.perform(update, "retract", reviewer, note="Wrong.")
    found = {path: ask(path, tag).status_code for path, tag in tags.items()}
    gone = {f"updates/{update.pk}/content/": 410, f"evidence/{update.evidence.first().pk}/": 404}
    # The codes may be the same or not; the proofs lead to the checkpoint that was signed before.
    proofs = {path for path in paths if "proof" in path or path in CHECKPOINTS}
    assert found == {
        **{path: gone.get(path, 200) for path in paths},
        **{path: found[path] for path in ("codes/", "problems/")},
        **dict.fromkeys(proofs, 304),
    }


def test_the_ledger_is_not_stale_after_a_decision_that_is_not_public(paths, office_duty, reporter):
    tags = {path: ask(path).headers["ETag"] for path in ("ledger/", "ledger/head/")}
    steps.submitted(office_duty, reporter)
    assert {ask(path, tag).status_code for path, tag in tags.items()} == {200}


def test_the_tag_of_a_public_answer_serves_if_match_too(update, reviewer):
    tag = ask(f"updates/{update.pk}/").headers["ETag"]
    assert tag.startswith(f'"{update.revision}.')
    client = APIClient()
    client.force_authenticate(reviewer)
    body, headers = {"note": "Wrong."}, {"If-Match": tag}
    address = f"/api/v1/updates/{update.pk}/retract/"
    assert client.post(address, body, format="json", headers=headers).status_code == 200


# Files


PDF = SAMPLES["minutes.pdf"]


@pytest.fixture
def download(update):
    """`download(Range="bytes=0-1")` is the answer to an anonymous caller with these headers."""
    item = update.evidence.exclude(file="").get()

    def ask_for(method="get", **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = getattr(Client(), method)(f"/api/v1/evidence/{item.pk}/file/", headers=named)
        # Read to its end, a file is closed.
        answer.sent = answer.getvalue()
        return answer

    return ask_for


def test_a_file_has_its_digest_as_etag_and_is_not_sent_again(download):
    first = download()
    assert first.sent == PDF
    assert first.headers["ETag"] == f'"{hashlib.sha256(PDF).hexdigest()}"'
    assert first.headers["Content-Length"] == str(len(PDF))
    assert first.headers["Accept-Ranges"] == "bytes"
    again = download(If_None_Match=f"W/{first.headers['ETag']}")
    assert (again.status_code, again.sent) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=2-5", 2, 5),
        ("bytes=10-", 10, len(PDF) - 1),
        ("bytes=-4", len(PDF) - 4, len(PDF) - 1),
        ("Bytes=5-999999999", 5, len(PDF) - 1),
        ("bytes=-999999999", 0, len(PDF) - 1),
    ],
)
def test_a_range_of_a_file_is_sent_alone(download, asked, first, last):
    answer = download(Range=asked)
    assert (answer.status_code, answer.sent) == (206, PDF[first : last + 1])
    assert answer.headers["Content-Range"] == f"bytes {first}-{last}/{len(PDF)}"
    assert answer.headers["Content-Length"] == str(last + 1 - first)


@pytest.mark.parametrize("asked", ["bytes=999999999-", "bytes=-0"])
def test_a_range_beyond_the_end_is_refused_with_the_size(download, asked):
    answer = download(Range=asked)
    assert type_of(problem(answer, 416)) is ProblemType.RANGE_NOT_SATISFIABLE
    assert answer.headers["Content-Range"] == f"bytes */{len(PDF)}"


@pytest.mark.parametrize(
    "headers",
    [
        {"Range": "bytes=0-1,3-4"},
        {"Range": "pages=1-2"},
        {"Range": "bytes=5-2"},
        {"Range": "bytes=-"},
        {"Range": "bytes=\u0663-"},
        {"Range": "bytes=0-1", "If_Range": '"other"'},
        {"Range": "bytes=0-1", "If_Range": "Wed, 01 Jul 2026 04:00:00 GMT"},
    ],
)
def test_whatever_else_is_asked_for_gets_the_whole_file(download, headers):
    answer = download(**headers)
    assert (answer.status_code, answer.sent) == (200, PDF)


def test_a_range_is_continued_only_of_the_same_file(download):
    tag = download("head").headers["ETag"]
    assert download(Range="bytes=1-", If_Range=tag).status_code == 206
    assert download("head", Range="bytes=1-").status_code == 200


def test_a_file_is_read_in_pieces(monkeypatch, download):
    sizes = []
    read = FilePart.read
    monkeypatch.setattr(FilePart, "read", lambda self, size: sizes.append(size) or read(self, size))
    assert download(Range="bytes=1-").sent == PDF[1:]
    assert max(sizes) <= 4096
