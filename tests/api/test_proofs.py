"""Checkpoints, proofs and tiles over REST, as an outsider uses them: with public data alone."""

import hashlib
import json

import pytest

from commitments.choices import Action
from commitments.ledger.proofs.checkpoints import latest_checkpoint, sign_checkpoint
from commitments.ledger.proofs.formats import TreeHead, tiles_of
from commitments.ledger.proofs.merkle import leaf_hash
from commitments.ledger.proofs.notes import VerifierKey, read_note
from commitments.models import Cosignature, Decision
from tests.fixtures.ledger_key import ORIGIN
from tests.ledger.proofs import trees
from tests.ledger.proofs.cosigning import TestWitness
from tests.ledger.proofs.files import is_included, read_proof
from tests.ledger.proofs.rows import add_entries
from tests.record import LATER
from tests.steps import NOW, draft, erased, published, retracted

pytestmark = pytest.mark.django_db

NOTHING_SIGNED = "This tracker has signed no checkpoint of its ledger yet."


@pytest.fixture
def text(api):
    """`text("ledger/key/")` as the public reads it."""

    def read(path):
        answer = api().get(f"/api/v1/{path}")
        assert answer.status_code == 200, answer.content
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        return answer.content.decode()

    return read


@pytest.fixture
def refused(api):
    """`refused("ledger/key/", 404)` returns the problem."""

    def read(path, status):
        answer = api().get(f"/api/v1/{path}")
        assert answer.status_code == status, path
        assert answer.headers["Content-Type"] == "application/problem+json"
        return answer.json()

    return read


@pytest.fixture
def story(duty, reporter, reviewer, ledger_key):
    """A published update, and a checkpoint since."""
    update = published(duty, reporter, reviewer)
    sign_checkpoint(ledger_key, NOW)
    return update


def leaves_of(get):
    """The data of all leaves, from the public list."""
    return [bytes.fromhex(row["entry_sha256"]) for row in get("ledger/")["results"]]


def test_the_root_follows_from_the_public_list_of_links(story, text, get):
    note = read_note(text("ledger/checkpoint/"))
    key = VerifierKey.parse(text("ledger/key/").removesuffix("\n"))
    assert key.name == ORIGIN
    assert note.signature_of(key)
    leaves = leaves_of(get)
    assert TreeHead.parse(note.text) == TreeHead(ORIGIN, len(leaves), trees.mth(leaves))


def test_without_a_checkpoint_there_is_nothing_and_the_answer_says_so(
    duty, reporter, reviewer, refused
):
    update = published(duty, reporter, reviewer)
    for path in (
        *("ledger/checkpoint/", "ledger/key/", "ledger/proof/?seq=1", "ledger/tile/0/000.p/1"),
        *("ledger/consistency/?from=0", f"updates/{update.pk}/proof/"),
    ):
        assert refused(path, 404)["detail"] == NOTHING_SIGNED


def test_a_checkpoint_has_the_cosignatures_that_there_are(story, text):
    witness, checkpoint = TestWitness("witness.example/w1"), latest_checkpoint()
    line = witness.line(read_note(checkpoint.note).text, 1_700_000_000)
    Cosignature.objects.create(checkpoint=checkpoint, key=str(witness.key), line=line, at=NOW)
    for content in (text("ledger/checkpoint/"), text("ledger/proof/?seq=1")):
        assert content.endswith(checkpoint.note + line)
    assert read_note(text("ledger/checkpoint/")).signature_of(witness.key)


# Inclusion


def test_every_link_is_proved_to_be_in_the_latest_checkpoint(story, text, get, ledger_key):
    for row in get("ledger/")["results"]:
        leaf = leaf_hash(bytes.fromhex(row["entry_sha256"]))
        proof = text(f"ledger/proof/?seq={row['seq']}")
        assert is_included(proof, leaf, ledger_key.verifier)
        assert read_proof(proof).number == row["seq"] - 1
        entry = row["entry"] and json.loads(read_proof(proof).extra)
        assert entry == row["entry"]


def test_a_published_update_offers_its_proof_as_a_file(story, api, text, ledger_key):
    address = f"updates/{story.pk}/proof/"
    answer = api().get(f"/api/v1/{address}")
    disposition = f'attachment; filename="update-{story.pk}.tlog-proof"'
    assert answer.headers["Content-Disposition"] == disposition
    proof = read_proof(text(address))
    entry = json.loads(proof.extra)
    assert (entry["action"], entry["update"]) == ("publish", story.pk)
    # The chain of digests, from the content to the root that was signed.
    content = api().get(f"/api/v1/updates/{story.pk}/content/").content
    assert hashlib.sha256(content).hexdigest() == entry["content_sha256"]
    leaf = leaf_hash(hashlib.sha256(proof.extra).digest())
    assert is_included(text(address), leaf, ledger_key.verifier)
    assert not is_included(text(address), leaf_hash(b"another"), ledger_key.verifier)


def test_a_proof_is_against_the_latest_checkpoint(story, text, ledger_key):
    add_entries(300)
    sign_checkpoint(ledger_key, LATER)
    proof = read_proof(text(f"updates/{story.pk}/proof/"))
    assert proof.head.size == latest_checkpoint().size == 302
    assert len(proof.hashes) == 9


def test_what_was_published_since_the_checkpoint_waits_for_the_next(
    story, duty, reporter, reviewer, refused
):
    update = published(duty, reporter, reviewer, LATER)
    problem = refused(f"updates/{update.pk}/proof/", 404)
    assert problem["detail"] == "No checkpoint has been signed since this was published."
    [error] = refused("ledger/proof/?seq=4", 400)["errors"]
    assert error["detail"] == "The latest checkpoint has the entries 1 to 2."


def test_what_was_never_published_has_no_proof(story, duty, reporter, refused):
    assert refused(f"updates/{draft(duty, reporter).pk}/proof/", 404)
    assert refused("updates/999/proof/", 404)


def test_a_withdrawn_update_keeps_its_proof(duty, reporter, reviewer, ledger_key, text):
    update = retracted(duty, reporter, reviewer)
    sign_checkpoint(ledger_key, LATER)
    entry = json.loads(read_proof(text(f"updates/{update.pk}/proof/")).extra)
    assert entry["action"] == "publish"


def test_what_was_erased_is_not_in_a_proof(
    story, administrator, second_administrator, curator, ledger_key, text
):
    """The entry of a publication holds digests only, and stays as it was."""
    before = read_proof(text(f"updates/{story.pk}/proof/")).extra
    erased(story, ["summary"], administrator, second_administrator)
    sign_checkpoint(ledger_key, LATER)
    assert read_proof(text(f"updates/{story.pk}/proof/")).extra == before
    assert b"meeting" not in before


def test_a_private_entry_is_proved_without_being_shown(story, text, ledger_key):
    submission = Decision.objects.get(action=Action.SUBMIT)
    proof = text(f"ledger/proof/?seq={submission.seq}")
    assert read_proof(proof).extra == b""
    leaf = leaf_hash(bytes.fromhex(submission.entry_sha256))
    assert is_included(proof, leaf, ledger_key.verifier)


# Consistency


def test_every_size_is_proved_to_be_continued(story, text, get, ledger_key):
    add_entries(20)
    sign_checkpoint(ledger_key, LATER)
    leaves = leaves_of(get)
    for old in range(len(leaves) + 1):
        proof = read_proof(text(f"ledger/consistency/?from={old}"))
        assert (proof.number, proof.head.size) == (old, 22)
        if old:
            roots = trees.mth(leaves[:old]), proof.head.root
            assert trees.consistent(old, 22, *roots, proof.hashes)
        else:
            assert proof.hashes == []


def test_a_former_checkpoint_can_be_asked_for(story, text, ledger_key, refused):
    add_entries(20)
    sign_checkpoint(ledger_key, LATER)
    assert read_proof(text("ledger/consistency/?from=1&to=2")).head.size == 2
    [error] = refused("ledger/consistency/?from=1&to=3", 400)["errors"]
    assert error.pop("detail") == "No checkpoint of this size was signed."
    assert error == {"parameter": "to", "code": "not_found"}
    [error] = refused("ledger/consistency/?from=3&to=2", 400)["errors"]
    assert error.pop("detail") == "The checkpoint has 2 entries."
    assert error == {"parameter": "from", "code": "out_of_range"}


@pytest.mark.parametrize(
    ("query", "name"),
    [
        *(("proof/", "seq"), ("proof/?seq=", "seq"), ("proof/?seq=0", "seq")),
        *(("proof/?seq=01", "seq"), ("proof/?seq=-1", "seq"), ("proof/?seq=x", "seq")),
        *(("proof/?seq=1&seq=2", "seq"), ("proof/?seq=9999999999999999999", "seq")),
        *(("proof/?seq=1&x=1", "x"), ("proof/?seq=%D9%A1", "seq"), ("proof/?seq=3", "seq")),
        *(("consistency/", "from"), ("consistency/?from=3", "from")),
        *(("consistency/?from=1&to=", "to"), ("consistency/?from=1&to=0", "to")),
        *(("checkpoint/?x=1", "x"), ("key/?x=1", "x"), ("tile/0/000.p/2?x=1", "x")),
    ],
)
def test_what_cannot_be_proved_is_refused_by_name(story, refused, query, name):
    [error] = refused(f"ledger/{query}", 400)["errors"]
    assert error["parameter"] == name


# Tiles


def test_the_tiles_of_a_checkpoint_lead_to_its_root(story, api, text, ledger_key):
    add_entries(600)
    checkpoint = sign_checkpoint(ledger_key, LATER)
    found = {}
    for tile in tiles_of(checkpoint.size):
        answer = api().get(f"/api/v1/ledger/tile/{tile.path}")
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert "immutable" in answer.headers["Cache-Control"]
        found[tile.path] = answer.content
    assert [*found] == [
        *("entries/000", "entries/001", "entries/002.p/90"),
        *("0/000", "0/001", "0/002.p/90", "1/000.p/2"),
    ]
    entries = found["entries/000"] + found["entries/001"] + found["entries/002.p/90"]
    leaves = [entries[start + 2 : start + 34] for start in range(0, len(entries), 34)]
    assert trees.mth(leaves).hex() == checkpoint.root
    hashes = b"".join(leaf_hash(leaf) for leaf in leaves)
    assert found["0/000"] + found["0/001"] + found["0/002.p/90"] == hashes
    assert found["1/000.p/2"] == trees.mth(leaves[:256]) + trees.mth(leaves[256:512])


@pytest.mark.parametrize(
    "path",
    [
        *("0/000", "0/000.p/3", "0/001.p/1", "1/000.p/1", "entries/000", "63/000.p/1", "64/000"),
        *("0/0", "x", "0/000/", "0/000.p/0", "0/000.p/256", "0/000.p/02"),
    ],
)
def test_a_tile_that_no_checkpoint_has_is_not_found(story, refused, path):
    assert refused(f"ledger/tile/{path}", 404)


def test_a_part_of_a_tile_stays_once_the_tile_has_grown(story, api, ledger_key):
    before = api().get("/api/v1/ledger/tile/0/000.p/2").content
    add_entries(300)
    sign_checkpoint(ledger_key, LATER)
    assert api().get("/api/v1/ledger/tile/0/000.p/2").content == before
    assert api().get("/api/v1/ledger/tile/0/000").content.startswith(before)


def test_an_address_without_its_last_slash_leads_there(story, api):
    """Programs for other logs ask for `checkpoint`."""
    answer = api().get("/api/v1/ledger/checkpoint")
    assert (answer.status_code, answer["Location"]) == (301, "/api/v1/ledger/checkpoint/")
