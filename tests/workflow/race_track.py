"""A separate database with the rows of `tests.workflow.race_world`, and racers that work on it.

It is on the same system as the suite's database: an SQLite file, or another database of the same
PostgreSQL server.
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

from tests.workflow import race_audit

ROOT = Path(__file__).parents[2]
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
    """`tracks()` returns the track of the module, or a new one after a test has failed on it."""
    with ExitStack() as stack:
        current = []

        def track():
            if not current or not current[-1].audited:
                stack.close()
                folder = tmp_path_factory.mktemp("race")
                current.append(stack.enter_context(new_track(suite.vendor, folder)))
            return current[-1]

        yield track


@pytest.fixture
def track(tracks):
    return tracks()


def attempt(by, action, row, expected="current", **more):
    """Return an attempt on the update of `row`, the result of an earlier attempt.

    `expected` is the revision as `tests.workflow.racer` takes it, or "as set up" for that of `row`.
    """
    revision = row["revision"] if expected == "as set up" else expected
    return {
        "by": by,
        "action": action,
        "update": row["update"],
        "expected_revision": revision,
    } | more


def accepted(results):
    return [result for result in results if result["outcome"] == "accepted"]


def refused(results):
    return [result for result in results if result["outcome"] == "refused"]


@contextmanager
def new_database(vendor, folder):
    """Create an empty database and yield its URL."""
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
def writer(address):
    """Hold the lock that every writer needs."""
    if address.startswith("sqlite"):
        with closing(sqlite3.connect(address.removeprefix("sqlite:///"))) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield
        return
    with psycopg.connect(address) as connection:
        connection.execute("LOCK TABLE auth_user, commitments_plan, django_session")
        yield


def programs_on(address, log_level="ERROR"):
    """Return the environment of programs that use this database, and `run(*arguments)`, which runs
    Python there and returns its output."""
    environment = {**os.environ, "DATABASE_URL": address, "LOG_LEVEL": log_level}

    def run(*arguments):
        command = [sys.executable, *arguments]
        return subprocess.check_output(command, cwd=ROOT, env=environment, text=True)

    return environment, run


@contextmanager
def new_track(vendor, folder):
    """Migrate and fill a new database, start the racers, and yield the track."""
    with new_database(vendor, folder) as address:
        environment, run = programs_on(address, "WARNING")

        def manage(*arguments):
            return run("manage.py", *arguments)

        manage("migrate", "--verbosity", "0")
        commitments = json.loads(run("-m", "tests.workflow.race_world"))
        racers = [
            subprocess.Popen(
                [sys.executable, "-m", "tests.workflow.racer"],
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
    """A database and the racers that work on it.

    `log` holds every attempt together with its result. `audited`: there was no attempt since the
    last successful audit. `overlap_count` counts the runs since then that overlapped. `manage` runs
    a command of `manage.py`.
    """

    def __init__(self, address, racers, commitments, manage):
        self.address, self.racers, self.commitments = address, racers, commitments
        self.manage = manage
        self.log, self.audited, self.overlap_count = [], True, 0

    # Races

    def race(self, *lists):
        """Run each list of attempts in a racer of its own, all at the same time.

        Return the attempts, together with their results, in one list.
        """
        self.audited = False
        running = list(zip(self.racers, lists, strict=False))
        assert len(running) == len(lists), "more lists than racers"
        for racer, attempts in running:
            send(racer, attempts)
        for racer, _attempts in running:
            assert receive(racer) == "ready"
        # Several racers need time to read the start time; a single one need not wait.
        start = time.time() + (0.05 if len(running) > 1 else 0)
        for racer, _attempts in running:
            send(racer, start)
        runs = [[item | receive(racer) for item in attempts] for racer, attempts in running]
        self.overlap_count += count_overlaps(runs)
        results = [result for run in runs for result in run]
        self.log += results
        errors = [result["error"] for result in results if result["outcome"] == "error"]
        assert errors == [], "\n".join(errors)
        return results

    def run_alone(self, attempts):
        """Run attempts in one racer, all of which must be accepted; return their results."""
        results = self.race(attempts)
        assert refused(results) == []
        return results

    # Preparing a race: many updates at a time; each method returns the results

    def drafts(self, *commitments, by="reporter-1", **fields):
        fields = {"effective_on": "2024-05-01", "summary": "As submitted."} | fields
        return self.run_alone(
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

    def perform(self, updates, action, by, note=""):
        return self.run_alone([attempt(by, action, row, note=note) for row in updates])

    def submitted(self, *commitments, by="reporter-1", **fields):
        return self.perform(self.drafts(*commitments, by=by, **fields), "submit", by)

    def published(self, *commitments, by="reporter-1", **fields):
        submitted = self.submitted(*commitments, by=by, **fields)
        return self.perform(submitted, "publish", "reviewer-1")

    # Reading the database without Django

    def rows(self, query):
        return read_rows(self.address, query)

    def update(self, row):
        query = f"SELECT * FROM commitments_progressupdate WHERE id = {row['update']}"
        (update,) = self.rows(query)
        return update

    def audit(self):
        """Check all invariants, and that racers did run at the same time."""
        assert self.overlap_count > 0, "no two racers ever ran at the same time"
        race_audit.check(self.rows, self.log)
        self.audited, self.overlap_count = True, 0


def read_rows(address, query):
    """Return the rows of a query as dictionaries, read without Django."""
    if address.startswith("sqlite"):
        path = address.removeprefix("sqlite:///")
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(query)]
    with psycopg.connect(address, row_factory=dict_row) as connection:
        return connection.execute(query).fetchall()


def send(racer, message):
    racer.stdin.write(json.dumps(message) + "\n")
    racer.stdin.flush()


def receive(racer):
    line = racer.stdout.readline()
    assert line, "a racer has died"
    return json.loads(line)


def count_overlaps(runs):
    """Return how many runs started before the preceding one had ended."""
    times = sorted((run[0]["started"], run[-1]["ended"]) for run in runs if run)
    return sum(later[0] < earlier[1] for earlier, later in pairwise(times))
