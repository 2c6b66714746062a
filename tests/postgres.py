"""A temporary PostgreSQL server for the tests, on a free port of the loopback interface."""

import glob
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

MAX_DEAD_ROWS = 1_000


def find_server_programs() -> str | None:
    """Return the folder of initdb and pg_ctl, None if there is none: that on PATH, else the newest
    version in the folders in which Debian installs them."""
    on_path = shutil.which("initdb")
    # A program on PATH may be a link; its real folder has the others too.
    folders = sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True)
    candidates = [*([os.path.dirname(os.path.realpath(on_path))] if on_path else []), *folders]
    return next((folder for folder in candidates if os.path.exists(f"{folder}/initdb")), None)


class Server:
    """A server with its data in a temporary folder. With `autovacuum` it may count the rows of a
    test, which are not committed, as none, and plan queries by that."""

    def __init__(self, programs: str, folder: str, *, autovacuum: bool = False) -> None:
        self.autovacuum = "on" if autovacuum else "off"
        self.programs, self.folder, self.data = programs, folder, f"{folder}/data"
        self.port = _free_port()
        self.address = f"postgres://tracker@127.0.0.1:{self.port}/postgres"
        # PostgreSQL refuses to run as root; Debian's package creates this user.
        self.user = "postgres" if os.getuid() == 0 else None

    def create(self) -> None:
        if self.user:
            shutil.chown(self.folder, self.user)
        roles = ["-U", "tracker", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
        self._run("initdb", "-D", self.data, *roles)

    def copy(self, primary: "Server") -> None:
        """Make this a replica that follows the primary."""
        if self.user:
            shutil.chown(self.folder, self.user)
        source = ["-h", "127.0.0.1", "-p", str(primary.port), "-U", "tracker"]
        self._run("pg_basebackup", *source, "-D", self.data, "--write-recovery-conf")

    def start(self) -> None:
        settings = (
            f"-p {self.port} -c listen_addresses=127.0.0.1 "
            f"-c unix_socket_directories={self.folder} "
            "-c fsync=off -c full_page_writes=off -c max_connections=200 "
            f"-c autovacuum={self.autovacuum}"
        )
        log = f"{self.folder}/log"
        self._run("pg_ctl", "-D", self.data, "-w", "-l", log, "-o", settings, "start")

    def stop(self) -> None:
        """Stop at once, as if its process had been killed."""
        self._run("pg_ctl", "-D", self.data, "-w", "-m", "immediate", "stop")

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [f"{self.programs}/{program}", *arguments],
            check=True,
            user=self.user,
            stdout=subprocess.DEVNULL,
            cwd=self.folder,
        )


@contextmanager
def running_server(primary: Server | None = None) -> Iterator[Server]:
    """Start a server, a replica if it has a primary, yield it, and remove it afterwards."""
    programs = find_server_programs()
    assert programs is not None, "PostgreSQL's server programs are not installed"
    folder = tempfile.mkdtemp(prefix="pg-")
    server = Server(programs, folder)
    try:
        if primary is None:
            server.create()
        else:
            server.copy(primary)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def temporary_server() -> Iterator[str]:
    """Start a server, yield its address for `DATABASE_URL`, and remove it afterwards."""
    with running_server() as server:
        yield server.address


def vacuum_dead_rows() -> None:
    """Remove from the tables of PostgreSQL the dead rows of tests that were rolled back. Every
    query would read them again, and a query that reads a table once for each row would take
    minutes. So would one that is planned by what a test's ANALYZE counted, which is zero rows once
    that test is rolled back: VACUUM empties these tables too, and they count as unknown again."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relid::regclass::text FROM pg_stat_user_tables JOIN pg_class ON oid = relid "
            "WHERE n_dead_tup > %s OR (reltuples = 0 AND relpages > 0)",
            [MAX_DEAD_ROWS],
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f"VACUUM {table}")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
