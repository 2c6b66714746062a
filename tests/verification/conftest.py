"""The record, shared by the tests of a module."""

from copy import deepcopy
from pathlib import Path

import pytest
from django.conf import settings


@pytest.fixture
def record(db, built_record):
    """Updates in every state, with every kind of decision in the ledger; the stored files are put
    back afterwards."""
    folder = Path(settings.STORAGES["evidence"]["OPTIONS"]["location"])
    stored = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    yield deepcopy(built_record)
    for path, content in stored.items():
        path.write_bytes(content)
