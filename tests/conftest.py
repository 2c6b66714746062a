"""The database, the passwords and the time of the tests. All other fixtures that several folders
share are in `tests.fixtures`."""

import gc
import importlib
import os
from datetime import timedelta
from threading import Lock

import pytest
import time_machine
from django.apps import apps
from django.conf import settings
from django.core.cache import caches
from django.db import connection
from django.test import override_settings
from django.utils import translation
from whitenoise.middleware import WhiteNoiseMiddleware

from commitments import verification
from commitments.api import response_cache
from tests.examples import mark_cases_beyond_a_sample, register_profiles
from tests.postgres import vacuum_dead_rows
from tests.steps import NOW

pytest_plugins = [
    "tests.fixtures.people",
    "tests.fixtures.plans",
    "tests.fixtures.clients",
    "tests.fixtures.evidence",
    "tests.fixtures.ledger_key",
    "tests.fixtures.mail",
    "tests.fixtures.browser",
]

register_profiles()
# A developer's `.env` has no effect on tests, nor have its mistakes.
settings.MISSPELT_NAMES = {}
roles = importlib.import_module("commitments.migrations.0002_roles")
triggers = importlib.import_module("commitments.migrations.0003_ledger")
checkpoint_triggers = importlib.import_module("commitments.migrations.0004_checkpoints")
# Whatever lets tests use the database.
BLOCKER = pytest.StashKey()
# Fixtures that empty all tables after a test.
WITH_REAL_TRANSACTIONS = {"transactional_db", "live_server"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    mark_cases_beyond_a_sample(items)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item, nextitem):
    """Create the rows of migrations again after a test with real transactions, which empties all
    tables. Any test may follow, since processes take over tests from each other. After the last
    one, the database is gone."""
    result = yield
    if nextitem is None:
        return result
    marker = item.get_closest_marker("django_db")
    is_marked = marker is not None and marker.kwargs.get("transaction")
    # A test that was skipped may have made no database.
    blocker = item.config.stash.get(BLOCKER, None)
    if blocker and (is_marked or not WITH_REAL_TRANSACTIONS.isdisjoint(item.fixturenames)):
        with blocker.unblock():
            roles.create_groups(apps, None)
            triggers.create_head(apps, None)
    return result


def pytest_collection_finish():
    """Exempt from garbage collection what lives as long as the process: modules, and the tests
    themselves. Querysets are made of many small objects, so the collector runs often and would scan
    all of it each time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix):
    """Keep SQLite in memory, in each process its own; pytest-django does so only if the backend is
    Django's."""
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = ":memory:"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker, pytestconfig):
    """Remove the append-only triggers, which forbid flushing a table between tests."""
    pytestconfig.stash[BLOCKER] = django_db_blocker
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        for module in (triggers, checkpoint_triggers):
            for statement in module.DROP_TRIGGERS[connection.vendor]:
                cursor.execute(statement)


@pytest.fixture(autouse=True, scope="module")
def without_dead_rows(django_db_blocker):
    """Vacuum PostgreSQL's tables after each module, when its transaction has ended. Within a
    transaction, PostgreSQL would count the uncommitted rows of the tests as zero."""
    yield
    if connection.vendor == "postgresql" and connection.connection is not None:
        with django_db_blocker.unblock():
            vacuum_dead_rows()


@pytest.fixture(autouse=True, scope="session")
def disk_not_waited_for():
    """Do not wait until the disk has the files that tests store; PostgreSQL does not either."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda opened: None)
        yield


@pytest.fixture(autouse=True, scope="session")
def settings_of_tests():
    """Hash passwords with MD5: the hashers for use are slow on purpose. Offer the languages that
    tests name, whatever others the tracker has."""
    with override_settings(
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        LANGUAGES=[("en", "English"), ("zh-hans", "Simplified Chinese")],
    ):
        yield


@pytest.fixture(autouse=True, scope="session")
def static_files_found_once():
    """Look for the static files once. WhiteNoise does so for each handler, and each client has
    one."""
    find, found = WhiteNoiseMiddleware.add_files_from_finders, {}

    def add_found_files(middleware):
        if not found:
            find(middleware)
            found.update(middleware.files)
        middleware.files.update(found)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", add_found_files)
        yield


@pytest.fixture(autouse=True)
def default_language():
    """A request leaves its language active; the next test begins with the default one."""
    translation.deactivate()


@pytest.fixture(autouse=True)
def nothing_counted():
    """The cache is cleared: counts of requests and failures in other tests, and cached
    responses."""
    for cache in caches.all(initialized_only=True):
        cache.clear()


@pytest.fixture
def cached_responses():
    """Public responses are cached, as they are on a site."""


@pytest.fixture(autouse=True)
def nothing_cached(request, monkeypatch):
    """Tests change rows behind the tracker's back; those with `cached_responses` do not."""
    if "cached_responses" not in request.fixturenames:
        monkeypatch.setattr(response_cache, "cached_response", lambda tag: None)


@pytest.fixture(autouse=True)
def people_without_decisions(request, monkeypatch):
    """Tests make people without recording their accounts; those with `recorded_accounts` do."""
    if "recorded_accounts" not in request.fixturenames:
        monkeypatch.setattr(verification, "unrecorded_accounts", lambda: iter(()))


@pytest.fixture(scope="session")
def live_server(django_db_setup, live_server):
    """A running server. It must start after the test database is created: only then do its threads
    share the connection of a database in memory, and connections of their own would never be
    closed. It answers one request after another, since on that connection two at once would be in
    each other's transactions."""
    server, turn = live_server.thread.httpd, Lock()
    answer = server.get_app()

    def answer_in_turn(environ, start_response):
        with turn:
            return answer(environ, start_response)

    server.set_app(answer_in_turn)
    return live_server


@pytest.fixture
def append_only(db):
    """The database with its triggers: decisions and checkpoints are neither changed nor deleted."""
    with connection.cursor() as cursor:
        for module in (triggers, checkpoint_triggers):
            for statement in module.CREATE_TRIGGERS[connection.vendor]:
                cursor.execute(statement)


@pytest.fixture
def noon():
    """The clock stands still at the time of the steps, noon in Shanghai."""
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def a_day_later():
    """The clock stands still a day after the time of the steps."""
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        yield
