"""The script with which cron makes backups, as docs/backup.md shows it, with stand-ins for `backup`
and `age`."""

import os
import re
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.alike

# manage.py backup FILE
PYTHON = """#!/bin/sh
[ "$CODE" = 1 ] || echo archive >"$3"
exit "$CODE"
"""
# age --recipient KEY --output FILE.age FILE
AGE = """#!/bin/sh
echo encrypted >"$4"
"""


@pytest.fixture
def backups(tmp_path):
    folder = tmp_path / "backups"
    folder.mkdir()
    old = folder / "2026-01-01.tar.age"
    old.touch()
    os.utime(old, (0, 0))
    return folder


def ended_with(code, tmp_path):
    """Run the script where `backup` ends with a code, and return its own exit code."""
    page = Path("docs/backup.md").read_text()
    [script] = re.findall(r"```sh\n(#!/bin/sh\n.*?)```", page, re.DOTALL)
    script = script.replace("/srv/tracker", str(tmp_path))
    script = script.replace("/var/lib/tracker/backups", str(tmp_path / "backups"))
    for name, text in ((".venv/bin/python", PYTHON), ("bin/age", AGE), ("backup.sh", script)):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(0o700)
    environment = {"PATH": f"{tmp_path}/bin:{os.environ['PATH']}", "CODE": code}
    return subprocess.run([tmp_path / "backup.sh"], env=environment, check=False).returncode


def kept(folder):
    """Return the names of the files, without that of the old archive, and whether it is there."""
    names = {path.name for path in folder.iterdir()}
    old = "2026-01-01.tar.age"
    return sorted(re.sub(r"^[0-9-]{10}", "", name) for name in names - {old}), old in names


def test_a_whole_archive_is_encrypted_and_replaces_old_ones(backups, tmp_path):
    assert ended_with("0", tmp_path) == 0
    assert kept(backups) == ([".tar.age"], False)


def test_an_archive_without_a_file_is_encrypted_and_old_ones_stay(backups, tmp_path):
    assert ended_with("3", tmp_path) == 3
    assert kept(backups) == ([".tar.age"], True)


def test_without_an_archive_old_ones_stay(backups, tmp_path):
    assert ended_with("1", tmp_path) == 1
    assert kept(backups) == ([], True)
