"""A drill: backups are made while others publish, the site is destroyed, and everything that was
acknowledged before a backup began is restored from it."""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from django.db import connection as suite

from tests.workflow.race_track import ROOT, new_database

WRITERS = 4
BACKUPS = 3
# How many more publications are awaited before each backup.
PUBLICATIONS = 40
TIMEOUT_SECONDS = 300
PUBLISHED_FILES = """
    SELECT update_id, file, file_sha256 FROM commitments_evidence
    JOIN commitments_progressupdate AS u ON u.id = update_id
    WHERE file <> '' AND u.state = 'published'
"""


class Drill:
    """A site whose commands run in processes of their own."""

    def __init__(self, address, folder):
        self.address, self.folder, self.evidence = address, folder, folder / "evidence"
        self.environment = {
            **os.environ,
            "DATABASE_URL": address,
            "EVIDENCE_DIR": str(self.evidence),
            "LOG_LEVEL": "WARNING",
        }

    def run(self, *arguments):
        command = [sys.executable, *map(str, arguments)]
        return subprocess.check_output(command, cwd=ROOT, env=self.environment, text=True)

    def manage(self, *arguments):
        return self.run("manage.py", *arguments)

    def start_writer(self, number, commitment):
        people = [f"reporter-{number}", f"reviewer-{number}"]
        with (self.folder / f"writer-{number}").open("w") as output:
            return subprocess.Popen(
                [sys.executable, "-m", "tests.operations.backup.writer", *people, str(commitment)],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=output,
            )

    def acknowledged(self):
        """Return the publications that the writers have printed so far."""
        return [
            json.loads(line)
            for path in self.folder.glob("writer-*")
            for line in path.read_text().splitlines(keepends=True)
            if line.endswith("\n")
        ]

    def wait_for(self, number):
        end = time.monotonic() + TIMEOUT_SECONDS
        while len(self.acknowledged()) < number:
            assert time.monotonic() < end, "the writers are too slow"
            time.sleep(0.05)

    def destroy(self):
        shutil.rmtree(self.evidence)
        if suite.vendor == "sqlite":
            for path in self.folder.glob("race.sqlite3*"):
                path.unlink()
        else:
            with psycopg.connect(self.address) as connection:
                connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")

    def published_files(self):
        """Return the digest of the file of each published update by its id. Each file has it."""
        if suite.vendor == "sqlite":
            with closing(sqlite3.connect(self.folder / "race.sqlite3")) as connection:
                rows = connection.execute(PUBLISHED_FILES).fetchall()
        else:
            with psycopg.connect(self.address) as connection:
                rows = connection.execute(PUBLISHED_FILES).fetchall()
        for _update, name, digest in rows:
            assert hashlib.sha256((self.evidence / name).read_bytes()).hexdigest() == digest
        return {update: digest for update, _name, digest in rows}


@pytest.mark.long
def test_nothing_acknowledged_before_a_backup_is_lost(tmp_path):
    with new_database(suite.vendor, tmp_path) as address:
        drill = Drill(address, tmp_path)
        drill.manage("migrate", "--verbosity", "0")
        commitments = json.loads(drill.run("-m", "tests.workflow.race_world"))
        duties = [commitments[code] for code in ("EAST-1.1", "EAST-1.2", "WEST-1.1", "WEST-1.2")]
        writers = [drill.start_writer(number, duty) for number, duty in enumerate(duties, 1)]
        try:
            backups = [back_up(drill, number) for number in range(1, BACKUPS + 1)]
            for writer in writers:
                writer.stdin.close()
            assert [writer.wait(TIMEOUT_SECONDS) for writer in writers] == [0] * WRITERS
        finally:
            for writer in writers:
                writer.kill()
                writer.wait()
        for path, began in backups:
            check_restored(drill, path, began)


def back_up(drill, number):
    """Make a backup while the writers go on; return its path and when it began."""
    drill.wait_for(number * PUBLICATIONS)
    path, began = drill.folder / f"{number}.tar", time.time()
    assert "files of evidence" in drill.manage("backup", path)
    meanwhile = [row for row in drill.acknowledged() if row["at"] > began]
    assert meanwhile, "nothing was published while the backup was made"
    return path, began


def check_restored(drill, path, began):
    everything = {row["update"]: row["sha256"] for row in drill.acknowledged()}
    before = {row["update"]: row["sha256"] for row in drill.acknowledged() if row["at"] < began}
    drill.destroy()
    assert "No difference in " in drill.manage("restore", path)
    assert "No difference in " in drill.manage("verify_ledger")
    restored = drill.published_files()
    lost = before.keys() - restored.keys()
    print(
        f"{Path(path).name}, {suite.vendor}: of {len(before)} publications acknowledged before the "
        f"backup began {len(lost)} lost; {len(restored) - len(before)} published meanwhile are in "
        f"it, {len(everything.keys() - restored.keys())} later ones are not"
    )
    assert not lost
    assert {update: restored[update] for update in before} == before
