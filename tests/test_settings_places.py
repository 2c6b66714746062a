"""Where private files may be: never among files for everybody, and where they can be written."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.checks import run_checks

from commitments.operations.static_files import STATIC_FOLDER

pytestmark = pytest.mark.alike

SOURCE = "static files of the source"
NOBODY = 65534


def found():
    """Return the checks of our own that fail, each with the sentence."""
    ours = [row for row in run_checks() if row.id.startswith("commitments.")]
    return {row.id: row.msg for row in ours}


@pytest.fixture
def place(settings, monkeypatch):
    """`place(name, path)` has the setting name a place."""

    def put(name, path):
        if name == "LEDGER_KEY":
            settings.LEDGER_KEY = str(path)
        elif name == "EVIDENCE_DIR":
            options = {"OPTIONS": {"location": str(path)}}
            settings.STORAGES = settings.STORAGES | {"evidence": options}
        elif name == "CACHE_URL":
            cache = {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache"}
            settings.CACHES = settings.CACHES | {"counts": cache | {"LOCATION": str(path)}}
        else:
            database = settings.DATABASES["default"]
            monkeypatch.setitem(database, "ENGINE", "django.db.backends.sqlite3")
            monkeypatch.setitem(database, "NAME", str(path))

    return put


NAMES = ("EVIDENCE_DIR", "DATABASE_URL", "LEDGER_KEY", "CACHE_URL")


@pytest.mark.parametrize("name", NAMES)
def test_nothing_private_is_in_the_folder_of_collected_files(settings, place, tmp_path, name):
    static = tmp_path / "static"
    static.mkdir()
    settings.STATIC_ROOT = str(static)
    place(name, static / "private")
    sentence = f"{name} ({static}/private) and STATIC_ROOT ({static}) share a folder."
    assert found() == {"commitments.E002": sentence}
    place(name, tmp_path / "private")
    assert found() == {}


@pytest.mark.parametrize("collected", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_nothing_private_is_among_static_files_of_the_source(
    settings, place, tmp_path, name, collected
):
    settings.STATIC_ROOT = str(tmp_path) if collected else None
    private = STATIC_FOLDER / f"private-{name}-{collected}"
    place(name, private)
    sentence = f"{name} ({private}) and {SOURCE} ({STATIC_FOLDER}) share a folder."
    try:
        assert found() == {"commitments.E002": sentence}
    finally:
        # Looking at the folder of a cache makes it.
        if private.exists():
            private.rmdir()


def test_a_link_that_leads_among_static_files_is_followed(settings, place, tmp_path):
    settings.STATIC_ROOT = str(tmp_path / "static")
    (tmp_path / "static").mkdir()
    (tmp_path / "apart").symlink_to(tmp_path / "static")
    place("DATABASE_URL", tmp_path / "apart" / "db.sqlite3")
    assert list(found()) == ["commitments.E002"]


@pytest.mark.parametrize("name", [":memory:", "file:site?mode=memory&cache=shared"])
def test_a_database_in_memory_has_no_place(place, name):
    place("DATABASE_URL", name)
    assert found() == {}


def test_a_folder_of_the_database_that_is_not_there_is_named(place, tmp_path):
    place("DATABASE_URL", tmp_path / "nowhere" / "db.sqlite3")
    named = f"DATABASE_URL ({tmp_path}/nowhere/db.sqlite3)"
    sentence = f"{named} is in a folder that does not exist or cannot be written."
    assert found() == {"commitments.E021": sentence}


def closed(monkeypatch, path):
    """Make a path inaccessible to this user, even if the user is root, whom permissions do not
    stop."""
    access = os.access
    monkeypatch.setattr(os, "access", lambda file, mode: file != path and access(file, mode))


def test_a_folder_of_the_database_that_cannot_be_written_is_named(place, tmp_path, monkeypatch):
    place("DATABASE_URL", tmp_path / "db.sqlite3")
    closed(monkeypatch, tmp_path)
    assert list(found()) == ["commitments.E021"]


def test_a_folder_of_evidence_that_cannot_be_written_stops_no_server(place, tmp_path, monkeypatch):
    place("EVIDENCE_DIR", tmp_path / "evidence")
    closed(monkeypatch, tmp_path)
    sentence = f"EVIDENCE_DIR ({tmp_path}/evidence) cannot be written, so no evidence is stored."
    assert found() == {"commitments.W003": sentence}
    assert not [message.id for message in run_checks() if message.is_serious()]


@pytest.fixture
def of_another(tmp_path):
    """A folder of a user who is not root."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    if not os.getuid():
        os.chown(folder, NOBODY, -1)
    return folder


@pytest.mark.parametrize("name", ["EVIDENCE_DIR", "DATABASE_URL"])
def test_root_is_told_as_whom_to_run_the_tracker(place, of_another, monkeypatch, name):
    place(name, of_another)
    owner = of_another.owner()
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    sentence = (
        f"{name} ({of_another}) belongs to {owner}, who cannot use the files that root makes."
    )
    assert found()["commitments.W036"] == sentence
    monkeypatch.setattr(os, "geteuid", lambda: of_another.stat().st_uid)
    assert "commitments.W036" not in found()


def test_root_may_run_a_tracker_of_its_own(place, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    place("EVIDENCE_DIR", tmp_path / "nowhere")
    assert found() == {}


def found_before_others_are_served():
    rows = run_checks(tags=["deployment"], include_deployment_checks=True)
    return {row.id: row.msg for row in rows}


def test_a_folder_of_the_cache_that_cannot_be_written_is_named(place, tmp_path, monkeypatch):
    place("CACHE_URL", tmp_path / "cache")
    assert "commitments.W032" not in found_before_others_are_served()
    closed(monkeypatch, tmp_path)
    sentence = f"CACHE_URL ({tmp_path}/cache) cannot be written, so nobody can sign in, and"
    assert found_before_others_are_served()["commitments.W032"].startswith(sentence)
    # Readers are served without it.
    assert found() == {}


def test_a_folder_of_the_ledger_key_that_is_not_there_is_named(place, tmp_path):
    place("LEDGER_KEY", tmp_path / "nowhere" / "ledger.key")
    named = f"LEDGER_KEY ({tmp_path}/nowhere/ledger.key)"
    sentence = f"{named} can neither be read nor made, so nothing is signed."
    assert found() == {"commitments.W023": sentence}


def test_a_ledger_key_that_can_only_be_read_is_taken(place, tmp_path, monkeypatch):
    """As container engines mount secrets."""
    key = tmp_path / "ledger.key"
    key.touch(mode=0o400)
    place("LEDGER_KEY", key)
    access = os.access
    monkeypatch.setattr(os, "access", lambda file, mode: not mode & os.W_OK and access(file, mode))
    assert "commitments.W023" not in found()


def test_a_ledger_key_that_can_neither_be_read_nor_made_is_named(place, tmp_path, monkeypatch):
    key = tmp_path / "ledger.key"
    place("LEDGER_KEY", key)
    assert found() == {}
    closed(monkeypatch, tmp_path)
    sentence = f"LEDGER_KEY ({key}) can neither be read nor made, so nothing is signed."
    assert found() == {"commitments.W023": sentence}
    # Where it is there, its folder need not be open.
    key.touch(mode=0o600)
    assert found() == {}
    closed(monkeypatch, key)
    assert list(found()) == ["commitments.W023"]


@pytest.mark.long
def test_the_server_does_not_start_with_a_key_that_it_would_give_out(tmp_path):
    key = Path(STATIC_FOLDER) / "ledger.key"
    environment = os.environ | {"SECRET_KEY": "".join(map(chr, range(33, 90)))}
    started = subprocess.run(
        [sys.executable, "-c", "import tracker.wsgi"],
        env=environment | {"LEDGER_KEY": str(key)},
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert started.returncode != 0
    assert f"LEDGER_KEY ({key}) and {SOURCE}" in started.stderr
