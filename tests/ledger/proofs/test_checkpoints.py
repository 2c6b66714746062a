"""Signing checkpoints of the ledger: what is signed, what is refused, what it costs."""

import stat
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from commitments.ledger.proofs import stored
from commitments.ledger.proofs.checkpoints import (
    CheckpointRefused,
    inclusion_proof,
    inclusion_proofs,
    sign_checkpoint,
)
from commitments.ledger.proofs.formats import TreeHead, parse_tile
from commitments.ledger.proofs.keys import LedgerKeyError, make_ledger_key, read_ledger_key
from commitments.ledger.proofs.merkle import leaf_hash
from commitments.ledger.proofs.notes import SigningKey, read_note
from commitments.ledger.proofs.stored import EntriesMissing, stored_tree
from commitments.models import Checkpoint, Cosignature, Decision, LedgerHead, LedgerNode
from tests.fixtures.ledger_key import ORIGIN
from tests.full_disk import no_room
from tests.ledger.proofs import trees
from tests.ledger.proofs.rows import add_entries, entries, root_by_definition
from tests.steps import NOW
from tests.verification.tampering import change, sql

pytestmark = pytest.mark.django_db


def head_of(checkpoint):
    return TreeHead.parse(read_note(checkpoint.note).text)


def test_a_checkpoint_says_how_many_entries_there_are_and_their_root(ledger_key):
    add_entries(7)
    checkpoint = sign_checkpoint(ledger_key, NOW)
    assert head_of(checkpoint) == TreeHead(ORIGIN, 7, root_by_definition(7))
    assert read_note(checkpoint.note).signature_of(ledger_key.verifier)
    assert (checkpoint.size, checkpoint.root) == (7, root_by_definition(7).hex())
    assert (checkpoint.key, checkpoint.at) == (str(ledger_key.verifier), NOW)


def test_nothing_is_signed_twice_nor_when_there_is_nothing(ledger_key):
    assert sign_checkpoint(ledger_key, NOW) is None
    add_entries(1)
    assert sign_checkpoint(ledger_key, NOW).size == 1
    assert sign_checkpoint(ledger_key, NOW) is None
    add_entries(1)
    assert sign_checkpoint(ledger_key, NOW).size == 2
    assert Checkpoint.objects.count() == 2


def test_another_key_signs_the_same_entries_again(ledger_key):
    add_entries(3)
    sign_checkpoint(ledger_key, NOW)
    assert sign_checkpoint(SigningKey.generate(ORIGIN), NOW).size == 3


def test_a_ledger_that_lost_entries_is_not_signed(ledger_key):
    add_entries(3)
    sign_checkpoint(ledger_key, NOW)
    sql("DELETE FROM commitments_decision WHERE seq = %s", 3)
    change("ledgerhead", "seq", 2, 1)
    with pytest.raises(CheckpointRefused, match="has 2 entries, but a checkpoint of 3 was signed"):
        sign_checkpoint(ledger_key, NOW)
    assert Checkpoint.objects.count() == 1


def test_a_ledger_whose_entries_changed_is_not_signed(ledger_key):
    add_entries(3)
    sign_checkpoint(ledger_key, NOW)
    change("decision", "entry_sha256", "ab" * 32, Decision.objects.get(seq=2).pk)
    add_entries(2)
    with pytest.raises(CheckpointRefused, match="Entries up to 3 differ from those"):
        sign_checkpoint(ledger_key, NOW)
    assert Checkpoint.objects.count() == 1


def test_a_ledger_with_a_gap_is_not_signed(ledger_key):
    add_entries(300)
    sql("DELETE FROM commitments_decision WHERE seq = %s", 5)
    with pytest.raises(EntriesMissing):
        sign_checkpoint(ledger_key, NOW)
    with pytest.raises(CommandError, match="lacks an entry"):
        call_command("sign_checkpoint")


def test_no_entry_takes_the_place_of_a_lost_one(ledger_key):
    """There are enough after it: they would be counted from a wrong number."""
    add_entries(5)
    sql("DELETE FROM commitments_decision WHERE seq = %s", 2)
    with pytest.raises(EntriesMissing, match="lacks an entry after number 1"):
        stored_tree().root(3)


@pytest.mark.long
@pytest.mark.parametrize("size", [255, 256, 257, 1030])
def test_nodes_are_stored_as_the_ledger_grows(ledger_key, size, monkeypatch):
    monkeypatch.setattr("commitments.ledger.proofs.checkpoints.MAX_NODES_AT_ONCE", 2)
    add_entries(size)
    sign_checkpoint(ledger_key, NOW)
    assert LedgerNode.objects.count() == size // 256
    add_entries(300)
    checkpoint = sign_checkpoint(ledger_key, NOW)
    assert LedgerNode.objects.count() == (size + 300) // 256
    assert checkpoint.root == root_by_definition(size + 300).hex()
    leaves, tree = entries(), stored_tree()
    for index in (0, 255, size - 1, size, size + 299):
        path = trees.path(index, leaves)
        assert tree.inclusion_proof(index, size + 300) == path
    assert tree.consistency_proof(size, size + 300) == trees.proof(size, leaves)


@pytest.mark.long
def test_a_long_ledger_is_signed_and_proved_with_few_short_reads(ledger_key, capsys):
    """66,000 entries: two levels of nodes. Neither the root nor a proof reads many rows."""
    add_entries(66_000)
    assert sign_checkpoint(ledger_key, NOW).size == 66_000
    assert LedgerNode.objects.count() == 257 + 1
    add_entries(1)
    with CaptureQueriesContext(connection) as signing:
        checkpoint = sign_checkpoint(ledger_key, NOW)
    decision = Decision.objects.get(seq=12_345)
    with CaptureQueriesContext(connection) as proving:
        inclusion_proof(checkpoint, decision)
    assert checkpoint.root == trees.tree_of(entries()).root(66_001).hex()
    with capsys.disabled():
        print(f"\n  66,001 entries: {len(signing)} queries to sign, {len(proving)} to prove one")
    assert len(signing) < 20
    assert len(proving) < 10


def test_a_tile_has_what_the_specification_says(ledger_key):
    add_entries(300)
    sign_checkpoint(ledger_key, NOW)
    leaves = entries()
    hashes = b"".join(map(leaf_hash, leaves))
    assert stored.tile_content(parse_tile("0/000")) == hashes[: 256 * 32]
    assert stored.tile_content(parse_tile("0/001.p/44")) == hashes[256 * 32 :]
    assert stored.tile_content(parse_tile("1/000.p/1")) == trees.mth(leaves[:256])
    bundle = stored.tile_content(parse_tile("entries/001.p/44"))
    assert bundle == b"".join(b"\x00\x20" + leaf for leaf in leaves[256:])


# The tables


@pytest.mark.usefixtures("append_only")
def test_what_was_signed_can_be_neither_changed_nor_deleted(ledger_key):
    add_entries(256)
    checkpoint = sign_checkpoint(ledger_key, NOW)
    Cosignature.objects.create(checkpoint=checkpoint, key="w", line="line", at=NOW)
    for model, column in ((Checkpoint, "note"), (Cosignature, "line"), (LedgerNode, "hash")):
        before = list(model.objects.values())
        row = model.objects.get()
        setattr(row, column, "another")
        for forge in (row.save, lambda model=model: model.objects.all()._raw_delete("default")):
            with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
                forge()
        assert list(model.objects.values()) == before


@pytest.mark.usefixtures("append_only")
@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="Only SQLite replaces rows.")
@pytest.mark.parametrize("table", ["checkpoint", "cosignature", "ledgernode"])
def test_nothing_signed_is_replaced(ledger_key, table):
    add_entries(256)
    checkpoint = sign_checkpoint(ledger_key, NOW)
    Cosignature.objects.create(checkpoint=checkpoint, key="w", line="line", at=NOW)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM commitments_{table}")
        columns = [column[0] for column in cursor.description]
        for chosen in ("*", ", ".join("id + 9" if name == "id" else name for name in columns)):
            replace = f"INSERT OR REPLACE INTO commitments_{table} SELECT {chosen} FROM "
            with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
                cursor.execute(f"{replace} commitments_{table}")


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has no TRUNCATE.")
@pytest.mark.usefixtures("append_only")
def test_no_table_of_what_was_signed_is_emptied():
    for table in ("checkpoint", "cosignature", "ledgernode"):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            sql(f"TRUNCATE commitments_{table} CASCADE")


# The key and the command


def test_a_key_is_made_once_for_its_owner_alone(settings, tmp_path, capsys):
    settings.LEDGER_KEY = str(tmp_path / "ledger.key")
    settings.ALLOWED_HOSTS = [".example.org", "other.example"]
    call_command("make_ledger_key")
    file = Path(settings.LEDGER_KEY)
    key = SigningKey.parse(file.read_text().strip())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert key.name == "example.org/api/v1/ledger"
    printed = capsys.readouterr().out
    assert str(key.verifier) in printed
    assert str(key) not in printed
    call_command("make_ledger_key", if_absent=True)
    with pytest.raises(CommandError, match="is there already"):
        call_command("make_ledger_key")
    assert read_ledger_key() == key


def test_a_name_that_no_key_can_have_is_refused(settings, tmp_path):
    settings.LEDGER_KEY = str(tmp_path / "ledger.key")
    with pytest.raises(LedgerKeyError, match="without blanks and plus signs"):
        make_ledger_key("my ledger")
    assert not Path(settings.LEDGER_KEY).exists()


def test_a_key_that_cannot_be_written_or_read_is_named(settings, tmp_path):
    settings.LEDGER_KEY = str(tmp_path / "nowhere" / "ledger.key")
    with pytest.raises(CommandError, match="cannot be made"):
        call_command("make_ledger_key")
    settings.LEDGER_KEY = str(tmp_path / "damaged.key")
    Path(settings.LEDGER_KEY).write_text("PRIVATE+KEY+secret")
    with pytest.raises(CommandError, match="is not a private key") as refused:
        call_command("sign_checkpoint")
    assert "secret" not in str(refused.value)
    settings.LEDGER_KEY = str(tmp_path)
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("sign_checkpoint")


def test_a_key_that_could_not_be_written_to_the_end_keeps_none_from_being_made(settings, tmp_path):
    settings.LEDGER_KEY = str(tmp_path / "ledger.key")
    with no_room(), pytest.raises(CommandError, match="cannot be made"):
        call_command("make_ledger_key")
    assert not Path(settings.LEDGER_KEY).exists()
    call_command("make_ledger_key")
    assert read_ledger_key() is not None


def test_the_command_says_what_it_did(ledger_key, capsys):
    def said():
        call_command("sign_checkpoint")
        return capsys.readouterr().out

    assert said() == "The ledger has not grown.\n"
    add_entries(2)
    assert said() == f"Signed a checkpoint of 2: {root_by_definition(2).hex()}\n"
    change("ledgerhead", "seq", 1, 1)
    with pytest.raises(CommandError, match="Nothing is signed"):
        said()


def test_without_a_key_the_command_says_so(capsys):
    add_entries(2)
    call_command("sign_checkpoint")
    assert "There is no key" in capsys.readouterr().out
    assert not Checkpoint.objects.exists()
    assert LedgerHead.objects.get().seq == 2


@pytest.mark.parametrize("count", [2, 20])
def test_many_proofs_read_each_tile_and_the_cosignatures_once(ledger_key, count):
    add_entries(20)
    checkpoint = sign_checkpoint(ledger_key, NOW)
    decisions = list(Decision.objects.order_by("seq")[:count])
    with CaptureQueriesContext(connection) as queries:
        proofs = list(inclusion_proofs(checkpoint, decisions))
    assert len(queries) == 2
    assert proofs == [(row, inclusion_proof(checkpoint, row)) for row in decisions]
