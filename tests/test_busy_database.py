"""While another writer holds the lock of the database, requests get 503 within seconds, and save
nothing."""

import json
import time

import pytest
from django.db import IntegrityError, InterfaceError, InternalError, OperationalError
from django.db import connection as suite
from psycopg.errors import ReadOnlySqlTransaction

from commitments.admin.workbench.log import DraftPage
from commitments.api.views_reference import PlanView
from commitments.db import is_busy
from commitments.models import ProgressUpdate
from commitments.pages.home import HomePage
from tests.admin.workbench.forms import LINK, entered, log_of
from tests.steps import upload
from tests.workflow.race_track import new_database, programs_on, writer


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
def test_a_page_says_it_in_the_readers_language(client, monkeypatch, caplog, language, sentence):
    monkeypatch.setattr(HomePage, "get", raiser("database is locked"))
    answer = client.get(f"/{language}/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert sentence in answer.content.decode()
    # Not to everybody, but to the operator.
    assert caplog.messages == [
        f"Database, files or cache were busy: GET /{language}/: database is locked",
        f"Service Unavailable: /{language}/",
    ]


@pytest.mark.alike
@pytest.mark.django_db
def test_the_api_says_it_in_words_that_a_browser_shows(api, monkeypatch):
    monkeypatch.setattr(PlanView, "get_queryset", raiser("database is locked"))
    answer = api().get("/api/v1/plans/", headers={"Accept-Language": "zh-hans"})
    assert answer.status_code == 503
    assert "系统繁忙" in answer.content.decode()


def raiser(words):
    """Return a function that raises an error of the database with these words."""

    def fail(*args, **kwargs):
        raise OperationalError(words)

    return fail


@pytest.mark.alike
@pytest.mark.django_db
@pytest.mark.usefixtures("noon")
def test_a_form_of_the_workbench_is_kept_on_the_page_that_says_it(
    duty, reporter, signed_in, monkeypatch
):
    client = signed_in(reporter)
    sent = entered(LINK, summary_en="Written for an hour.", submit=1)
    with monkeypatch.context() as patch:
        patch.setattr(DraftPage, "_write", raiser("database is locked"))
        page = client.post(log_of(duty), sent)
    assert (page.status_code, page["Retry-After"]) == (503, "5")
    kept = dict(page.context["sent"])
    assert kept == {name: str(value) for name, value in sent.items()}
    assert 'name="summary_en" value="Written for an hour."' in page.text
    assert not ProgressUpdate.objects.exists()
    assert client.post(log_of(duty), kept).url == "/admin/"
    assert ProgressUpdate.objects.get().state == "submitted"


@pytest.mark.alike
@pytest.mark.django_db
@pytest.mark.usefixtures("noon")
def test_no_password_and_no_file_is_kept_on_it(duty, reporter, signed_in, monkeypatch):
    monkeypatch.setattr(DraftPage, "_write", raiser("database is locked"))
    source = {"title_en": "Minutes", "upload": upload()}
    sent = entered(source) | {"sign_in-password": "a-secret", "sign_in-code": "123456"}
    page = signed_in(reporter).post(log_of(duty), sent)
    assert page.status_code == 503
    kept = dict(page.context["sent"])
    assert not [name for name in kept if name.startswith(("sign_in", "csrf")) or "upload" in name]
    assert "a-secret" not in page.text
    assert "Files are not kept here" in page.text


@pytest.mark.django_db
def test_the_api_says_it_as_a_problem(api, monkeypatch):
    monkeypatch.setattr(PlanView, "get_queryset", raiser("database is locked"))
    answer = api().get("/api/v1/plans/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert answer.json()["detail"].startswith(
        "The database, the store of files or the cache is busy,"
    )


def caused_by(error, cause):
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "busy"),
    [
        (OperationalError("database is locked"), True),
        (OperationalError("database table is locked: commitments_plan"), True),
        (OperationalError("no such table: commitments_plan"), suite.vendor != "sqlite"),
        (InterfaceError("the connection is closed"), suite.vendor != "sqlite"),
        (caused_by(InternalError(), ReadOnlySqlTransaction()), suite.vendor != "sqlite"),
        (IntegrityError("UNIQUE constraint failed"), False),
        (ValueError("database is locked"), False),
        (None, False),
    ],
)
def test_only_what_may_succeed_later_counts_as_busy(error, busy):
    assert is_busy(error) is busy
