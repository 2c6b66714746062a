"""A database of its own, with the world of `tests.race_world` in it, and the racers that run on it.

It is of the kind that the suite runs on: a file, or a further database of the same server.
"""

import json
import os
import secrets
import sqlite3
import subprocess
import sys
import time
from contextlib import ExitStack, closing, contextmanager
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import connection as suite
from psycopg.rows import dict_row

from tests import race_audit

ROOT = Path(__file__).parent.parent
RACERS = 8
REVIEWERS = [f"reviewer-{number}" for number in range(1, RACERS + 1)]
REPORT = {
    "title": "Report of an institute",
    "url": "https://example.org/report",
    "kind": "report",
    "source": "independent",
}


@pytest.fixture(scope="module")
def tracks(tmp_path_factory):
    """The current track. A test that failed spoils the one that it ran on: the next test gets a
    new one."""
    with ExitStack() as stack:
        current = []

        def track():
            if not current or not current[-1].sound:
                stack.close()
                folder = tmp_path_factory.mktemp("race")
                current.append(stack.enter_context(laid(suite.vendor, folder)))
            return current[-1]

        yield track


@pytest.fixture
def track(tracks):
    return tracks()


def attempt(by, action, row, seen="look", **more):
    """On an update that a racer told of. `seen` is what `tests.racer` takes, or "as set up": the
    revision that `row` tells."""
    shown = row["revision"] if seen == "as set up" else seen
    return {"by": by, "action": action, "update": row["update"], "seen": shown} | more


def yes(results):
    return [result for result in results if result["told"] == "yes"]


def no(results):
    return [result for result in results if result["told"] == "no"]


@contextmanager
def database(vendor, folder):
    """The address of a new database; triggers and all it holds are those of the migrations."""
    if vendor == "sqlite":
        yield f"sqlite:///{folder / 'race.sqlite3'}"
        return
    server, name = os.environ["DATABASE_URL"], f"race_{secrets.token_hex(6)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    try:
        yield urlsplit(server)._replace(path=f"/{name}").geturl()
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def laid(vendor, folder):
    """A track with its racers at the start."""
    with database(vendor, folder) as address:
        environment = {**os.environ, "DATABASE_URL": address, "LOG_LEVEL": "WARNING"}

        def run(*arguments):
            command = [sys.executable, *arguments]
            return subprocess.check_output(command, cwd=ROOT, env=environment, text=True)

        def manage(*arguments):
            return run("manage.py", *arguments)

        manage("migrate", "--verbosity", "0")
        commitments = json.loads(run("-m", "tests.race_world"))
        racers = [
            subprocess.Popen(
                [sys.executable, "-m", "tests.racer"],
                cwd=ROOT,
                env=environment,
                text=True,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            for _ in range(RACERS)
        ]
        try:
            yield Track(address, racers, commitments, manage)
        finally:
            for racer in racers:
                racer.kill()
                racer.communicate()


class Track:
    """`log` is every attempt that was ever made here, with its answer. `sound`: the last audit
    found nothing, and nothing has happened since. `manage` runs a command of `manage.py`."""

    def __init__(self, address, racers, commitments, manage):
        self.address, self.racers, self.commitments = address, racers, commitments
        self.manage = manage
        self.log, self.sound, self.together = [], True, 0

    # Races

    def race(self, *lists):
        """Each list of attempts by a racer of its own, all at once: the attempts, each with its
        answer, in one list."""
        self.sound = False
        running = list(zip(self.racers, lists, strict=False))
        assert len(running) == len(lists), "more lists than racers"
        for racer, attempts in running:
            tell(racer, attempts)
        for racer, _attempts in running:
            assert heard(racer) == "ready"
        # Time enough for all to hear of it; one alone need not wait.
        start = time.time() + (0.05 if len(running) > 1 else 0)
        for racer, _attempts in running:
            tell(racer, start)
        runs = [[tried | heard(racer) for tried in attempts] for racer, attempts in running]
        self.together += overlaps(runs)
        results = [result for run in runs for result in run]
        self.log += results
        errors = [result["error"] for result in results if result["told"] == "error"]
        assert errors == [], "\n".join(errors)
        return results

    def alone(self, attempts):
        """What one racer does undisturbed, and is told yes to."""
        results = self.race(attempts)
        refused = [result for result in results if result["told"] != "yes"]
        assert refused == [], refused
        return results

    # Steps towards a race, many updates at a time: ids and revisions of each

    def drafts(self, *commitments, by="reporter-1", **fields):
        fields = {"effective_on": "2024-05-01", "summary": "As submitted."} | fields
        return self.alone(
            [
                {
                    "by": by,
                    "action": "write",
                    "commitment": self.commitments[code],
                    "fields": fields,
                    "evidence": [REPORT],
                }
                for code in commitments
            ]
        )

    def acted(self, updates, action, by, note=""):
        return self.alone(
            [
                {"by": by, "action": action, "update": id_of(row), "seen": "look", "note": note}
                for row in updates
            ]
        )

    def submitted(self, *commitments, by="reporter-1", **fields):
        return self.acted(self.drafts(*commitments, by=by, **fields), "submit", by)

    def published(self, *commitments, by="reporter-1", **fields):
        waiting = self.submitted(*commitments, by=by, **fields)
        return self.acted(waiting, "publish", "reviewer-1")

    # Looking at the database, past Django

    def rows(self, query):
        if self.address.startswith("sqlite"):
            path = self.address.removeprefix("sqlite:///")
            with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
                connection.row_factory = sqlite3.Row
                return [dict(row) for row in connection.execute(query)]
        with psycopg.connect(self.address, row_factory=dict_row) as connection:
            return connection.execute(query).fetchall()

    def update(self, row):
        query = f"SELECT * FROM commitments_progressupdate WHERE id = {id_of(row)}"
        (found,) = self.rows(query)
        return found

    def audit(self):
        """Everything that must hold whatever came first; and that there was a race at all."""
        assert self.together > 0, "no two racers ever ran at the same time"
        race_audit.check(self.rows, self.log)
        self.sound, self.together = True, 0


def tell(racer, message):
    racer.stdin.write(json.dumps(message) + "\n")
    racer.stdin.flush()


def heard(racer):
    line = racer.stdout.readline()
    assert line, "a racer has died"
    return json.loads(line)


def id_of(row):
    return row["update"]


def overlaps(runs):
    """How many runs began before another, that began earlier, had ended."""
    times = sorted((run[0]["began"], run[-1]["ended"]) for run in runs if run)
    return sum(later[0] < earlier[1] for earlier, later in pairwise(times))
