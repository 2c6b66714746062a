"""`ledger/` and `updates/{id}/content/`: what an outsider gets to recompute the chain with."""

import hashlib
import json
from datetime import timedelta

import pytest

from commitments.api.views_ledger import LedgerPagination
from commitments.choices import PUBLIC_ACTIONS, PUBLIC_NOTE_ACTIONS, Action
from commitments.models import Decision, LedgerHead, ProgressUpdate
from tests.record import ARCHIVED, LATER
from tests.steps import NOW, STATEMENT, confirmed_time, draft, erased, perform, published
from tests.words import en_zh

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("built_record")]


@pytest.fixture
def get(api):
    def get(path, user=None):
        response = api(user).get(f"/api/v1/{path}")
        assert response.status_code == 200, response.content
        return response.json()

    return get


def links(get, user=None):
    rows, path = [], "ledger/"
    while path:
        page = get(path, user)
        rows += page["results"]
        path = page["next"] and page["next"].partition("/api/v1/")[2]
    return rows


@pytest.mark.long
def test_the_chain_comes_first_to_last_page_by_page(record, get, monkeypatch):
    monkeypatch.setattr(LedgerPagination, "page_size", 7)
    rows = links(get)
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    assert rows[-1]["hash"] == LedgerHead.objects.get().hash
    assert get("ledger/?page_size=3")["results"] == rows[:3]


def test_pages_neither_skip_nor_repeat_while_links_are_added(record, get, reporter, reviewer):
    first = get("ledger/?page_size=10")
    published(record.duty, reporter, reviewer, LATER)
    rest = get(first["next"].partition("/api/v1/")[2])
    seqs = [row["seq"] for row in (*first["results"], *rest["results"])]
    assert seqs == list(range(1, len(seqs) + 1))


def test_public_actions_publish_their_entry_and_all_but_publish_their_note(
    record, get, administrator, second_administrator
):
    confirmed_time(administrator, NOW)
    erased(record.published, ["summary"], administrator, second_administrator)
    by_seq = {row.seq: row for row in Decision.objects.all()}
    rows = links(get)
    assert len(rows) == len(by_seq)
    seen = set()
    for row in rows:
        decision = by_seq[row["seq"]]
        seen.add(decision.action)
        assert (row["entry"] is not None) == (decision.action in PUBLIC_ACTIONS)
        noted = decision.action in PUBLIC_NOTE_ACTIONS
        assert row["note"] == (decision.note if noted else None)
        assert row["salt"] == (decision.note_salt if noted else None)
    assert set(PUBLIC_ACTIONS) < seen


def test_a_private_action_shows_nothing_but_its_digest(record, get):
    submission = record.submitted.decisions.get()
    row = next(row for row in links(get) if row["seq"] == submission.seq)
    assert row == {
        "seq": submission.seq,
        "entry_sha256": submission.entry_sha256,
        "hash": submission.hash,
        "entry": None,
        "note": None,
        "salt": None,
    }


def test_everybody_gets_the_same_chain(record, get, visitor, curator, administrator):
    assert links(get) == links(get, visitor) == links(get, curator) == links(get, administrator)


def test_an_archived_address_of_a_retracted_update_is_withheld_and_the_chain_stays_whole(
    record, get, reviewer, api
):
    def archive():
        row = record.superseded.decisions.get(action=Action.ARCHIVE)
        return next(item for item in links(get) if item["seq"] == row.seq)

    before = archive()
    assert before["entry"]["meta"]["archived_url"] == ARCHIVED
    perform(
        record.superseded, Action.RETRACT, reviewer, NOW + timedelta(days=1), note="Wrong body."
    )
    assert archive() == before | {"entry": None, "note": None, "salt": None}
    shown = api().get(f"/api/v1/updates/{record.superseded.pk}/").json()
    actions = [decision["action"] for decision in shown["decisions"]]
    assert actions == ["publish", "supersede", "retract"]
    staff = api(reviewer).get(f"/api/v1/updates/{record.superseded.pk}/").json()
    assert "archive" in [decision["action"] for decision in staff["decisions"]]


# Content


def test_the_answer_is_byte_for_byte_what_the_digest_covers(duty, api, reporter, reviewer):
    text = en_zh("“Quoted”\n\u200d\u2028 \U0001f4dc é", "会议召开。\t“好”")
    update = draft(duty, reporter, LATER, summary=text, evidence=[STATEMENT])
    perform(update, Action.SUBMIT, reporter, LATER)
    perform(update, Action.PUBLISH, reviewer, LATER)
    response = api().get(f"/api/v1/updates/{update.pk}/content/")
    assert response["Content-Type"] == "application/json"
    digest = hashlib.sha256(response.content).hexdigest()
    shown = api().get(f"/api/v1/updates/{update.pk}/").json()
    assert digest == shown["content_sha256"]
    # The canonical form that the script in docs/ makes of what it parsed is the same.
    content = json.loads(response.content)
    plain = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert plain.encode() == response.content
    assert content["summary"] == text.as_dict()


def test_content_of_what_is_published_or_superseded_is_for_everybody(record, get, visitor):
    for update in (record.published, record.superseded, record.correction):
        for reader in (None, visitor):
            assert get(f"updates/{update.pk}/content/", reader)["update"] == update.pk


def test_content_of_what_was_withdrawn_is_gone_for_good(record, api, curator):
    for reader in (None, curator):
        response = api(reader).get(f"/api/v1/updates/{record.retracted.pk}/content/")
        problem = response.json()
        assert (response.status_code, problem["title"]) == (410, "Withdrawn")
        assert problem["type"].endswith("/api/v1/problems/withdrawn/")
        assert problem["detail"] == "What was at this address has been withdrawn for good."
        assert "no-store" in response["Cache-Control"]


def test_content_of_what_was_never_published_is_as_if_there_was_no_such_update(
    record, api, curator
):
    nothing = api().get("/api/v1/updates/999999/content/")
    for name in ("draft", "submitted", "returned", "discarded"):
        update = getattr(record, name)
        for reader in (None, curator):
            response = api(reader).get(f"/api/v1/updates/{update.pk}/content/")
            assert (response.status_code, response.content) == (404, nothing.content)
            assert response["Content-Type"] == "application/problem+json"


def test_evidence_of_what_was_withdrawn_is_as_if_it_had_never_been(record, api):
    """An answer of its own would tell how many sources the update had, which its tombstone does
    not."""
    nothing = api().get("/api/v1/evidence/999999/")
    for path in ("", "file/"):
        for piece in record.retracted.evidence.all():
            response = api().get(f"/api/v1/evidence/{piece.pk}/{path}")
            assert (response.status_code, response.content) == (404, nothing.content)


def test_internal_evidence_is_a_commitment_in_the_content_and_nothing_else(record, api):
    response = api().get(f"/api/v1/updates/{record.superseded.pk}/content/")
    assert b"Internal minutes" not in response.content
    assert len(response.json()["evidence"]) == 3
    assert ProgressUpdate.objects.get(pk=record.superseded.pk).evidence.count() == 4


@pytest.mark.parametrize("path", ["ledger/?seq=1", "ledger/?cursor=x", "ledger/?page_size=201"])
def test_what_the_ledger_does_not_know_is_refused(api, path):
    assert api().get(f"/api/v1/{path}").status_code == 400


def test_links_after_one_are_listed(record, api):
    every = api().get("/api/v1/ledger/").json()["results"]
    found = api().get("/api/v1/ledger/?after=3&page_size=2").json()
    assert found["results"] == every[3:5]
    assert api().get(found["next"]).json()["results"] == every[5:7]
    last = every[-1]["seq"]
    assert api().get(f"/api/v1/ledger/?after={last}").json()["results"] == []
