"""A tracker and its witness, `docs/witness.py`: what is cosigned is published, and a tracker that
shows two ledgers is caught."""

import pytest
from django.core.management import CommandError, call_command

from commitments.ledger.proofs.checkpoints import latest_checkpoint, sign_checkpoint
from commitments.ledger.proofs.formats import TreeHead
from commitments.ledger.proofs.notes import SigningKey, read_note
from commitments.models import Checkpoint, Cosignature, Decision
from tests.docs.served_witness import NAME, served
from tests.fixtures.ledger_key import ORIGIN
from tests.ledger.proofs.rows import add_entries
from tests.steps import NOW
from tests.verification.tampering import change

pytestmark = pytest.mark.alike


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
