"""Archives that somebody made by hand, of somebody who trusts them too easily: what is in them is
restored under its own names inside the storage, or not at all."""

import hashlib
import json
import os
import tarfile

import pytest

from commitments.exceptions import RestoreError
from commitments.operations.backup import archive as archives
from commitments.operations.backup import open_archive

pytestmark = [pytest.mark.alike, pytest.mark.usefixtures("other_key")]

DATABASE = ("database.sqlite3", b"SQLite format 3")
MINUTES = ("evidence/ab/minutes", b"%PDF-1.7")


@pytest.fixture
def other_key(settings):
    settings.SECRET_KEY = "another-key-" + "y" * 50


@pytest.fixture
def path(tmp_path):
    return tmp_path / "site.tar"


def forge(path, files, listed=None, frame=archives._framed, **changes):
    """Write an archive of these files, names and contents. The manifest lists them, unless `listed`
    are others; `changes` are other keys of it."""
    document = {
        "format": 1,
        "release": "0123456789abcdef",
        "made_at": "2026-07-01T10:00:00+00:00",
        "vendor": "sqlite",
        "migrations": [],
        "head": {"seq": 0, "hash": "0" * 64},
        "members": [
            {"name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in (files if listed is None else listed)
        ],
        "missing": [],
    } | changes
    write(path, json.dumps(document).encode(), b"".join(frame(*file) for file in files))


def write(path, manifest, members):
    path.write_bytes(archives._front(manifest) + members + archives.END)


def refusal(path):
    with pytest.raises(RestoreError) as refusal, open_archive(path, accept_foreign=True):
        pass
    return str(refusal.value)


def test_what_is_made_like_an_archive_is_one(path):
    forge(path, [DATABASE, MINUTES])
    with open_archive(path, accept_foreign=True) as archive:
        assert [member.name for member in archive.manifest.members] == [DATABASE[0], MINUTES[0]]


@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd",
        "../evidence/x",
        "evidence/../../x",
        "evidence//etc/passwd",
        "evidence/ab/../../x",
        "evidence/..",
        "evidence/.hidden",
        "evidence/ab/",
        "evidence/",
        "evidence/a\\..\\b",
        "evidence/a\nb",
        "evidence/a\0b",
        "evidence/名",
        "manifest.json",
        "other/x",
        "",
    ],
)
def test_a_name_outside_of_the_storage_is_refused(path, name):
    forge(path, [DATABASE, (name, b"x")])
    assert refusal(path) == f"The archive has a file with the name {name!r}."


@pytest.mark.parametrize(
    "files",
    [
        [],
        [MINUTES],
        [DATABASE, MINUTES, MINUTES],
        [("database.dump", b"PGDMP")],
        [("evidence/database.sqlite3", b"x")],
    ],
)
def test_an_archive_has_one_database_and_each_file_once(path, files):
    forge(path, files)
    assert refusal(path) == "The archive does not have one database, and each file once."


def test_a_second_database_is_refused(path):
    forge(path, [DATABASE, DATABASE])
    assert refusal(path) == "The archive has a file with the name 'database.sqlite3'."


@pytest.mark.parametrize(
    ("files", "listed"),
    [
        ([DATABASE, MINUTES], [DATABASE]),
        ([DATABASE], [DATABASE, MINUTES]),
        ([DATABASE, MINUTES], [DATABASE, ("evidence/ab/other", b"%PDF-1.7")]),
        ([DATABASE, MINUTES], [DATABASE, (MINUTES[0], b"%PDF-1.8")]),
        ([DATABASE, MINUTES, MINUTES], [DATABASE, MINUTES]),
    ],
)
def test_what_is_listed_is_what_is_there(path, files, listed):
    forge(path, files, listed)
    assert refusal(path).startswith("The archive is damaged")


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE]
)
def test_links_and_devices_are_refused(path, kind):
    def framed(name, content):
        info = tarfile.TarInfo(name)
        info.size, info.mode, info.type, info.linkname = len(content), 0o600, kind, "/etc/passwd"
        return info.tobuf(tarfile.PAX_FORMAT) + content + bytes(-len(content) % 512)

    forge(path, [DATABASE, MINUTES], frame=framed)
    assert refusal(path) == "The archive is damaged at database.sqlite3."


def member(**changes):
    return {"name": DATABASE[0], "size": 15, "sha256": "0" * 64} | changes


@pytest.mark.parametrize(
    "changes",
    [
        {"members": [member(size=-1)]},
        {"members": [member(size=1.5)]},
        {"members": [member(size=True)]},
        {"members": [member(size="15")]},
        {"members": [member(sha256="0" * 63)]},
        {"members": [member(sha256=None)]},
        {"members": [member(mode=0o777)]},
        {"members": [None]},
        {"members": None},
        {"head": None},
        {"head": {"seq": 1e999, "hash": ""}},
        {"made_at": "yesterday"},
        {"migrations": 7},
    ],
)
def test_a_manifest_of_another_shape_is_refused(path, changes):
    forge(path, [DATABASE], **changes)
    assert refusal(path) == "The manifest of the archive cannot be read."


@pytest.mark.parametrize(
    "manifest", [b"", b"{", b"[]", b"null", b"7", b"\xff", b"[" * 200_000, b'{"format": 1}']
)
def test_a_manifest_that_is_none_is_refused(path, manifest):
    write(path, manifest, archives._framed(*DATABASE))
    assert refusal(path) == "The manifest of the archive cannot be read."


def test_no_more_is_read_than_the_file_has(path):
    forge(path, [DATABASE], members=[member(size=10**18)])
    assert refusal(path).startswith("The archive is damaged or incomplete: it has 4096 bytes inst")


def test_a_manifest_longer_than_the_file_is_not_read(path):
    path.write_bytes(archives._header("manifest.json", 8**11 - 1) + b"{}")
    assert refusal(path) == "The file is no backup of a tracker, or is damaged."


def test_what_is_no_file_is_not_read(path, tmp_path):
    os.mkfifo(path)
    assert refusal(path) == f"There is no file {path}."
    assert refusal(tmp_path) == f"There is no file {tmp_path}."
