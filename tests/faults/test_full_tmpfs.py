"""A disk of a served site is full, a small one in memory: whoever writes gets 507 (or 503, if not
even SQLite can begin), nothing partial stays, and work goes on once there is room."""

import hashlib
import os
import shutil
import subprocess
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
import requests
from django.db import connection as suite

from tests.faults.served_site import WORKERS, ServedSite, served_site
from tests.files.sample_files import pdf
from tests.workflow.race_track import new_database

FILE_BYTES = 200_000
UPLOADS = 24
CALLERS = 4
PAGES = ("/en/", "/en/EAST/", "/en/EAST/commitments/1.1/", "/api/v1/updates/", "/api/v1/evidence/")


def may_mount():
    """Return whether this process is root and may mount."""
    if os.getuid() != 0 or shutil.which("unshare") is None:
        return False
    tried = ["unshare", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"]
    return subprocess.run(tried, check=False, capture_output=True).returncode == 0


pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not may_mount(), reason="needs root that may mount"),
]


@contextmanager
def small_disk(folder, megabytes):
    """Mount a disk in memory on a folder; yield `resize(megabytes)`."""
    folder.mkdir(exist_ok=True)

    def mount(*options):
        subprocess.run(["mount", "-t", "tmpfs", *options, "none", folder], check=True)

    mount("-o", f"size={megabytes}m,mode=700")
    try:
        yield lambda size: mount("-o", f"remount,size={size}m")
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def draft(site, number, reference):
    update = {
        "commitment": "EAST-1.1",
        "effective_on": "2024-05-01",
        "event_type": "statement",
        "summary": {"en": "A statement was made. " * 200},
        "external_ref": reference,
    }
    return site.caller(f"reporter-{number}").post(site.url("updates/"), json=update, timeout=60)


def add_file(site, number, address):
    """Add a file of its own to an update; return the answer and the digest."""
    content = pdf(trailer=f"/Note({os.urandom(FILE_BYTES // 2).hex()})")
    answer = site.caller(f"reporter-{number}").post(
        f"{address}files/",
        data={"title": "Minutes", "kind": "report", "source": "independent"},
        files={"file": ("minutes.pdf", content, "application/pdf")},
        timeout=60,
    )
    return answer, hashlib.sha256(content).hexdigest()


def stored(site):
    """Return the digests of the files that are in the folder of evidence, in whole or in part."""
    files = [path for path in site.evidence.rglob("*") if path.is_file()]
    return Counter(hashlib.sha256(path.read_bytes()).hexdigest() for path in files)


def pages_answer(site):
    for path in PAGES:
        assert requests.get(site.host + path, timeout=60).status_code == 200, path


def test_files_find_no_room_then_pages_go_on_and_so_do_files_once_there_is(tmp_path, capsys):
    with (
        new_database(suite.vendor, tmp_path) as address,
        small_disk(tmp_path / "evidence", 3) as resize,
        served_site(address, tmp_path) as site,
    ):
        update = {n + 1: draft(site, n + 1, f"d-{n}").headers["Location"] for n in range(CALLERS)}

        def add(place):
            number = place % CALLERS + 1
            return add_file(site, number, update[number])

        with ThreadPoolExecutor(CALLERS) as pool:
            answers = list(pool.map(add, range(UPLOADS)))
        statuses = Counter(answer.status_code for answer, _digest in answers)
        with capsys.disabled():
            print(f"\n  {UPLOADS} files of {FILE_BYTES} bytes into 3 MB: {dict(statuses)}")
        assert statuses.keys() == {201, 507}
        refused = next(answer for answer, _digest in answers if answer.status_code == 507)
        assert refused.json()["type"].endswith("/disk-full/")
        kept = Counter(digest for answer, digest in answers if answer.status_code == 201)
        assert stored(site) == kept
        form_says_so(site)
        assert stored(site) == kept
        pages_answer(site)
        # Writing without a file still works.
        assert draft(site, 1, "without-a-file").status_code == 201
        resize(16)
        answer, digest = add(0)
        assert answer.status_code == 201
        assert stored(site) == kept + Counter([digest])
        rows = site.rows("SELECT file_sha256 FROM commitments_evidence WHERE file <> ''")
        assert Counter(row["file_sha256"] for row in rows) == kept + Counter([digest])
        assert site.run("manage.py", "verify_ledger").startswith("No difference in ")


def test_readers_are_served_though_the_cache_is_on_the_full_disk_too(tmp_path, capsys):
    """As `deploy/site.env` has it."""
    disk = tmp_path / "disk"
    with (
        new_database(suite.vendor, tmp_path) as address,
        small_disk(disk, 3),
        served_site(
            address,
            tmp_path,
            f"filecache://{disk}/cache",
            EVIDENCE_DIR=str(disk / "evidence"),
            API_RATE="1000/hour",
        ) as site,
    ):
        update = draft(site, 1, "before").headers["Location"]
        fill(disk / "filler")
        # None of them was asked for before, so none is cached.
        pages_answer(site)
        assert add_file(site, 1, update)[0].status_code == 507
        # Programs write what has no file, until a failure cannot be counted.
        assert draft(site, 1, "without-a-file").status_code == 201
        refused = [site.guess() for _number in range(2 * WORKERS)]
        assert {answer.status_code for answer in refused} == {503}
        assert {answer.headers["Retry-After"] for answer in refused} == {"5"}
        pages_answer(site)
        parts = requests.get(f"{site.host}/readyz", timeout=60).json()["parts"]
        assert (parts["cache"], parts["storage"]) == ("warning", "failed")
        (disk / "filler").unlink()
        answers = [site.guess() for _number in range(2 * WORKERS)]
        assert {answer.status_code for answer in answers} == {200}
        assert add_file(site, 1, update)[0].status_code == 201
        said = [line for line in site.log.read_text().splitlines() if "CACHE_URL" in line]
        # Far fewer than requests: once a minute for each use of the cache in a process.
        assert 0 < len(said) <= 6 * WORKERS
        for consequence in ("readers are served without it", "nobody can sign in"):
            assert any(consequence in line for line in said)
    with capsys.disabled():
        print(f"\n  a full disk of cache and evidence: {len(said)} lines about it in the log")


def form_says_so(site):
    """A form with a file gets 507 too, and the page keeps what was typed."""
    content = pdf(trailer=f"/Note({os.urandom(FILE_BYTES).hex()})")
    answer = requests.post(
        f"{site.host}/admin/log/EAST-1.1/",
        data={
            "csrfmiddlewaretoken": "x" * 32,
            "summary_en": "Written for an hour.",
            "evidence-TOTAL_FORMS": "0",
            "evidence-INITIAL_FORMS": "0",
            "add": "1",
        },
        files={"files": ("minutes.pdf", content, "application/pdf")},
        cookies={"sessionid": site.sessions()["reporter-1"], "csrftoken": "x" * 32},
        timeout=60,
    )
    assert answer.status_code == 507
    assert 'value="Written for an hour."' in answer.text


def fill(path):
    """Fill the disk to its last byte."""
    with path.open("wb", buffering=0) as file:
        try:
            while file.write(b"x" * 4096):
                pass
        except OSError:
            return


@pytest.mark.skipif(suite.vendor != "sqlite", reason="PostgreSQL's disk is that of its server")
def test_a_database_without_room_refuses_what_is_written_and_goes_on_once_there_is(
    tmp_path, capsys
):
    folder = tmp_path / "database"
    with small_disk(folder, 24):
        site = ServedSite(f"sqlite:///{folder / 'site.sqlite3'}", tmp_path)
        site.set_up()
        site.start()
        try:
            assert draft(site, 1, "before").status_code == 201
            fill(folder / "filler")
            answers = [draft(site, n % CALLERS + 1, f"full-{n}") for n in range(60)]
            statuses = Counter(answer.status_code for answer in answers)
            # SQLite creates a small file even for reading, so pages may get 503 too.
            read = {requests.get(site.host + path, timeout=60).status_code for path in PAGES}
            assert read <= {200, 503}
            (folder / "filler").unlink()
            pages_answer(site)
            after = [draft(site, n % CALLERS + 1, f"after-{n}") for n in range(CALLERS)]
            assert [answer.status_code for answer in after] == [201] * CALLERS
            with capsys.disabled():
                print(
                    f"\n  60 drafts without room for the database: {dict(statuses)}; pages: {read}"
                )
            assert statuses.keys() <= {201, 503, 507}
            assert statuses[201] < 60
            accepted = {
                f"full-{n}" for n, answer in enumerate(answers) if answer.status_code == 201
            }
            rows = site.rows("SELECT external_ref FROM commitments_progressupdate")
            found = {row["external_ref"] for row in rows}
            assert found == accepted | {"before"} | {f"after-{n}" for n in range(CALLERS)}
            assert site.rows("PRAGMA integrity_check") == [{"integrity_check": "ok"}]
            assert site.run("manage.py", "verify_ledger").startswith("No difference in ")
        finally:
            site.stop()
