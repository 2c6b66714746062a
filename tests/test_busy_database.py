"""While another writer holds the database, requests get 503 within seconds, and nothing of them is
saved."""

import json
import sqlite3
import time
from contextlib import closing, contextmanager

import psycopg
import pytest
from django.db import IntegrityError, InterfaceError, OperationalError
from django.db import connection as suite

from commitments.api.views import PlanView
from commitments.db import is_busy
from commitments.pages.home import HomePage
from tests.workflow.race_track import new_database, programs_on


@contextmanager
def writer(address):
    """Hold the lock that every writer needs."""
    if suite.vendor == "sqlite":
        with closing(sqlite3.connect(address.removeprefix("sqlite:///"))) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield
        return
    with psycopg.connect(address) as connection:
        connection.execute("LOCK TABLE auth_user, commitments_plan, django_session")
        yield


@pytest.mark.long
def test_whoever_writes_meanwhile_is_told_to_come_back(tmp_path):
    with new_database(suite.vendor, tmp_path) as address:
        _environment, run = programs_on(address)
        run("manage.py", "migrate", "--verbosity", "0")
        run("-m", "tests.busy_requests", "prepare")
        answers = json.loads(run("-m", "tests.busy_requests"))
        assert [status for status, *_headers in answers] == [200, 302]
        with writer(address):
            begun = time.monotonic()
            answers = json.loads(run("-m", "tests.busy_requests"))
        assert time.monotonic() - begun < 60
        assert answers == [
            [503, "5", "application/problem+json"],
            [503, "5", "text/html; charset=utf-8"],
        ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "sentence"), [("en", "The tracker is busy"), ("zh-hans", "系统繁忙")]
)
def test_a_page_says_it_in_the_readers_language(client, monkeypatch, language, sentence):
    def busy(*args, **kwargs):
        raise OperationalError("database is locked")

    monkeypatch.setattr(HomePage, "get", busy)
    answer = client.get(f"/{language}/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert sentence in answer.content.decode()


@pytest.mark.django_db
def test_the_api_says_it_as_a_problem(api, monkeypatch):
    def busy(*args, **kwargs):
        raise OperationalError("database is locked")

    monkeypatch.setattr(PlanView, "get_queryset", busy)
    answer = api().get("/api/v1/plans/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert answer.json()["detail"].startswith("The database or the store of files is busy,")


@pytest.mark.parametrize(
    ("error", "busy"),
    [
        (OperationalError("database is locked"), True),
        (OperationalError("database table is locked: commitments_plan"), True),
        (OperationalError("no such table: commitments_plan"), suite.vendor != "sqlite"),
        (InterfaceError("the connection is closed"), suite.vendor != "sqlite"),
        (IntegrityError("UNIQUE constraint failed"), False),
        (ValueError("database is locked"), False),
        (None, False),
    ],
)
def test_only_what_may_succeed_later_counts_as_busy(error, busy):
    assert is_busy(error) is busy
