"""What whoever runs a site has to mend is said in a sentence, without a traceback."""

import os
import stat
import subprocess
import sys

import pytest
from django.db import OperationalError, connection

from tests.operations.backup.sites import Databases
from tracker import command_line

# Not `alike`: databases say in different ways that a table is missing.
pytestmark = pytest.mark.long

STRONG = "".join(map(chr, range(33, 90)))


@pytest.fixture
def database(tmp_path):
    """The name of a database without tables; on SQLite, of a file that does not exist yet."""
    databases = Databases(tmp_path)
    name = databases.create()
    yield name
    databases.drop(name)


@pytest.fixture
def run(database):
    """`run(*command, NAME=setting)` runs a command on this database; it returns the exit code, and
    what was printed as an error."""

    def run(*command, **settings):
        server = os.environ["DATABASE_URL"].rpartition("/")[0]
        address = f"sqlite:///{database}" if is_sqlite() else f"{server}/{database}"
        done = subprocess.run(
            [sys.executable, "manage.py", *command],
            env=os.environ | {"SECRET_KEY": STRONG, "DATABASE_URL": address} | settings,
            check=False,
            capture_output=True,
            text=True,
            umask=0o022,
            timeout=120,
        )
        return done.returncode, done.stderr

    return run


def is_sqlite():
    return connection.vendor == "sqlite"


@pytest.mark.parametrize("command", ["check", "migrate", "load_plan", "runserver"])
def test_a_setting_that_cannot_be_read_is_all_that_a_command_prints(run, command):
    sentence = "HTTPS is 'ture'. Write true or false (or yes, no, on, off, 1, 0).\n"
    assert run(command, "x", HTTPS="ture") == (1, sentence)


def test_a_developer_may_see_where_it_was_found(run):
    code, printed = run("check", "--traceback", HTTPS="ture")
    assert code == 1
    assert printed.startswith("Traceback")
    assert "HTTPS is 'ture'." in printed


@pytest.mark.parametrize(
    "command",
    [
        ("verify_ledger",),
        ("load_plan", "fixtures/iscc/plan.yaml"),
        ("createsuperuser", "--noinput", "--username", "x", "--email", "x@example.org"),
    ],
)
def test_a_database_without_tables_is_named(run, database, command):
    password = "a long and winding road"
    code, printed = run(*command, DJANGO_SUPERUSER_PASSWORD=password)
    assert code == 1
    assert printed.endswith(f"The database {database} has no tables: run migrate first.\n")
    assert "Traceback" not in printed


def test_a_database_of_an_earlier_release_is_named(run, database):
    assert run("migrate", "--verbosity", "0", "commitments", "0006")[0] == 0
    for command in (("verify_ledger",), ("load_plan", "fixtures/iscc/plan.yaml")):
        code, printed = run(*command)
        assert code == 1
        sentence = (
            f"The database {database} has the tables of an earlier release: run migrate first.\n"
        )
        assert printed.endswith(sentence)
        assert "Traceback" not in printed


@pytest.mark.parametrize(
    ("command", "address", "sentence"),
    [
        ("verify_ledger", "postgres://x:x@127.0.0.1:9/plans", "plans cannot be reached: couldn't"),
        ("migrate", "postgres://x:x@127.0.0.1:9/plans", "plans cannot be reached: couldn't"),
        ("migrate", "sqlite:////nowhere/plans", "/nowhere/plans cannot be reached: unable to open"),
    ],
)
def test_a_database_that_cannot_be_reached_is_named(run, command, address, sentence):
    code, printed = run(command, DATABASE_URL=address)
    assert code == 1
    assert f"The database {sentence}" in printed
    assert "Traceback" not in printed


@pytest.mark.skipif("not is_sqlite()", reason="PostgreSQL has no file of ours")
def test_the_file_of_a_new_database_is_private(run, tmp_path):
    assert run("migrate", "--verbosity", "0")[0] == 0
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.glob("*.sqlite3*")}
    assert modes
    assert set(modes.values()) == {0o600}


def test_an_administrator_has_a_password_that_a_page_would_take(run):
    run("migrate", "--verbosity", "0")
    make = ("createsuperuser", "--noinput", "--username", "head", "--email", "head@example.org")
    code, printed = run(*make, DJANGO_SUPERUSER_PASSWORD="shortpw")
    assert code == 1
    assert "DJANGO_SUPERUSER_PASSWORD: This password is too short" in printed
    assert run(*make, DJANGO_SUPERUSER_PASSWORD="a long and winding road")[0] == 0


@pytest.mark.parametrize(
    ("name", "email"), [("administrator", "a@b.org"), ("a", "administrator@b.org")]
)
def test_a_password_is_compared_with_name_and_address_in_the_environment_too(run, name, email):
    run("migrate", "--verbosity", "0")
    given = {"USERNAME": name, "EMAIL": email, "PASSWORD": "administrator1"}
    variables = {f"DJANGO_SUPERUSER_{name}": value for name, value in given.items()}
    code, printed = run("createsuperuser", "--noinput", **variables)
    assert code == 1
    assert "The password is too similar to the" in printed


@pytest.mark.skipif("not is_sqlite()", reason="the sentences of SQLite")
def test_a_database_that_cannot_be_written_is_named(monkeypatch):
    def fail(arguments):
        raise OperationalError("attempt to write a readonly database")

    monkeypatch.setattr(command_line, "execute_from_command_line", fail)
    with pytest.raises(SystemExit, match="cannot be written: attempt to write a readonly database"):
        command_line.main()


def test_a_command_that_is_stopped_ends_without_a_traceback(monkeypatch, capsys):
    def stop(arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(command_line, "execute_from_command_line", stop)
    with pytest.raises(SystemExit) as ending:
        command_line.main()
    assert (ending.value.code, capsys.readouterr().err) == (130, "Stopped.\n")


@pytest.mark.skipif("not is_sqlite()", reason="the sentences of SQLite")
@pytest.mark.parametrize("words", ["database is locked", "no such table: commitments_plan"])
def test_another_error_of_the_database_is_raised_as_it_is(db, monkeypatch, words):
    def fail(arguments):
        raise OperationalError(words)

    monkeypatch.setattr(command_line, "execute_from_command_line", fail)
    with pytest.raises(OperationalError, match=words):
        command_line.main()
