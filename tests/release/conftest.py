"""Sites with databases of their own, as tests of backups have them."""

from tests.operations.backup.conftest import any_site, databases, migrated

__all__ = ["any_site", "databases", "migrated"]
