"""`manage.py write_tiles`: the tree as files, which lead to the root that was signed."""

import pytest
from django.core.management import CommandError, call_command

from commitments.ledger.proofs.checkpoints import sign_checkpoint
from commitments.ledger.proofs.formats import TreeHead, tiles_of
from commitments.ledger.proofs.merkle import leaf_hash
from commitments.ledger.proofs.notes import read_note
from commitments.models import Checkpoint
from tests.ledger.proofs import trees
from tests.ledger.proofs.rows import add_entries
from tests.steps import NOW

pytestmark = pytest.mark.django_db


def test_the_files_are_the_tiles_of_the_tree_and_lead_to_its_root(
    ledger_key, tmp_path, capsys, api
):
    add_entries(300)
    sign_checkpoint(ledger_key, NOW)
    call_command("write_tiles", tmp_path / "copy")
    files = {
        str(path.relative_to(tmp_path / "copy"))
        for path in (tmp_path / "copy").rglob("*")
        if path.is_file()
    }
    assert files == {"checkpoint", *(f"tile/{tile.path}" for tile in tiles_of(300))}
    served = {name: api().get(f"/api/v1/ledger/{name}", follow=True).content for name in files}
    assert {name: (tmp_path / "copy" / name).read_bytes() for name in files} == served
    head = TreeHead.parse(read_note((tmp_path / "copy" / "checkpoint").read_text()).text)
    entries = served["tile/entries/000"] + served["tile/entries/001.p/44"]
    leaves = [entries[start + 2 : start + 34] for start in range(0, len(entries), 34)]
    assert (head.size, head.root) == (300, trees.mth(leaves))
    assert served["tile/0/001.p/44"] == b"".join(map(leaf_hash, leaves[256:]))


def test_only_what_is_new_is_written_again(ledger_key, tmp_path, capsys):
    for count, written in ((256, 3), (10, 2), (246, 3)):
        add_entries(count)
        sign_checkpoint(ledger_key, NOW)
        call_command("write_tiles", tmp_path / "copy")
        size = Checkpoint.objects.latest("id").size
        said = f"Checkpoint of {size}; tiles written: {written}.\n"
        assert capsys.readouterr().out == said
    call_command("write_tiles", tmp_path / "copy")
    assert capsys.readouterr().out.endswith("tiles written: 0.\n")


def test_without_a_checkpoint_nothing_is_written(tmp_path):
    with pytest.raises(CommandError, match="There is no checkpoint"):
        call_command("write_tiles", tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_folder_that_cannot_be_written_is_named(ledger_key, tmp_path):
    add_entries(1)
    sign_checkpoint(ledger_key, NOW)
    (tmp_path / "file").touch()
    with pytest.raises(CommandError, match="file"):
        call_command("write_tiles", tmp_path / "file")
