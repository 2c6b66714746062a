"""`docs/check_ledger.py` checks what a tracker signed: its root, its signature, that it continues
what was kept, who cosigned it; and a proof by itself."""

import json
import subprocess
import sys
from base64 import b64decode, b64encode
from urllib.request import urlopen

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commitments.ledger.proofs import merkle
from commitments.ledger.proofs.checkpoints import latest_checkpoint, sign_checkpoint
from commitments.ledger.proofs.notes import SigningKey, read_note
from commitments.models import Checkpoint, Cosignature, Decision
from tests.docs.programs import program
from tests.examples import examples
from tests.fixtures.ledger_key import ORIGIN
from tests.ledger.proofs import trees
from tests.ledger.proofs.cosigning import TestWitness
from tests.ledger.proofs.rows import add_entries
from tests.steps import NOW, draft, published, record_loaded
from tests.verification.tampering import change, sql

script = program("check_ledger")
online = pytest.mark.django_db(transaction=True)
pytestmark = pytest.mark.alike


def run(*options, flags=("-I",)):
    command = [sys.executable, *flags, "docs/check_ledger.py", *map(str, options)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    return done.returncode, done.stdout.splitlines(), done.stderr


@pytest.fixture
def check(live_server):
    """Run the script; return its exit code and what it printed before the last two lines."""

    def check(*options, **flags):
        code, lines, errors = run(live_server.url, *options, **flags)
        assert errors == ""
        return code, lines[: -1 if "--quick" in options else -2]

    return check


@pytest.fixture
def signed(ledger_key, duty, reporter, reviewer):
    """A published update, and a checkpoint since."""
    record_loaded(duty.plan)
    update = published(duty, reporter, reviewer)
    sign_checkpoint(ledger_key, NOW)
    return update


@pytest.fixture
def cosigned(signed):
    """The checkpoint is cosigned by this witness."""
    witness, checkpoint = TestWitness("witness.example.org/w1"), latest_checkpoint()
    line = witness.line(read_note(checkpoint.note).text, 1_790_000_000)
    Cosignature.objects.create(checkpoint=checkpoint, key=str(witness.key), line=line, at=NOW)
    return witness


def grow(key, count=300):
    """Sign the ledger after some more entries, which nobody can read."""
    add_entries(count)
    # The made-up chain does not lead from link to link; the tree does not ask for it.
    return sign_checkpoint(key, NOW)


# With the tracker


@online
@pytest.mark.long
def test_a_checkpoint_is_checked_against_the_links_and_kept(signed, check, ledger_key, tmp_path):
    keep, word = tmp_path / "kept.json", f"Checkpoint: 3 links of {ORIGIN}"
    assert check("--key", ledger_key.verifier) == (0, [word])
    code, lines = check("--keep", keep)
    own = "The key is the tracker's own word; compare it elsewhere: "
    assert (code, lines) == (0, [f"{own}{ledger_key.verifier}", word])
    kept = json.loads(keep.read_text())
    assert kept == {"key": str(ledger_key.verifier), "checkpoint": latest_checkpoint().note}
    assert check("--keep", keep) == (0, [word])


@pytest.mark.long
@online
def test_what_was_kept_must_be_continued_by_a_proof(signed, check, ledger_key, tmp_path):
    keep = tmp_path / "kept.json"
    assert check("--keep", keep, "--quick")[0] == 0
    grow(ledger_key)
    assert check("--keep", keep, "--quick") == (0, [f"Checkpoint: 303 links of {ORIGIN}"])
    assert json.loads(keep.read_text())["checkpoint"] == latest_checkpoint().note


@pytest.mark.long
@online
def test_another_history_from_what_was_kept_is_noticed(signed, check, ledger_key, tmp_path):
    """The tracker signs what it had not: the quick check sees it, and keeps what it had."""
    keep = tmp_path / "kept.json"
    assert check("--keep", keep, "--quick")[0] == 0
    before = keep.read_text()
    Checkpoint.objects.all()._raw_delete("default")
    change("decision", "entry_sha256", "ab" * 32, Decision.objects.get(seq=1).pk)
    grow(ledger_key)
    code, lines = check("--keep", keep, "--quick")
    assert (code, lines[-1]) == (1, "checkpoint: does not continue the one that was kept")
    assert keep.read_text() == before
    code, lines = check("--keep", keep)
    assert (code, lines[-1]) == (1, "kept checkpoint: the first 3 links have another root")


@pytest.mark.long
@online
def test_a_shorter_ledger_than_was_kept_is_noticed(signed, check, ledger_key, tmp_path):
    keep = tmp_path / "kept.json"
    assert check("--keep", keep, "--quick")[0] == 0
    Checkpoint.objects.all()._raw_delete("default")
    code, lines = check("--keep", keep, "--quick")
    assert (code, lines) == (1, ["checkpoint: the tracker has none"])
    change("ledgerhead", "seq", 2, 1)
    sign_checkpoint(ledger_key, NOW)
    code, lines = check("--keep", keep, "--quick")
    assert (code, lines[-1]) == (1, "checkpoint: has 2 links, the kept one 3")


@online
@pytest.mark.long
def test_links_that_are_not_those_that_were_signed_are_noticed(signed, check, ledger_key):
    sql("DELETE FROM commitments_decision WHERE seq = %s", 3)
    code, lines = check("--key", ledger_key.verifier)
    assert code == 1
    assert "checkpoint: the first 3 links have another root" in lines


@pytest.mark.long
@online
def test_another_key_is_noticed(signed, check, ledger_key, tmp_path):
    other, keep = SigningKey.generate(ORIGIN).verifier, tmp_path / "kept.json"
    code, lines = check("--key", other, "--keep", keep, "--quick")
    assert (code, lines[0]) == (1, f"checkpoint: is not signed with the key {other}")
    assert not keep.exists()
    assert check("--keep", keep, "--quick")[0] == 0
    grow(SigningKey.generate(ORIGIN), 1)
    code, lines = check("--keep", keep, "--quick")
    assert (code, lines[0]) == (1, f"checkpoint: is not signed with the key {ledger_key.verifier}")


@online
def test_a_wrong_signature_is_noticed(signed, check, ledger_key, tmp_path):
    row = latest_checkpoint()
    change("checkpoint", "note", row.note.replace("\n3\n", "\n2\n"), row.pk)
    code, lines = check("--key", ledger_key.verifier, "--keep", tmp_path / "kept.json", "--quick")
    assert (code, lines[0]) == (1, f"checkpoint: the signature of {ORIGIN} is wrong")


@pytest.mark.long
@online
def test_each_witness_that_is_named_must_have_cosigned(cosigned, check, tmp_path):
    keep = ("--keep", tmp_path / "kept.json", "--quick")
    code, lines = check(*keep, "--witness", cosigned.key)
    assert (code, lines[-1]) == (
        0,
        "Cosigned by witness.example.org/w1 at 2026-09-21T14:13:20+00:00",
    )
    other = TestWitness("witness.example.org/w2").key
    code, lines = check(*keep, "--witness", cosigned.key, "--witness", other)
    assert (code, lines[0]) == (1, f"checkpoint: is not signed with the key {other}")


@online
def test_without_the_library_it_says_that_signatures_were_not_checked(signed, check, tmp_path):
    code, lines = check("--keep", tmp_path / "kept.json", "--quick", flags=("-I", "-S"))
    assert (code, lines[1]) == (0, script.NO_CRYPTOGRAPHY)


@pytest.mark.long
@online
def test_a_tracker_that_signs_nothing_is_whole_unless_it_should(duty, reporter, check, ledger_key):
    draft(duty, reporter)
    code, lines = check("--key", ledger_key.verifier)
    assert "checkpoint: the tracker has none" in lines
    assert code == 1


# A proof by itself


@pytest.fixture
def downloaded(live_server, cosigned, signed, tmp_path):
    """The proof and the content of the update, as files."""
    for name, path in (("proof", "update.tlog-proof"), ("content", "content.json")):
        with urlopen(f"{live_server.url}/api/v1/updates/{signed.pk}/{name}/") as answer:
            (tmp_path / path).write_bytes(answer.read())
    return tmp_path / "update.tlog-proof", tmp_path / "content.json"


@pytest.mark.long
@online
def test_a_downloaded_proof_is_checked_without_the_tracker(
    downloaded, cosigned, ledger_key, signed
):
    proof, content = downloaded
    key = ("--key", ledger_key.verifier)
    code, lines, _errors = run(
        "--proof", proof, *key, "--content", content, "--witness", cosigned.key
    )
    assert code == 0
    assert lines[0] == f"Checkpoint: 3 links of {ORIGIN}"
    assert lines[1].startswith("Cosigned by witness.example.org/w1 at ")
    assert lines[2].startswith("Link 3: {")
    assert f'"update": {signed.pk}' in lines[2]
    assert lines[3] == "differences: 0"
    digest = Decision.objects.get(seq=3).entry_sha256
    assert run("--proof", proof, *key, "--entry", digest)[0] == 0


@pytest.mark.long
@online
def test_without_the_library_a_proof_is_compared_and_no_more_is_promised(downloaded, ledger_key):
    proof, content = downloaded
    options = ("--proof", proof, "--key", ledger_key.verifier, "--content", content)
    code, lines, _errors = run(*options, flags=("-I", "-S"))
    assert (code, lines[0], lines[-1]) == (2, script.NO_CRYPTOGRAPHY, "differences: 0")
    content.write_bytes(content.read_bytes() + b" ")
    code, lines, _errors = run(*options, flags=("-I", "-S"))
    assert (code, lines[-2]) == (1, "content: its digest is not that of the entry")


@pytest.mark.long
@online
def test_a_changed_proof_or_content_is_noticed(downloaded, ledger_key):
    proof, content = downloaded
    key, text = ("--key", ledger_key.verifier), proof.read_text()

    def differences(changed):
        proof.write_text(changed)
        code, lines, errors = run("--proof", proof, *key, "--content", content)
        assert (code, errors) == (1, "")
        return [line for line in lines if line.partition(":")[0] in ("proof", "checkpoint")]

    not_there = ["proof: the entry is not in the checkpoint"]
    assert differences(text.replace("index 2", "index 1")) == not_there
    lines = text.split("\n")
    assert differences("\n".join([*lines[:3], "A" * 43 + "=", *lines[4:]])) == not_there
    entry = b64decode(lines[1].removeprefix("extra ")).replace(b"publish", b"retract")
    lines[1] = f"extra {b64encode(entry).decode()}"
    assert differences("\n".join(lines)) == not_there
    wrong = differences(text.replace("\n3\n", "\n4\n"))
    assert f"checkpoint: the signature of {ORIGIN} is wrong" in wrong
    content.write_bytes(content.read_bytes() + b" ")
    proof.write_text(text)
    code, printed, _errors = run("--proof", proof, *key, "--content", content)
    assert (code, printed[-2]) == (1, "content: its digest is not that of the entry")


@pytest.mark.long
@online
def test_a_proof_of_a_private_entry_needs_its_digest(live_server, signed, ledger_key, tmp_path):
    proof, key = tmp_path / "2.tlog-proof", ("--key", ledger_key.verifier)
    with urlopen(f"{live_server.url}/api/v1/ledger/proof/?seq=2") as answer:
        proof.write_bytes(answer.read())
    digest = Decision.objects.get(seq=2).entry_sha256
    code, lines, _errors = run("--proof", proof, *key, "--entry", digest)
    assert (code, lines[-2]) == (0, f"Link 2: {digest}")
    assert run("--proof", proof, *key, "--entry", "ab" * 32)[0] == 1
    code, _lines, errors = run("--proof", proof, *key)
    assert code == 2
    assert "pass its digest as --entry" in errors


@pytest.mark.long
def test_options_that_do_not_go_together_are_refused(tmp_path):
    ledger, witness = SigningKey.generate(ORIGIN).verifier, TestWitness("w").key
    for options in (
        *([], ["http://127.0.0.1:9", "--proof", "x"], ["--proof", "x"]),
        *(["http://127.0.0.1:9", "--quick"], ["http://127.0.0.1:9", "--key", "x"]),
        *(["http://127.0.0.1:9", "--key", witness], ["http://127.0.0.1:9", "--witness", ledger]),
    ):
        code, _lines, errors = run(*options)
        assert code == 2
        assert "error: " in errors
    assert run("--proof", tmp_path / "none", "--key", ledger)[0] == 2
    (tmp_path / "proof").write_text("nothing")
    assert run("--proof", tmp_path / "proof", "--key", ledger)[0] == 2


# Its own tree


@given(data=st.data())
@settings(max_examples=examples(300), deadline=None)
def test_its_tree_and_proofs_are_those_of_the_definitions(data):
    new = data.draw(st.integers(1, 80))
    old, index = data.draw(st.integers(0, new)), data.draw(st.integers(0, new - 1))
    leaves = [bytes([n]) for n in range(new)]
    grown = script.Tree()
    for leaf in leaves:
        grown.add(merkle.leaf_hash(leaf))
    root = trees.mth(leaves)
    assert grown.root() == root
    leaf, path = merkle.leaf_hash(leaves[index]), trees.path(index, leaves)
    assert script.is_included(index, new, leaf, path, root)
    proof = trees.proof(old, leaves) if 0 < old < new else []
    assert script.is_continued(old, new, trees.mth(leaves[:old]), root, proof)
    # Anything else is none.
    assert not script.is_included(index, new, leaf, [*path, root], root)
    assert not script.is_included(index, new, leaf, path, bytes(32))
    assert not script.is_included(index, new, bytes(32), path, root)
    assert not script.is_included(new, new, leaf, path, root)
    assert not script.is_continued(old, new, trees.mth(leaves[:old]), root, [*proof, root])
    if old:
        assert not script.is_continued(old, new, bytes(32), root, proof)
    if path:
        place = data.draw(st.integers(0, len(path) - 1))
        forged = [*path[:place], bytes(32), *path[place + 1 :]]
        assert not script.is_included(index, new, leaf, forged, root)
        assert not script.is_included(index, new, leaf, path[:place] + path[place + 1 :], root)
    if proof:
        place = data.draw(st.integers(0, len(proof) - 1))
        for forged in (
            [*proof[:place], bytes(32), *proof[place + 1 :]],
            proof[:place] + proof[place + 1 :],
        ):
            assert not script.is_continued(old, new, trees.mth(leaves[:old]), root, forged)


def test_the_empty_tree_has_the_hash_of_nothing():
    assert script.Tree().root() == merkle.EMPTY_ROOT
