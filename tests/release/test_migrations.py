"""Migrations of a release are never edited; later ones can be taken back, or say why not."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from tools import migrations

pytestmark = pytest.mark.alike

NOT_REVERSIBLE = "Not reversible:"


def test_no_migration_of_a_release_was_edited():
    assert migrations.altered(migrations.released(), migrations.digests()) == []


def test_an_edit_and_a_removal_are_found(tmp_path):
    path = tmp_path / "migrations.sha256"
    migrations.write(path)
    now = migrations.digests()
    assert migrations.released(path) == now
    assert migrations.altered(now, now | {"commitments/migrations/0009_later.py": "0" * 64}) == []
    first, *others = now
    assert migrations.altered(now, now | {first: "0" * 64}) == [first]
    assert migrations.altered(now, {name: now[name] for name in others}) == [first]


def test_there_are_digests_from_the_first_release_on():
    databases = list(migrations.RELEASED.glob("*.json.gz"))
    assert bool(databases) == bool(migrations.released())


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
