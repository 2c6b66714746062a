"""A temporary PostgreSQL server for the tests, on a free port of the loopback interface."""

import glob
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager


def find_server_programs() -> str | None:
    """Return the folder of initdb and pg_ctl, None if there is none: that on PATH, else the newest
    version in the folders in which Debian installs them."""
    on_path = shutil.which("initdb")
    folders = sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True)
    candidates = [*([os.path.dirname(on_path)] if on_path else []), *folders]
    return next((folder for folder in candidates if os.path.exists(f"{folder}/initdb")), None)


@contextmanager
def temporary_server() -> Iterator[str]:
    """Start a server, yield its address for `DATABASE_URL`, and remove it afterwards."""
    programs = find_server_programs()
    assert programs is not None, "PostgreSQL's server programs are not installed"
    folder = tempfile.mkdtemp(prefix="pg-")
    data = f"{folder}/data"
    port = _free_port()
    # PostgreSQL refuses to run as root; Debian's package creates this user.
    user = "postgres" if os.getuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    settings = (
        f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} "
        "-c fsync=off -c full_page_writes=off -c max_connections=200 "
        # Compiling a statement takes longer than running it on the few rows of a test.
        "-c jit=off"
    )

    def run(program: str, *arguments: str) -> None:
        subprocess.run(
            [f"{programs}/{program}", *arguments],
            check=True,
            user=user,
            stdout=subprocess.DEVNULL,
            cwd=folder,
        )

    try:
        run("initdb", "-D", data, "-U", "tracker", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        run("pg_ctl", "-D", data, "-w", "-l", f"{folder}/log", "-o", settings, "start")
        try:
            yield f"postgres://tracker@127.0.0.1:{port}/postgres"
        finally:
            run("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
