"""Django's backend for SQLite, for connections that are kept between requests.

To open a file and read its schema takes SQLite longer than most queries, and a new connection has
to read every page of the file again.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any

from django.db.backends.sqlite3 import base


def _identity(path: str) -> tuple[int, ...] | None:
    """Return which file this is, and whose; None if there is none, as for a database in memory."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_mode, found.st_uid, found.st_gid


def _make_private(path: str) -> None:
    """Make a file that its owner alone can read. SQLite says why, where that is not possible. A URI
    says itself whether to make one."""
    if str(path).startswith("file:"):
        return
    with suppress(OSError):
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that is not used again once its file was moved, replaced or given other rights:
    what it wrote would be lost, or should have been refused."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        found = _identity(self.settings_dict["NAME"])
        if found is None and not self.is_in_memory_db():
            _make_private(self.settings_dict["NAME"])
        connection = super().get_new_connection(conn_params)
        # A file that did not exist has been made.
        self._opened = found or _identity(self.settings_dict["NAME"])
        return connection

    def is_usable(self) -> bool:
        return _identity(self.settings_dict["NAME"]) == self._opened
