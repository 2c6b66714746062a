"""`verify_ledger` compares what was signed with the entries that there are."""

import pytest

from commitments.ledger.proofs.checkpoints import sign_checkpoint
from commitments.ledger.proofs.notes import SigningKey, read_note
from commitments.models import Checkpoint, Cosignature, Decision, LedgerNode
from commitments.verification.checkpoints import checkpoint_differences
from tests.fixtures.ledger_key import ORIGIN
from tests.ledger.proofs.cosigning import TestWitness
from tests.ledger.proofs.rows import add_entries
from tests.steps import NOW, published, record_loaded
from tests.verification.tampering import change, sql, verify

pytestmark = pytest.mark.django_db


def differences():
    return [str(problem) for problem in checkpoint_differences()]


@pytest.fixture
def signed(ledger_key):
    """Checkpoints of 3 and of 300 entries; the first is cosigned."""
    add_entries(3)
    first = sign_checkpoint(ledger_key, NOW)
    witness = TestWitness("witness.example/w1")
    line = witness.line(read_note(first.note).text, 1_700_000_000)
    Cosignature.objects.create(checkpoint=first, key=str(witness.key), line=line, at=NOW)
    add_entries(297)
    return sign_checkpoint(ledger_key, NOW)


def test_what_was_signed_of_a_real_record_has_no_difference(duty, reporter, reviewer, ledger_key):
    record_loaded(duty.plan)
    published(duty, reporter, reviewer)
    sign_checkpoint(ledger_key, NOW)
    published(duty, reporter, reviewer)
    assert verify() == []


def test_untouched_checkpoints_nodes_and_cosignatures_have_no_difference(signed):
    assert LedgerNode.objects.count() == 1
    assert differences() == []


def test_a_changed_entry_shows_in_every_later_checkpoint(signed):
    change("decision", "entry_sha256", "ab" * 32, Decision.objects.get(seq=7).pk)
    assert differences() == [
        "node 1/0: differs from the entries",
        "checkpoint 300: entries differ from those that were signed",
    ]


def test_lost_entries_show(signed):
    sql("DELETE FROM commitments_decision WHERE seq = %s", 300)
    assert differences() == ["checkpoint 300: was signed, but the ledger has fewer entries now"]


def test_a_digest_that_is_none_does_not_stop_the_verification(signed):
    change("decision", "entry_sha256", "none", Decision.objects.get(seq=7).pk)
    assert differences() == ["checkpoints: cannot be compared with damaged entries"]


def test_a_changed_or_lost_node_shows(signed):
    change("ledgernode", "hash", "ab" * 32, LedgerNode.objects.get().pk)
    assert differences() == ["node 1/0: differs from the entries"]
    sql("DELETE FROM commitments_ledgernode WHERE level = %s", 1)
    assert differences() == ["node 1/0: is missing"]


def test_a_node_that_no_entries_make_shows(signed):
    LedgerNode.objects.create(level=2, number=0, hash="ab" * 32)
    assert differences() == ["node 2/0: differs from the entries"]


def test_a_changed_checkpoint_shows(signed):
    change("checkpoint", "root", "ab" * 32, signed.pk)
    assert differences() == [
        "checkpoint 300: the row differs from what was signed",
        "checkpoint 300: entries differ from those that were signed",
    ]


def test_a_checkpoint_that_the_key_did_not_sign_shows(signed):
    other = SigningKey.generate(ORIGIN)
    text = read_note(signed.note).text
    change("checkpoint", "note", other.sign(text), signed.pk)
    assert differences() == ["checkpoint 300: the key did not sign this"]
    change("checkpoint", "note", signed.note.replace("300", "301"), signed.pk)
    assert differences() == [
        "checkpoint 300: the key did not sign this",
        "checkpoint 300: the row differs from what was signed",
    ]
    change("checkpoint", "note", "nothing", signed.pk)
    assert differences() == [
        "checkpoint 300: cannot be read: InvalidNote: the note has no signatures"
    ]


def test_a_cosignature_of_another_checkpoint_shows(signed):
    row = Cosignature.objects.get()
    change("cosignature", "checkpoint_id", signed.pk, row.pk)
    assert differences() == [f"checkpoint 300, cosignature {row.pk}: the key did not sign this"]
    assert Checkpoint.objects.count() == 2
