"""`docs/witness.py`: what it signs and refuses, as c2sp.org/tlog-witness says, and that a tracker
which shows two ledgers is caught."""

import hashlib
import http.client
import json
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from commitments.models import Checkpoint, Cosignature, Decision
from commitments.proofs.checkpoints import latest_checkpoint, sign_checkpoint
from commitments.proofs.formats import TreeHead, consistency_file
from commitments.proofs.notes import SigningKey, VerifierKey, read_note, read_signatures
from tests.docs.programs import program
from tests.examples import examples
from tests.fixtures.ledger_key import ORIGIN
from tests.proofs import trees
from tests.proofs.rows import add_entries
from tests.steps import NOW
from tests.verification.tampering import change

pytestmark = pytest.mark.alike

script = program("witness")
NAME = "witness.example.org/w1"
# Always the same, since tests are named for what they send.
KEY = SigningKey(ORIGIN, bytes(range(32)))
LEAVES = [bytes([n]) for n in range(40)]
# Of the same tracker, from the third entry on.
OTHER = [*LEAVES[:2], *LEAVES[30:]]


def checkpoint(size, leaves=LEAVES, key=KEY, origin=ORIGIN):
    return key.sign(TreeHead(origin, size, trees.mth(leaves[:size])).text)


def request(old, size, leaves=LEAVES, **facts):
    proof = trees.proof(old, leaves[:size]) if 0 < old < size else []
    return consistency_file(old, proof, checkpoint(size, leaves, **facts))


class Server:
    """A witness that serves from a thread of its own."""

    def __init__(self, path, *keys):
        logs = {}
        for key in keys or [KEY]:
            name, typed_key = script.parse_log_key(str(key.verifier))
            logs.setdefault(name, []).append(typed_key)
        self.path = path
        self.http = script.Server(("127.0.0.1", 0), script.Witness(path, NAME, logs))
        self.key = VerifierKey.parse(self.http.witness.verifier_key)
        self.host = f"127.0.0.1:{self.http.server_port}"
        self.thread = threading.Thread(target=self.http.serve_forever, args=[0.01], daemon=True)
        self.thread.start()

    def close(self):
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()
        self.http.witness.own_lock.close()

    def ask(self, method, path, body=None):
        """Return the status, the media type and the body of an answer."""
        connection = http.client.HTTPConnection(self.host, timeout=20)
        try:
            connection.request(method, path, body)
            answer = connection.getresponse()
            return answer.status, answer.headers["Content-Type"], answer.read().decode()
        finally:
            connection.close()

    def add(self, body):
        return self.ask("POST", "/add-checkpoint", body.encode())

    def forks(self):
        path = self.path.with_name(f"{self.path.name}.forks")
        return path.read_text() if path.exists() else ""


@contextmanager
def served(path, *keys):
    server = Server(path, *keys)
    try:
        yield server
    finally:
        server.close()


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    monkeypatch.setattr(script.Handler, "log_message", lambda *args: None)


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


# With a tracker


@pytest.fixture
def watched(settings, tmp_path, ledger_key):
    """A witness of this tracker, which the tracker asks."""
    with served(tmp_path / "witness.json", ledger_key) as server:
        settings.WITNESSES = [f"{server.key} http://{server.host}/"]
        settings.LINK_CHECK_OPEN_HOSTS = [server.host]
        yield server


def ask(capsys):
    """Run the command; return what it printed, and why it failed."""
    try:
        call_command("ask_witnesses")
    except CommandError as error:
        return capsys.readouterr().out, str(error)
    return capsys.readouterr().out, None


@pytest.mark.django_db
def test_a_witness_cosigns_each_checkpoint_and_the_tracker_publishes_it(
    watched, ledger_key, capsys, api
):
    assert ask(capsys) == ("There is no checkpoint yet.\n", None)
    for size in (3, 300):
        add_entries(size - sum(Checkpoint.objects.values_list("size", flat=True)))
        sign_checkpoint(ledger_key, NOW)
        said = f"Checkpoint of {size}: 1 of 1 witnesses have cosigned it.\n"
        assert ask(capsys) == (said, None)
        note = read_note(api().get("/api/v1/ledger/checkpoint/").content.decode())
        assert TreeHead.parse(note.text).size == size
        assert note.signature_of(watched.key)
        # Nobody is asked twice.
        assert ask(capsys) == (said, None)
    assert Cosignature.objects.count() == 2


@pytest.mark.django_db
def test_a_witness_that_knows_more_than_was_stored_is_asked_again(watched, ledger_key, capsys):
    add_entries(3)
    sign_checkpoint(ledger_key, NOW)
    ask(capsys)
    Cosignature.objects.all()._raw_delete("default")
    add_entries(3)
    sign_checkpoint(ledger_key, NOW)
    assert ask(capsys)[1] is None
    assert watched.ask("GET", "/")[2].endswith(f"{ORIGIN} 6\n")


@pytest.mark.django_db
def test_a_forked_tracker_that_shows_two_heads_is_caught(watched, ledger_key, capsys, api):
    """Its owner has the key, and changes the database behind the application: some readers are
    shown one ledger, others another. Each is consistent in itself, and signed."""
    add_entries(3)
    sign_checkpoint(ledger_key, NOW)
    assert ask(capsys)[1] is None
    add_entries(4)
    sign_checkpoint(ledger_key, NOW)
    assert ask(capsys)[1] is None
    shown_to_some = api().get("/api/v1/ledger/checkpoint/").content.decode()

    row = latest_checkpoint()
    row.cosignatures.all()._raw_delete("default")
    Checkpoint.objects.filter(pk=row.pk)._raw_delete("default")
    change("decision", "entry_sha256", "ab" * 32, Decision.objects.get(seq=5).pk)
    sign_checkpoint(ledger_key, NOW)
    shown_to_others = api().get("/api/v1/ledger/checkpoint/").content.decode()
    heads = [TreeHead.parse(read_note(note).text) for note in (shown_to_some, shown_to_others)]
    assert heads[0].size == heads[1].size == 7
    assert heads[0].root != heads[1].root
    assert read_note(shown_to_others).signature_of(ledger_key.verifier)

    printed, failed = ask(capsys)
    assert "HAS COSIGNED A LEDGER THAT THIS ONE DOES NOT CONTINUE" in printed
    assert failed == "Witnesses that did not cosign: 1."
    assert not latest_checkpoint().cosignatures.exists()
    # It would not help to go on from there.
    add_entries(2)
    sign_checkpoint(ledger_key, NOW)
    assert ask(capsys)[1] == "Witnesses that did not cosign: 1."
    # The witness can show both.
    for note in (shown_to_some, shown_to_others):
        assert read_note(note).text in watched.forks()


@pytest.mark.django_db
def test_a_tracker_that_lost_its_end_is_caught(watched, ledger_key, capsys):
    add_entries(7)
    sign_checkpoint(ledger_key, NOW)
    ask(capsys)
    Cosignature.objects.all()._raw_delete("default")
    Checkpoint.objects.all()._raw_delete("default")
    change("ledgerhead", "seq", 5, 1)
    sign_checkpoint(ledger_key, NOW)
    printed, failed = ask(capsys)
    assert "HAS COSIGNED A LEDGER OF 7 ENTRIES, but this one has 5" in printed
    assert failed


@pytest.mark.django_db
def test_each_refusal_and_each_silence_is_named(settings, tmp_path, ledger_key, capsys):
    other = SigningKey.generate("elsewhere.example/ledger")
    rotated = SigningKey.generate(ORIGIN)
    key = None
    add_entries(1)
    sign_checkpoint(ledger_key, NOW)
    for number, (watched_key, said) in enumerate(
        ((other, "does not know this ledger"), (rotated, "knows another key"))
    ):
        with served(tmp_path / f"{number}.json", watched_key) as server:
            key = server.key
            settings.WITNESSES = [f"{key} http://{server.host}"]
            assert "not a public address" in ask(capsys)[0]
            settings.LINK_CHECK_OPEN_HOSTS = [server.host]
            assert said in ask(capsys)[0]
    # By now nobody listens there.
    assert ask(capsys)[1] == "Witnesses that did not cosign: 1."
    settings.WITNESSES = [str(key)]
    with pytest.raises(CommandError, match="is not the address of"):
        call_command("ask_witnesses")
    settings.WITNESSES = []
    assert ask(capsys) == ("No WITNESSES.\n", None)
    assert not Cosignature.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("answer", ["", "— x AAAA", "text", f"— {NAME} AAAAAAAA"])
def test_an_answer_that_is_no_cosignature_is_not_stored(watched, ledger_key, capsys, answer):
    add_entries(1)
    sign_checkpoint(ledger_key, NOW)
    watched.http.witness.add_checkpoint = lambda body: answer
    printed, failed = ask(capsys)
    assert failed
    assert "answered with" in printed
    assert not Cosignature.objects.exists()


@pytest.mark.django_db
def test_a_cosignature_of_another_head_is_not_stored(watched, ledger_key, capsys):
    add_entries(1)
    sign_checkpoint(ledger_key, NOW)
    other = TreeHead(ORIGIN, 1, bytes(32)).text
    line = watched.http.witness.cosignature(other, 1_700_000_000)
    watched.http.witness.add_checkpoint = lambda body: line
    assert f"the signature of {NAME} is wrong" in ask(capsys)[0]
    assert not Cosignature.objects.exists()
