"""Sites with something on them, and empty ones."""

import shutil

import pytest
import time_machine
from django.core.management import call_command

from commitments.accounts import record_command
from commitments.files.storage import evidence_storage
from tests.fixtures.worlds import people
from tests.operations.backup.sites import Databases, Site
from tests.record import LATER, create_record
from tests.steps import NOW


@pytest.fixture(scope="session")
def databases(django_db_blocker, tmp_path_factory):
    with django_db_blocker.unblock():
        return Databases(tmp_path_factory.mktemp("databases"))


@pytest.fixture(scope="session")
def migrated(databases, django_db_blocker):
    """The name of a database with tables, in which nobody has done anything."""
    with django_db_blocker.unblock(), Site(databases) as site:
        site.use()
        call_command("migrate", verbosity=0)
        name = site.copy()
    yield name
    databases.drop(name)


@pytest.fixture(scope="session")
def recorded(databases, migrated, django_db_blocker, tmp_path_factory):
    """The name of a database with a record of updates, and the folder of its evidence."""
    folder = tmp_path_factory.mktemp("recorded") / "evidence"
    with django_db_blocker.unblock(), Site(databases) as site:
        site.use(migrated)
        staff = people()
        for user in staff:
            record_command(user, changed="account", at=NOW)
        create_record(*staff)
        shutil.copytree(site.evidence, folder)
        name = site.copy()
    yield name, folder
    databases.drop(name)


@pytest.fixture
def any_site(databases, django_db_blocker):
    """A site that is yet to be given a database."""
    with django_db_blocker.unblock(), Site(databases) as site, time_machine.travel(LATER):
        yield site


@pytest.fixture
def site(any_site, recorded):
    """A site with a record of updates, some with files."""
    any_site.use(*recorded)
    return any_site


@pytest.fixture
def empty_site(any_site, migrated):
    """A site with tables, in which nobody has done anything."""
    any_site.use(migrated)
    return any_site


@pytest.fixture
def destroy(any_site, migrated):
    """`destroy()` leaves the site with an empty database and no files."""
    return lambda: any_site.use(migrated)


@pytest.fixture(scope="session")
def archive_of_record(databases, recorded, django_db_blocker, tmp_path_factory):
    """The path of an archive of the site with a record. Copy it before you change it."""
    path = tmp_path_factory.mktemp("archive") / "site.tar"
    with django_db_blocker.unblock(), Site(databases) as site, time_machine.travel(LATER):
        site.use(*recorded)
        site.back_up(path)
    return path


@pytest.fixture
def path(tmp_path):
    """Where to write an archive, in a folder of its own."""
    folder = tmp_path / "backups"
    folder.mkdir()
    return folder / "site.tar"


@pytest.fixture
def copying(monkeypatch):
    """`copying(act)` calls `act(name)` before each file of evidence is copied."""

    def copying(act):
        storage = evidence_storage()
        opened = storage.open

        def open_after(name, *args):
            act(name)
            return opened(name, *args)

        monkeypatch.setattr(storage, "open", open_after)

    return copying
