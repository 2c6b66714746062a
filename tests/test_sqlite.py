"""Connections to SQLite are kept between requests, as long as their file is the same."""

import shutil

import pytest
from django.db import ConnectionHandler, connection

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif("connection.vendor != 'sqlite'", reason="Of SQLite"),
]


@pytest.fixture
def file(tmp_path):
    return tmp_path / "db.sqlite3"


@pytest.fixture
def request_connection(file):
    """`request_connection()` returns the connection that a request uses."""
    options = {**connection.settings_dict, "NAME": str(file)}
    kept = ConnectionHandler({"default": options})["default"]

    def request_connection():
        kept.close_if_unusable_or_obsolete()
        with kept.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM sqlite_master")
        return kept.connection

    yield request_connection
    kept.close()


def test_a_request_uses_the_connection_of_the_one_before(request_connection):
    assert request_connection() is request_connection()


def moved(file):
    file.rename(file.with_suffix(".old"))


def replaced(file):
    copy = shutil.copyfile(file, file.with_suffix(".new"))
    copy.replace(file)


def made_readable_to_its_owner_only(file):
    file.chmod(0o400)


@pytest.mark.parametrize("change", [moved, replaced, made_readable_to_its_owner_only])
def test_no_request_uses_that_of_another_file(request_connection, file, change):
    former = request_connection()
    change(file)
    assert request_connection() is not former
