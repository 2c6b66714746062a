"""`docs/witness.py`: what it signs and refuses, as c2sp.org/tlog-witness says, and its file."""

import hashlib
import http.client
import json
import re
import signal
import subprocess
import sys
import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commitments.ledger.proofs.formats import TreeHead, consistency_file
from commitments.ledger.proofs.notes import SigningKey, read_note, read_signatures
from tests.docs.served_witness import (
    KEY,
    LEAVES,
    NAME,
    OTHER,
    checkpoint,
    request,
    script,
    served,
)
from tests.examples import examples
from tests.fixtures.ledger_key import ORIGIN
from tests.ledger.proofs import trees

pytestmark = pytest.mark.alike


@pytest.fixture
def witness(tmp_path):
    with served(tmp_path / "witness.json") as server:
        yield server


# What it signs


def test_it_signs_what_continues_the_last_head(witness):
    for old, size in ((0, 3), (3, 3), (3, 8), (8, 33)):
        status, media_type, body = witness.add(request(old, size))
        assert (status, media_type) == (200, "text/plain; charset=utf-8")
        [signature] = read_signatures(body)
        text = read_note(checkpoint(size)).text
        assert (signature.name, signature.key_id) == (NAME, witness.key.id)
        assert witness.key.verify(text, signature.value)


def test_it_shows_the_last_head_that_it_signed(witness):
    place = f"/{hashlib.sha256(ORIGIN.encode()).hexdigest()}/checkpoint"
    assert witness.ask("GET", place)[0] == 404
    witness.add(request(0, 3))
    witness.add(request(3, 8))
    status, _type, body = witness.ask("GET", place)
    note = read_note(body)
    assert (status, note.text) == (200, read_note(checkpoint(8)).text)
    assert note.signature_of(KEY.verifier)
    assert note.signature_of(witness.key)
    assert witness.ask("GET", "/")[2] == f"{witness.key}\n{ORIGIN} 8\n"


def test_an_unknown_size_is_answered_with_the_known_one(witness):
    witness.add(request(0, 8))
    for old in (0, 3):
        assert witness.add(request(old, 12)) == (409, "text/x.tlog.size", "8\n")
    # A rollback: it never signs an earlier head.
    assert witness.add(request(3, 3)) == (409, "text/x.tlog.size", "8\n")
    assert witness.add(request(8, 12))[0] == 200


def test_what_does_not_continue_is_refused_and_kept(witness):
    witness.add(request(0, 8))
    assert witness.add(request(8, 12, OTHER))[0] == 422
    assert witness.add(request(8, 8, OTHER))[0] == 422
    assert witness.add(consistency_file(8, [], checkpoint(12)))[0] == 422
    extra = trees.proof(8, LEAVES[:12])
    assert witness.add(consistency_file(8, [*extra, bytes(32)], checkpoint(12)))[0] == 422
    assert witness.add(consistency_file(8, [bytes(32)], checkpoint(8)))[0] == 422
    # Both heads, each with the signature of the tracker's own key: that is the proof.
    heads = [read_note(checkpoint(8)), read_note(checkpoint(12, OTHER))]
    for note in heads:
        assert note.text in witness.forks()
        assert note.signatures[0].line in witness.forks()
    assert witness.add(request(8, 12))[0] == 200


def test_a_first_head_needs_no_proof_and_may_have_none(witness):
    assert witness.add(consistency_file(0, [bytes(32)], checkpoint(3)))[0] == 422
    empty = KEY.sign(TreeHead(ORIGIN, 0, bytes(32)).text)
    assert witness.add(consistency_file(0, [], empty))[0] == 422
    assert witness.add(request(0, 0))[0] == 200
    assert witness.add(request(0, 3))[0] == 200


def test_only_ledgers_and_keys_that_are_watched_are_signed(witness):
    other = SigningKey.generate(ORIGIN)
    assert witness.add(request(0, 3, key=other))[0] == 403
    elsewhere = SigningKey.generate("elsewhere.example/ledger")
    assert witness.add(request(0, 3, key=elsewhere, origin="elsewhere.example/ledger"))[0] == 404
    wrong = request(0, 3).replace("\n3\n", "\n4\n")
    assert witness.add(wrong)[0] == 403
    # A wrong signature beside a good one, both of the key that is watched.
    [line] = [signature.line for signature in read_note(checkpoint(4)).signatures]
    assert witness.add(request(0, 3) + line)[0] == 403
    # One of somebody else does no harm.
    [line] = [signature.line for signature in read_note(checkpoint(3, key=other)).signatures]
    assert witness.add(request(0, 3) + line)[0] == 200


def test_a_new_key_of_a_ledger_may_be_watched_with_the_old_one(tmp_path):
    new = SigningKey.generate(ORIGIN)
    with served(tmp_path / "witness.json", KEY, new) as witness:
        assert witness.add(request(0, 3))[0] == 200
        assert witness.add(request(3, 8, key=new))[0] == 200
        assert witness.add(request(8, 12, OTHER, key=new))[0] == 422


GOOD = request(3, 8)


@pytest.mark.parametrize(
    "body",
    [
        *("", "old", "old 0", "old 0\n\n", "\n\n", GOOD.replace("old", "new")),
        *(GOOD.replace("old 3", "old 03"), GOOD.replace("old 3", "old -3")),
        *(GOOD.replace("old 3", "old ٣"), GOOD.replace("old 3", "old 9")),
        *(GOOD.removesuffix("\n"), GOOD.replace("\n8\n", "\n08\n"), GOOD.replace("=\n", "\n", 1)),
        *(GOOD.replace("old 3\n", "old 3\n" + "A" * 43 + "=\n" * 64), GOOD.replace("—", "-")),
        *(GOOD.replace("old 3", "old " + "9" * 5000), "x" * 200_000),
    ],
)
def test_a_malformed_request_is_refused(witness, body):
    witness.add(request(0, 3))
    assert witness.add(body)[0] == 400
    assert witness.ask("GET", "/")[2].endswith(f"{ORIGIN} 3\n")


def test_other_requests_are_refused(witness):
    assert witness.ask("POST", "/", b"x")[0] == 404
    assert witness.ask("GET", "/add-checkpoint")[0] == 404
    assert witness.ask("POST", "/add-checkpoint", b"\xff")[0] == 400
    assert witness.ask("DELETE", "/")[0] == 501


@given(data=st.data())
@settings(max_examples=examples(200), deadline=None)
def test_a_proof_is_accepted_just_if_it_is_that_of_the_definitions(data):
    new = data.draw(st.integers(0, 80))
    old = data.draw(st.integers(0, new))
    leaves = [bytes([n]) for n in range(new)]
    roots = trees.mth(leaves[:old]), trees.mth(leaves)
    proof = trees.proof(old, leaves) if 0 < old < new else []
    assert script.is_continued(old, new, *roots, proof)
    forged = list(proof)
    match data.draw(st.sampled_from(["add", "drop", "change", "root"])):
        case "add":
            forged.insert(data.draw(st.integers(0, len(forged))), bytes(32))
        case "drop" if forged:
            del forged[data.draw(st.integers(0, len(forged) - 1))]
        case "change" if forged:
            forged[data.draw(st.integers(0, len(forged) - 1))] = bytes(32)
        case _ if old:
            roots = bytes(32), roots[1]
        case _:
            return
    assert not script.is_continued(old, new, *roots, forged)


# Its file


def test_its_file_is_for_its_owner_alone_and_goes_on_where_it_ended(tmp_path):
    path = tmp_path / "witness.json"
    with served(path) as first:
        first.add(request(0, 8))
        assert path.stat().st_mode & 0o077 == 0
    with served(path) as second:
        assert second.key == first.key
        assert second.add(request(0, 12))[0] == 409
        assert second.add(request(8, 12))[0] == 200


def test_a_second_witness_does_not_use_the_file_of_the_first(witness):
    with pytest.raises(SystemExit, match="is in use"):
        script.Witness(witness.path, NAME, {})


def test_nothing_is_signed_that_could_not_be_kept(witness, monkeypatch):
    def full(*paths):
        raise OSError("the disk is full")

    witness.add(request(0, 3))
    with monkeypatch.context() as patch:
        patch.setattr(script.os, "replace", full)
        with pytest.raises(OSError, match="full"):
            witness.http.witness.add_checkpoint(request(3, 8))
    assert witness.add(request(3, 8))[0] == 200


def test_of_many_continuations_at_once_one_is_signed(witness, monkeypatch):
    """Half of them are of another ledger, from the same head; what is between looking at the head
    and keeping the next one takes a while."""
    cosignature = script.Witness.cosignature

    def slow_cosignature(*facts):
        time.sleep(0.02)
        return cosignature(*facts)

    witness.add(request(0, 2))
    monkeypatch.setattr(script.Witness, "cosignature", slow_cosignature)
    answers = []
    threads = [
        threading.Thread(target=lambda body=body: answers.append(witness.add(body)[0]))
        for body in (request(2, 5), request(2, 6, OTHER)) * 8
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200] + [409] * 15


@pytest.mark.long
def test_it_runs_with_one_command_and_survives_a_kill(tmp_path):
    path = tmp_path / "witness.json"
    command = [sys.executable, "-I", "docs/witness.py", str(path), "--log", str(KEY.verifier)]

    def start(*options):
        process = subprocess.Popen(
            [*command, "--port", "0", *options], stdout=subprocess.PIPE, text=True
        )
        name, key = process.stdout.readline().split()
        address = process.stdout.readline().strip()
        assert name == "Witness"
        return process, key, address.removeprefix("http://")

    def add(host, body):
        connection = http.client.HTTPConnection(host, timeout=20)
        connection.request("POST", "/add-checkpoint", body.encode())
        status = connection.getresponse().status
        connection.close()
        return status

    process, key, host = start("--name", NAME)
    for size in range(1, 9):
        assert add(host, request(size - 1, size)) == 200
        process.kill()
        process.wait()
        process.stdout.close()
        process, again, host = start()
        assert again == key
    assert add(host, request(8, 12, OTHER)) == 422
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 0
    process.stdout.close()
    assert json.loads(path.read_text())["heads"][ORIGIN]["size"] == 8


@pytest.mark.parametrize("options", [[], ["--log", "x"], ["--log", str(KEY.verifier)]])
def test_wrong_options_are_named(tmp_path, options):
    command = [sys.executable, "docs/witness.py", str(tmp_path / "none.json"), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert re.search("--log|not the verifier key|give the witness a --name", done.stderr)
