"""A site as it is served: gunicorn with its processes on loopback, started again whenever its
master is gone, as systemd does; and its database, read without Django."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import requests
from django.db import connection as suite

from tests.workflow.race_track import ROOT, new_database, read_rows

WORKERS = 2
SECONDS_TO_START = 60


class ServedSite:
    """The site on the database at `address`, with `evidence` in a folder, where its cache is too
    unless it is at another address. `settings` are variables of the environment besides."""

    def __init__(self, address, folder, cache=None, **settings):
        self.address, self.evidence, self.settings = address, folder / "evidence", settings
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            bind = f"127.0.0.1:{free.getsockname()[1]}"
        self.host, self.log = f"http://{bind}", folder / "log"
        self.environment = {
            **os.environ,
            "DATABASE_URL": address,
            "EVIDENCE_DIR": str(self.evidence),
            "CACHE_URL": cache or f"filecache://{folder / 'cache'}",
            "BIND": bind,
            "WEB_WORKERS": str(WORKERS),
            "LOG_LEVEL": "WARNING",
            **settings,
        }
        self.serving = threading.Event()
        self.supervisor = threading.Thread(target=self._supervise, daemon=True)
        self.master = None

    def run(self, *arguments):
        command = [sys.executable, *arguments]
        return subprocess.check_output(command, cwd=ROOT, env=self.environment, text=True)

    def set_up(self):
        """Make the tables, two plans and their staff; keep their tokens and commitments."""
        self.run("manage.py", "migrate", "--verbosity", "0")
        self.commitments = json.loads(self.run("-m", "tests.workflow.race_world"))
        self.tokens = json.loads(self.run("-m", "tests.faults.tokens"))

    def beside(self, folder):
        """Return the same site on another host: with its database, evidence and cache."""
        other = ServedSite(self.address, folder, self.environment["CACHE_URL"], **self.settings)
        other.evidence = self.evidence
        other.environment["EVIDENCE_DIR"] = str(self.evidence)
        other.commitments, other.tokens = self.commitments, self.tokens
        return other

    # Processes

    def start(self):
        self.serving.set()
        self.supervisor.start()
        self.wait_until_up()

    def stop(self):
        self.serving.clear()
        self.master.terminate()
        self.supervisor.join()

    def _supervise(self):
        command = [sys.executable, "-m", "gunicorn", "--config", "python:tracker.gunicorn"]
        with self.log.open("ab") as log:
            while self.serving.is_set():
                self.master = subprocess.Popen(
                    [*command, "tracker.wsgi"],
                    cwd=ROOT,
                    env=self.environment,
                    stdout=log,
                    stderr=log,
                )
                self.master.wait()

    def wait_until_up(self):
        end = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < end:
            try:
                if requests.get(f"{self.host}/livez", timeout=5).ok:
                    return
            except requests.RequestException:
                time.sleep(0.05)
        raise AssertionError("the site does not come back:\n" + self.log.read_text()[-3000:])

    def workers(self):
        """Return the ids of the processes that the master has started."""
        path = Path(f"/proc/{self.master.pid}/task/{self.master.pid}/children")
        try:
            return [int(pid) for pid in path.read_text().split()]
        except OSError:
            return []

    def kill(self, pid):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True

    # Requests

    def caller(self, name):
        """Return a session of a program with the token of a person."""
        session = requests.Session()
        session.headers["Authorization"] = f"Token {self.tokens[name]}"
        return session

    def sessions(self):
        """Return the key of a session of each person."""
        return json.loads(self.run("-m", "tests.faults.sessions"))

    def url(self, path):
        return f"{self.host}/api/v1/{path}"

    def guess(self):
        """Send the form to sign in, each time with another name that nobody has."""
        sent = {"username": secrets.token_hex(8), "password": "guess"}
        sent["csrfmiddlewaretoken"] = "x" * 32
        cookies = {"csrftoken": "x" * 32}
        return requests.post(f"{self.host}/admin/login/", sent, cookies=cookies, timeout=60)

    # The database

    def rows(self, query):
        return read_rows(self.address, query)


@contextmanager
def served_site(address, folder, cache=None, **settings):
    site = ServedSite(address, folder, cache, **settings)
    site.set_up()
    site.start()
    try:
        yield site
    finally:
        site.stop()


@contextmanager
def new_site(folder):
    """Serve a site on a new database of the kind that the tests run on."""
    with new_database(suite.vendor, folder) as address, served_site(address, folder) as site:
        yield site
