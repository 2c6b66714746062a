"""The databases of the record in each size, kept between runs in the folder `BENCH_DIR`.

A database is known by its size and the digest of what it is made with: the generator and the
migrations. A run works on a copy, since it writes.
"""

import glob
import hashlib
import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg

from tests.performance.serving import ROOT, children
from tests.performance.sizes import SIZES
from tests.postgres import Server, find_server_programs

MADE_WITH = (*("sizes", "plans", "histories", "rows", "decisions", "copies", "staff", "generate"),)
# The ledger takes nothing after a silence of more than a year.
MAX_AGE = timedelta(days=300)
ISCC = "fixtures/iscc"


def bench_folder():
    folder = Path(os.environ.get("BENCH_DIR", ROOT / ".bench")).resolve()
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    return folder


def made_with():
    """Return the first digits of the digest of the generator and the migrations."""
    names = [f"tests/performance/{name}.py" for name in MADE_WITH]
    names += sorted(glob.glob("commitments/migrations/*.py", root_dir=ROOT))
    names += [f"{ISCC}/plan.yaml", f"{ISCC}/public-record.yaml"]
    digest = hashlib.sha256()
    for name in names:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()[:10]


def environment(address):
    """Return the environment of a site in production on this database, without a rate limit."""
    folder = bench_folder()
    return {
        "SECRET_KEY": "only-to-measure-" + "x" * 50,
        "DATABASE_URL": address,
        "DEBUG": "false",
        "HTTPS": "false",
        "BEHIND_PROXY": "false",
        "ALLOWED_HOSTS": "127.0.0.1",
        "API_RATE": "",
        "LOG_LEVEL": "WARNING",
        "EVIDENCE_DIR": str(folder / "evidence"),
        "STATIC_ROOT": str(folder / "static"),
    }


def run(address, *command):
    """Run a Python program of the project on a database; return what it prints."""
    return subprocess.check_output(
        [sys.executable, *command],
        cwd=ROOT,
        env={**os.environ, **environment(address)},
        text=True,
        stderr=None,
    )


def manage(address, *arguments):
    return run(address, "-W", "ignore", "manage.py", *arguments)


def fill(address, size, until):
    """Migrate a database and write the record of a size into it, or go on with that."""
    manage(address, "migrate", "--verbosity", "0", "--skip-checks")
    if SIZES[size] is None:
        accounts = bench_folder() / "accounts"
        manage(address, "load_plan", f"{ISCC}/plan.yaml", "--if-absent")
        manage(address, "example_accounts", str(accounts))
        people = ("--author", "reporter", "--publish-as", "reviewer")
        manage(address, "load_updates", f"{ISCC}/public-record.yaml", *people)
        return
    day = until.date().isoformat()
    run(address, "-m", "tests.performance.generate", size, "--until", day)
    print(manage(address, "verify_ledger").strip().splitlines()[-1], file=sys.stderr)


class Notes:
    """What is known of a kept database: until when its record goes, and whether it is complete."""

    def __init__(self, path):
        self.path = path
        self.values = json.loads(path.read_text()) if path.exists() else {}

    @property
    def is_complete(self):
        return "complete" in self.values

    def until(self):
        """Return the day on which the record ends: the first of the month of its generation."""
        if "until" not in self.values:
            now = datetime.now(UTC)
            first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
            self.save(until=first.isoformat())
        return datetime.fromisoformat(self.values["until"])

    @property
    def is_outdated(self):
        return bool(self.values) and datetime.now(UTC) - self.until() > MAX_AGE

    def save(self, **values):
        self.values |= values
        self.path.write_text(json.dumps(self.values))


@contextmanager
def sqlite_copy(size):
    """Yield the address of a copy of the database of a size, and no process; make the database
    first if it is missing."""
    folder, name = bench_folder(), f"{size.lower()}-{made_with()}"
    path, notes = folder / f"{name}.sqlite3", Notes(folder / f"{name}.sqlite.json")
    if notes.is_outdated:
        notes.path.unlink()
        path.unlink()
        notes = Notes(notes.path)
    if not notes.is_complete:
        os.umask(0o077)
        fill(f"sqlite:///{path}", size, notes.until())
        notes.save(complete=True)
    copied = folder / f"run-{os.getpid()}.sqlite3"
    try:
        # All of it is in the file itself: whoever wrote it has closed it.
        shutil.copyfile(path, copied)
        copied.chmod(0o600)
        yield f"sqlite:///{copied}", lambda: []
    finally:
        for left in folder.glob(f"{copied.name}*"):
            left.unlink()


@contextmanager
def postgres_copy(size):
    """As `sqlite_copy`, on a PostgreSQL server in the folder that runs meanwhile; with a function
    that returns the server's processes."""
    programs = find_server_programs()
    if programs is None:
        raise SystemExit("PostgreSQL's server programs are needed: apt-get install postgresql")
    folder = bench_folder() / "postgres"
    server = Server(programs, str(folder), autovacuum=True)
    is_new = not folder.exists()
    if is_new:
        folder.mkdir(mode=0o755)
        server.create()
    server.start()
    try:
        pid = int(Path(server.data, "postmaster.pid").read_text().splitlines()[0])
        with _postgres_copy(size, folder, server) as address:
            yield address, lambda: children(pid)
    finally:
        server._run("pg_ctl", "-D", server.data, "-w", "-m", "fast", "stop")


@contextmanager
def _postgres_copy(size, folder, server):
    name = f"{size.lower()}_{made_with()}"
    notes = Notes(bench_folder() / f"{name}.postgres.json")
    base = server.address.rsplit("/", 1)[0]

    def execute(*statements, database="postgres"):
        address = f"{base}/{database}".replace("postgres://", "postgresql://")
        with psycopg.connect(address, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    if notes.is_outdated or not notes.values:
        notes.path.unlink(missing_ok=True)
        notes = Notes(notes.path)
        execute(f"DROP DATABASE IF EXISTS {name}", f"CREATE DATABASE {name}")
    if not notes.is_complete:
        fill(f"{base}/{name}", size, notes.until())
        # What index-only scans read would else depend on when autovacuum came by.
        execute("VACUUM (ANALYZE)", database=name)
        notes.save(complete=True)
    copied = f"run_{os.getpid()}"
    execute(f"CREATE DATABASE {copied} TEMPLATE {name}")
    try:
        yield f"{base}/{copied}"
    finally:
        execute(f"DROP DATABASE {copied} WITH (FORCE)")


COPIES = {"sqlite": sqlite_copy, "postgres": postgres_copy}
