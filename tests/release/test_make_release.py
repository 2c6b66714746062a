"""`make release` refuses what cannot be built again or upgraded later, and hands out what can be
verified."""

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tools import migrations, release

pytestmark = pytest.mark.alike

CHANGELOG = "# Changelog\n\n## [Unreleased]\n\n## [1.2.0] - 2027-01-02\n\n### Added\n\n- Add it.\n"

KEPT = (release.frozen_database, release.frozen_promises)


def git(*arguments):
    name = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *name, *arguments], check=True, capture_output=True)


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A repository in which version 1.2.0 can be released."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    shutil.copytree(Path(__file__).parents[2] / migrations.FOLDER, migrations.FOLDER)
    for pycache in tmp_path.rglob("__pycache__"):
        shutil.rmtree(pycache)
    Path("CHANGELOG.md").write_text(CHANGELOG)
    migrations.write()
    for kept in KEPT:
        kept("1.2.0").touch()
    git("init", "--quiet")
    save()
    return tmp_path


def save():
    git("add", "--all")
    git("commit", "--quiet", "--allow-empty", "--message", "Change it")


def refused(version="1.2.0"):
    return " ".join(release.refusals(version))


def test_what_is_ready_is_not_refused(checkout):
    assert refused() == ""


def test_a_version_that_is_being_made_is_refused(checkout):
    assert "one that is still being made" in refused("1.3.0.dev0")


@pytest.mark.parametrize("name", ["CHANGELOG.md", "new.txt"])
def test_what_is_not_committed_is_refused(checkout, name):
    Path(name).write_text(f"{CHANGELOG}more\n")
    assert "not committed" in refused()


def test_a_version_that_has_a_tag_is_refused(checkout):
    git("tag", "v1.2.0")
    assert "v1.2.0 was released already" in refused()


@pytest.mark.parametrize("name", ["CHANGELOG.md", "SECURITY.md"])
def test_a_file_that_says_that_nothing_was_released_is_refused(checkout, name):
    before = Path(name).read_text() if Path(name).exists() else ""
    Path(name).write_text(f"{before}\nNothing has been released yet. Wait.\n")
    save()
    assert f"{name} still says “Nothing has been released yet”" in refused()


@pytest.mark.parametrize(
    "heading",
    ["", "## [1.2.0]\n\n- Add it.", "## [1.2.0] - 2027-01-02\n", "## [1.1.0] - 2026-01-02"],
)
def test_a_version_without_a_section_of_the_changelog_is_refused(checkout, heading):
    Path("CHANGELOG.md").write_text(f"# Changelog\n\n## [Unreleased]\n\n{heading}\n")
    save()
    assert "no section “## [1.2.0] - YYYY-MM-DD”" in refused()


def test_a_migration_that_is_not_kept_is_refused(checkout):
    (migrations.FOLDER / "0009_later.py").write_text("")
    save()
    assert "make freeze" in refused()


@pytest.mark.parametrize("kept", KEPT)
def test_a_version_without_a_database_or_its_promises_is_refused(checkout, kept):
    kept("1.2.0").unlink()
    save()
    assert "make freeze" in refused()


def test_the_digests_are_those_of_the_files_and_can_be_signed(tmp_path):
    (tmp_path / "a.whl").write_bytes(b"wheel")
    (tmp_path / "b.tar.gz").write_bytes(b"sources")
    # hatchling leaves one.
    (tmp_path / ".gitignore").touch()
    release.write_sums(tmp_path)
    lines = (tmp_path / release.SUMS).read_text().splitlines()
    assert lines == [
        f"{hashlib.sha256(b'wheel').hexdigest()}  a.whl",
        f"{hashlib.sha256(b'sources').hexdigest()}  b.tar.gz",
    ]
    check = ["sha256sum", "--check", "--quiet", release.SUMS]
    subprocess.run(check, cwd=tmp_path, check=True)

    keys = tmp_path / "keys"
    keys.mkdir()
    key = keys / "release"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    release.sign(tmp_path, str(key))
    (keys / "allowed").write_text(f"release {key.with_suffix('.pub').read_text()}")
    signature = tmp_path / f"{release.SUMS}.sig"
    verify = ["ssh-keygen", "-Y", "verify", "-f", keys / "allowed", "-I", "release"]
    verify += ["-n", release.NAMESPACE, "-s", signature]
    for content, good in ((lines, True), (lines[:1], False)):
        sent = "".join(f"{line}\n" for line in content).encode()
        done = subprocess.run(verify, input=sent, capture_output=True, check=False)
        assert (done.returncode == 0) is good


def made(target, *variables):
    """Return what make would run."""
    return subprocess.check_output(["make", "--dry-run", target, *variables], text=True)


def test_make_adds_a_migration_once_there_is_a_release(tmp_path):
    released = tmp_path / "migrations.sha256"
    absent = made("migration", f"RELEASED={released}")
    released.touch()
    there = made("migration", f"RELEASED={released}", "NAME=rating")
    assert "rm 0001_initial.py" in absent
    assert "rm 0001_initial.py" not in there
    assert re.search(r"makemigrations commitments --no-header --name rating", there)
