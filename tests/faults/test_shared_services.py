"""What several machines share besides the database: files in an object store, and PgBouncer before
the database. Nothing that was acknowledged is lost, whichever of them is down for a while."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import requests
from django.db import connection as suite

from tests.faults.proxy import wait_for
from tests.faults.publishers import Publisher, checked
from tests.faults.served_site import WORKERS, ServedSite, served_site
from tests.faults.valkey import valkey
from tests.object_store import object_store
from tests.postgres import running_server
from tests.workflow.race_track import new_database

pytestmark = pytest.mark.long

PGBOUNCER = shutil.which("pgbouncer") or shutil.which("/usr/sbin/pgbouncer")
OUTAGES = 4
SECONDS_AWAY = 3
SECONDS_BETWEEN = 4
# Far fewer than the two hosts have threads, so that transactions have to share them.
CONNECTIONS = 3


@contextmanager
def two_hosts(direct, folder, **settings):
    """Yield two hosts with a common database, cache and `settings`. It is set up on the `direct`
    address of the database."""
    one = ServedSite(direct, folder, **settings)
    one.environment["DATABASE_URL"] = direct
    one.set_up()
    one.environment |= settings
    (folder / "other").mkdir()
    other = one.beside(folder / "other")
    hosts = [one, other]
    for host in hosts:
        host.start()
    try:
        yield hosts
    finally:
        for host in hosts:
            host.stop()


def publishing(hosts):
    """Start two programs on each host."""
    publishers = [Publisher(hosts[number % 2], number + 1) for number in range(4)]
    for publisher in publishers:
        publisher.start()
    return publishers


def health(host):
    return requests.get(f"{host.host}/readyz", timeout=30).json()["parts"]


def test_a_bucket_that_two_hosts_share_loses_nothing_when_it_is_away(tmp_path, capsys):
    with (
        object_store() as store,
        new_database(suite.vendor, tmp_path) as address,
        two_hosts(address, tmp_path, **store.settings) as hosts,
    ):
        publishers = publishing(hosts)
        for _ in range(OUTAGES):
            time.sleep(SECONDS_BETWEEN)
            store.stop()
            time.sleep(SECONDS_AWAY)
            assert requests.get(f"{hosts[0].host}/en/EAST/", timeout=30).ok
            assert health(hosts[1])["storage"] == "failed"
            store.start()
            assert health(hosts[1])["storage"] == "ok"
        for publisher in publishers:
            publisher.stop()
        tally = checked(hosts[0], publishers, store.read_file)
        assert not hosts[0].evidence.exists()
        # Files that one host received can be downloaded from the other.
        for publisher in publishers:
            pk, sha256 = next(iter(publisher.files.items()))
            for host in hosts:
                answer = host.caller("reviewer-1").get(host.url(f"evidence/{pk}/file/"))
                assert (answer.status_code, answer.headers["ETag"]) == (200, f'"{sha256}"')
                part = host.caller("reviewer-1").get(
                    host.url(f"evidence/{pk}/file/"), headers={"Range": "bytes=10-19"}
                )
                assert (part.status_code, part.content) == (206, answer.content[10:20])
        assert "No difference" in hosts[0].run("manage.py", "verify_ledger")
        hosts[0].run("manage.py", "backup", str(tmp_path / "site.tar"))
        hosts[0].run("manage.py", "orphaned_files")
    with capsys.disabled():
        print(f"\n  {OUTAGES} × object store gone: {tally}")


READ = ("/en/", "/en/EAST/", "/en/EAST/commitments/1.1/", "/api/v1/plans/", "/api/v1/updates/")
ASKED = 10


def test_readers_are_served_while_the_cache_is_away_and_nobody_signs_in(tmp_path, capsys):
    slowest, begun = 0, time.monotonic()
    with (
        valkey(tmp_path) as server,
        new_database(suite.vendor, tmp_path) as address,
        two_hosts(address, tmp_path, CACHE_URL=server.address, API_RATE="1000/hour") as hosts,
    ):

        def read():
            """Read everything from both hosts; return how long the slowest response took."""
            answers = [
                requests.get(host.host + path, timeout=60) for host in hosts for path in READ
            ]
            assert {answer.status_code for answer in answers} == {200}
            return max(answer.elapsed.total_seconds() for answer in answers)

        read()
        for _ in range(OUTAGES):
            assert hosts[0].guess().status_code == 200
            server.stop()
            slowest = max(slowest, *(read() for _time in range(ASKED)))
            for host in hosts:
                refused = host.guess()
                assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
                program = host.caller("reporter-1").get(host.url("me/"))
                assert (program.status_code, program.headers["Retry-After"]) == (503, "5")
                assert health(host)["cache"] == "warning"
            server.start()
            for host in hosts:
                assert host.guess().status_code == 200
                assert host.caller("reporter-1").get(host.url("me/")).status_code == 200
                assert health(host)["cache"] == "ok"
        said = [
            line
            for host in hosts
            for line in host.log.read_text().splitlines()
            if "CACHE_URL" in line
        ]
    # A line a minute for what refuses and one for each of two that forgive, in each process.
    minutes = 1 + (time.monotonic() - begun) // 60
    assert 0 < len(said) <= 3 * len(hosts) * WORKERS * minutes
    assert slowest < 5
    with capsys.disabled():
        print(
            f"\n  {OUTAGES} × cache gone: {OUTAGES * ASKED * 2 * len(READ)} requests of readers "
            f"answered, the slowest in {slowest:.2f} s; {len(said)} lines in the logs"
        )


def test_readers_are_served_while_the_cache_does_not_answer(tmp_path):
    with (
        socket.socket() as silent,
        new_database(suite.vendor, tmp_path) as address,
    ):
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        cache = f"rediscache://127.0.0.1:{silent.getsockname()[1]}/1"
        with served_site(address, tmp_path, cache) as site:
            for path in READ:
                answer = requests.get(site.host + path, timeout=60)
                assert answer.status_code == 200
                assert answer.elapsed.total_seconds() < 5
            assert site.guess().status_code == 503


@contextmanager
def pgbouncer(address):
    """Yield the address of the database at `address` behind PgBouncer in transaction mode."""
    server = urlsplit(address)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # PgBouncer refuses to run as root, as PostgreSQL does.
    user = "postgres" if os.getuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="pgbouncer-") as folder:
        settings = Path(folder) / "pgbouncer.ini"
        settings.write_text(f"""
[databases]
* = host=127.0.0.1 port={server.port} user={server.username}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {CONNECTIONS}
""")
        if user:
            shutil.chown(folder, user)
        with subprocess.Popen([PGBOUNCER, "-q", str(settings)], user=user) as process:
            try:
                wait_for(port)
                yield server._replace(netloc=f"{server.username}@127.0.0.1:{port}").geturl()
            finally:
                process.terminate()


@pytest.mark.postgres
@pytest.mark.skipif(PGBOUNCER is None, reason="needs Debian's pgbouncer")
def test_behind_pgbouncer_nothing_is_lost_and_nothing_done_twice(tmp_path, capsys):
    with (
        running_server() as server,
        pgbouncer(server.address) as pooled,
        two_hosts(server.address, tmp_path, DATABASE_URL=pooled, CONNECTION_POOLER="true") as hosts,
    ):
        with psycopg.connect(server.address, autocommit=True) as database:
            database.execute("ALTER ROLE tracker SET lock_timeout = '5s'")
        publishers = publishing(hosts)
        end = time.monotonic() + OUTAGES * (SECONDS_AWAY + SECONDS_BETWEEN)
        while time.monotonic() < end:
            for path in ("/en/EAST/", "/api/v1/updates/export/?plan=EAST&format=csv"):
                assert requests.get(hosts[0].host + path, timeout=30).ok, path
        for publisher in publishers:
            publisher.stop()
        tally = checked(hosts[0], publishers)
        assert "No difference" in hosts[0].run("manage.py", "verify_ledger")
        used = hosts[0].rows(
            "SELECT COUNT(*) AS n FROM pg_stat_activity WHERE datname = 'postgres'"
        )
        assert used[0]["n"] <= CONNECTIONS + 1
    with capsys.disabled():
        print(f"\n  two hosts on {CONNECTIONS} connections: {tally}")
