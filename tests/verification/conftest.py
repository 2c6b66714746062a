"""The record, shared by the tests of a module."""

from copy import deepcopy
from pathlib import Path

import pytest
from django.conf import settings

from tests.fixtures.worlds import people, shared_world
from tests.record import create_record


@pytest.fixture(scope="module")
def built_record(django_db_setup, django_db_blocker):
    with shared_world(django_db_blocker):
        yield create_record(*people())


@pytest.fixture
def record(db, built_record):
    """Updates in every state, with every kind of decision in the ledger; the stored files are put
    back afterwards."""
    folder = Path(settings.STORAGES["evidence"]["OPTIONS"]["location"])
    stored = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    yield deepcopy(built_record)
    for path, content in stored.items():
        path.write_bytes(content)
