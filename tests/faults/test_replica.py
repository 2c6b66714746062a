"""A site with a replica of its database: signed-in people read what they wrote, everybody else
reads a state that existed at some time, and nobody is refused while the replica is down."""

import time
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
import requests

from commitments.db import REPLICA_LAG
from tests.faults.proxy import NGINX, proxied
from tests.faults.served_site import served_site
from tests.faults.test_many_processes import publish
from tests.postgres import running_server

pytestmark = [
    pytest.mark.long,
    pytest.mark.postgres,
    pytest.mark.skipif(NGINX is None, reason="needs nginx"),
]

CHANGES = 20
# Prints the page on which somebody sets a password: opened first without a cookie, it writes one.
LINK = """
from django.contrib.auth.models import User
from commitments.admin.workbench.people import password_path
print(password_path(User.objects.get(username="reviewer-1")))
"""
SECONDS_TO_FOLLOW = 20
# Addresses of every kind that anybody may ask for.
PUBLIC = [
    "/",
    "/readyz",
    "/en/",
    "/en/EAST/",
    "/zh-hans/EAST/",
    "/en/EAST/commitments/",
    "/en/EAST/commitments/1.1/",
    "/en/EAST/time/",
    "/en/EAST/changes/",
    "/en/EAST/changes.atom",
    "/en/search/?q=forum",
    "/en/EAST/data/",
    "/en/ledger/",
    "/embed/en/EAST/commitments/1.1/",
    "/sitemap.xml",
    "/admin/login/",
    *(
        f"/api/v1/{path}"
        for path in [
            "",
            "plans/",
            "commitments/",
            "commitments/EAST-1.1/",
            "commitments/export/?format=csv",
            "updates/",
            "updates/export/?plan=EAST&format=csv",
            "evidence/",
            "status/?plan=EAST&group_by=goal",
            "status/grid/?plan=EAST&by=year",
            "changes/",
            "ledger/",
            "data/EAST/datapackage.json",
            "data/EAST/updates.csv",
            "schema/",
            "codes/",
        ]
    ),
]


class ReplicatedSite:
    """A site behind nginx, whose readers are answered from a replica by processes of their own."""

    def __init__(self, server, replica, writing, reading, port):
        self.server, self.replica, self.writing, self.reading = server, replica, writing, reading
        self.host = f"http://127.0.0.1:{port}"

    def read(self, path="/api/v1/commitments/EAST-1.1/", **headers):
        return requests.get(self.host + path, headers=headers, timeout=30)

    def updates(self):
        """Return the number of updates that an anonymous reader sees."""
        answer = self.read()
        assert answer.status_code == 200, answer.text
        return answer.json()["updates"]

    def on_replica(self, statement):
        with psycopg.connect(self.replica.address, autocommit=True) as database:
            return database.execute(statement).fetchone()[0]

    def wait_until_told(self, updates):
        end = time.monotonic() + SECONDS_TO_FOLLOW
        while self.updates() != updates:
            assert time.monotonic() < end, "the replica does not follow"
            time.sleep(0.05)


def refused(host):
    """Return the public addresses that do not answer with 200, and what they do answer with."""
    statuses = {path: requests.get(host + path, timeout=30).status_code for path in PUBLIC}
    return {path: status for path, status in statuses.items() if status != 200}


@contextmanager
def replicated(folder):
    other = folder / "other"
    other.mkdir()
    with (
        running_server() as server,
        served_site(server.address, folder) as writing,
        running_server(primary=server) as replica,
    ):
        reading = writing.beside(other)
        reading.environment["DATABASE_URL"] = replica.address
        reading.start()
        try:
            with proxied(writing, folder, readers=reading) as port:
                yield ReplicatedSite(server, replica, writing, reading, port)
        finally:
            reading.stop()


def test_readers_are_answered_from_a_replica_and_writers_from_what_they_wrote(tmp_path, capsys):
    with replicated(tmp_path) as site:
        assert refused(site.reading.host) == {}

        site.on_replica("SELECT pg_wal_replay_pause()")
        tag = site.read().headers["ETag"]
        assert site.on_replica(REPLICA_LAG) == timedelta()
        written = [publish(site.writing, site.writing) for _ in range(CHANGES)]
        assert site.updates() == 0
        assert site.read(**{"If-None-Match": tag}).status_code == 304
        staff = site.writing.caller("reviewer-1")
        seen = staff.get(f"{site.host}/api/v1/commitments/EAST-1.1/").json()
        assert seen["updates"] == CHANGES
        # Whoever filled in a form, or has a session, is answered by the processes that write.
        for cookie in ("csrftoken", "sessionid"):
            page = site.read("/en/EAST/commitments/1.1/", Cookie=f"{cookie}=x")
            assert f'id="update-{written[-1]}"' in page.text

        link = site.writing.run("manage.py", "shell", "-v", "0", "-c", LINK).strip()
        assert site.read(link).url.endswith("/set-password/")

        lag = site.on_replica(REPLICA_LAG)
        assert timedelta() < lag < site.on_replica(REPLICA_LAG)
        site.on_replica("SELECT pg_wal_replay_resume()")
        site.wait_until_told(CHANGES)
        assert site.read().headers["ETag"] != tag
        assert site.on_replica(REPLICA_LAG) == timedelta()

        site.replica.stop()
        publish(site.writing, site.writing)
        assert site.updates() == CHANGES + 1
        assert refused(site.host) == {}
        site.replica.start()
        site.wait_until_told(CHANGES + 1)
    with capsys.disabled():
        print(f"\n  {CHANGES} publications before a replica that waits, {len(PUBLIC)} addresses")


def test_with_remote_apply_a_reader_is_told_at_once(tmp_path):
    with replicated(tmp_path) as site:
        with psycopg.connect(site.server.address, autocommit=True) as database:
            database.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
            database.execute("ALTER SYSTEM SET synchronous_commit = 'remote_apply'")
            database.execute("SELECT pg_reload_conf()")
        time.sleep(1)
        for number in range(CHANGES):
            publish(site.writing, site.writing)
            assert site.updates() == number + 1
