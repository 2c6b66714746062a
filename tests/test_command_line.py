"""What whoever runs a site has to mend is said in a sentence, without a traceback."""

import os
import stat
import subprocess
import sys

import pytest

pytestmark = [pytest.mark.alike, pytest.mark.long]

STRONG = "".join(map(chr, range(33, 90)))


@pytest.fixture
def run(tmp_path):
    """`run(*command, NAME=setting)` runs a command on a database that does not exist yet; it
    returns the exit code, and what was printed as an error."""

    def run(*command, **settings):
        address = f"sqlite:///{tmp_path / 'db.sqlite3'}"
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
def test_a_database_without_tables_is_named(run, tmp_path, command):
    password = "a long and winding road"
    code, printed = run(*command, DJANGO_SUPERUSER_PASSWORD=password)
    assert code == 1
    expected = f"The database {tmp_path / 'db.sqlite3'} has no tables: run migrate first.\n"
    assert printed.endswith(expected)
    assert "Traceback" not in printed


def test_the_file_of_a_new_database_is_private(run, tmp_path):
    assert run("migrate", "--verbosity", "0")[0] == 0
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.glob("db.sqlite3*")}
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


def test_another_error_on_a_database_without_tables_is_shown_as_it_is(run, tmp_path):
    (tmp_path / "db.sqlite3").write_text("no database, " * 100)
    code, printed = run("verify_ledger")
    assert code == 1
    assert "has no tables" not in printed
    assert "file is not a database" in printed
