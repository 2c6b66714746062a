"""Migrations of a release are never edited; later ones can be taken back, or say why not."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from commitments import __version__
from tools import migrations
from tools.release import KEPT

pytestmark = pytest.mark.alike

NOT_REVERSIBLE = "Not reversible:"


def test_no_migration_of_a_release_was_edited():
    assert migrations.altered_since(__version__) == {}


def test_an_edit_and_a_removal_are_found(tmp_path, monkeypatch):
    monkeypatch.setattr(migrations, "RELEASED", tmp_path)
    now = migrations.digests()
    migrations.write("1.0.0")
    assert migrations.released() == {"1.0.0": now}
    assert migrations.altered(now, now | {"commitments/migrations/0009_later.py": "0" * 64}) == []
    first, *others = now
    assert migrations.altered(now, now | {first: "0" * 64}) == [first]
    assert migrations.altered(now, {name: now[name] for name in others}) == [first]


def test_an_edit_is_found_in_every_release_but_the_one_that_is_being_made(tmp_path, monkeypatch):
    """Keeping what a later release has must not hide what an earlier one had."""
    monkeypatch.setattr(migrations, "RELEASED", tmp_path)
    edited, *_others = now = migrations.digests()
    migrations.write("1.0.0")
    monkeypatch.setattr(migrations, "digests", lambda: now | {edited: "0" * 64})
    migrations.write("1.1.0")
    assert migrations.altered_since("1.1.0") == {"1.0.0": [edited]}
    assert migrations.altered_since("1.0.0") == {}


def test_all_is_kept_of_every_release_and_nothing_else():
    found = set(migrations.RELEASED.glob("*"))
    assert found
    assert found == {kept(version) for version in migrations.released() for kept in KEPT}


def not_reversible(module):
    operations = module.Migration.operations
    return [operation for operation in operations if not operation.reversible]


@pytest.mark.parametrize("path", sorted(map(str, migrations.digests())))
def test_a_migration_can_be_taken_back_or_says_why_not(path):
    module = import_module(path.removesuffix(".py").replace("/", "."))
    said = NOT_REVERSIBLE in (module.__doc__ or "")
    assert bool(not_reversible(module)) == said


def test_no_formatter_rewrites_a_migration():
    """`make format` would change what was released, and `make check` refuse what Django writes."""
    ruff = Path(sys.executable).with_name("ruff")
    read = subprocess.check_output([ruff, "check", "--show-files", "."], text=True)
    assert str(Path("commitments/models/__init__.py").resolve()) in read
    assert str(migrations.FOLDER.resolve()) not in read
