"""The health of the site: what is looked at, what stops it from serving, and who reads what."""

import json
import os
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.checks import run_checks
from django.db import DatabaseError, OperationalError, connection
from django.db.backends.utils import CursorWrapper
from django.test import Client

from commitments.db import outage_reason, replica_lag
from commitments.exceptions import CacheUnavailable
from commitments.models import LedgerCheck, LedgerHead, Mail, TaskRun, WebhookSubscriber
from commitments.operations import TASKS, health, health_reports
from commitments.operations.figures import figures
from commitments.operations.static_files import STATIC_FOLDER
from tests.steps import NOW, draft, file_evidence, perform

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]

PARTS = [
    "database",
    "migrations",
    "storage",
    "static",
    "cache",
    "clock",
    "head",
    "ledger",
    "mail",
    "webhooks",
    "tasks",
    "backup",
]


@pytest.fixture
def looked_after():
    """Regular tasks have run an hour ago."""
    hour_ago = NOW - timedelta(hours=1)
    LedgerCheck.objects.create(at=hour_ago, seq=0, differences=0)
    for task in TASKS:
        TaskRun.objects.create(task=task.name, started_at=hour_ago, ended_at=hour_ago, state="done")


def health_of(name):
    return next(report for report in health_reports(NOW) if report.name == name)


def test_a_site_that_is_looked_after_is_in_order(client, looked_after):
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "parts": dict.fromkeys(PARTS, "ok")}
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics"])
def test_no_probe_is_taken_for_anything_else(settings, path):
    """They are answered before the middleware that sees to it for all other addresses."""
    settings.METRICS_TOKEN = "only for tests"
    middleware = [*settings.MIDDLEWARE]
    middleware.insert(middleware.index("tracker.health.probes") + 1, "tracker.metrics.metrics")
    settings.MIDDLEWARE = middleware
    answer = Client().get(path)
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"


def test_a_new_site_can_serve_though_nothing_was_checked_yet(client):
    answer = client.get("/readyz").json()
    assert answer["status"] == "warning"
    assert {name for name, state in answer["parts"].items() if state != "ok"} == {
        "ledger",
        "tasks",
    }


def test_the_process_lives_whatever_the_database_does(client, monkeypatch):
    tried = []

    def fail(*args, **kwargs):
        tried.append(args)
        raise DatabaseError("gone")

    # Whether a folder that is not there should be, the database would be asked.
    os.makedirs(health.evidence_storage().location, exist_ok=True)
    monkeypatch.setattr(CursorWrapper, "execute", fail)
    assert client.get("/livez").content == b"ok\n"
    answer = client.get("/readyz")
    assert answer.status_code == 503
    failed = {name for name, state in answer.json()["parts"].items() if state == "failed"}
    assert failed == {"database", *health.IN_DATABASE}
    assert len(tried) == 1
    assert "gone" not in answer.text


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, ""),
        (0, ""),
        (59, ""),
        (60, "This replica is 1 minute behind, or not connected."),
        (7300, "This replica is 121 minutes behind, or not connected."),
    ],
)
def test_a_replica_that_lags_behind_is_said_and_still_serves(seconds, words, client, monkeypatch):
    lag = seconds if seconds is None else timedelta(seconds=seconds)
    monkeypatch.setattr(health, "replica_lag", lambda: lag)
    assert health_of("database").words == words
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["parts"]["database"] == ("warning" if words else "ok")
    assert answer.json()["parts"]["migrations"] == "ok"


def test_a_database_that_is_no_replica_has_no_lag():
    assert replica_lag() is None


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL has no file of ours")
@pytest.mark.parametrize("name", ["db", "db-wal", "db-shm", "."])
def test_a_file_of_the_database_that_is_read_only_is_named(name, client, tmp_path, monkeypatch):
    for suffix in ("", "-wal", "-shm"):
        (tmp_path / f"db{suffix}").touch()
    monkeypatch.setitem(connection.settings_dict, "NAME", str(tmp_path / "db"))
    assert health_of("database").health == "ok"
    closed = tmp_path / name
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != closed)
    assert health_of("database").words == f"{closed} is not writable."
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["parts"]["database"]) == (503, "failed")
    assert str(tmp_path) not in answer.text
    reason = outage_reason(OperationalError("attempt to write a readonly database"))
    assert reason == f"attempt to write a readonly database ({closed} is not writable)"


def test_migrations_that_wait_stop_the_site(monkeypatch):
    monkeypatch.setattr(
        health.MigrationExecutor, "migration_plan", lambda self, targets: ["one", "two"]
    )
    report = health_of("migrations")
    assert (report.health, report.words) == ("failed", "2 migrations wait for “migrate”.")


@pytest.mark.parametrize(
    ("free", "expected"), [(10**12, "ok"), (100 * 2**20, "warning"), (2**20, "failed")]
)
def test_room_for_evidence_is_told_before_it_ends(free, expected, monkeypatch):
    usage = type("usage", (), {"free": free})
    monkeypatch.setattr(health.shutil, "disk_usage", lambda path: usage)
    assert health_of("storage").health == expected


def test_a_folder_that_cannot_be_written_stops_the_site(monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert health_of("storage").words == "The evidence folder is not writable."


def test_a_storage_elsewhere_is_asked_whether_it_answers(monkeypatch):
    asked = []
    elsewhere = type("Elsewhere", (), {"listdir": lambda self, name: asked.append(name)})()
    monkeypatch.setattr(health, "evidence_storage", lambda: elsewhere)
    assert health_of("storage").health == "ok"
    assert asked


def test_a_folder_of_evidence_that_was_lost_stops_the_site(duty, reporter, settings, tmp_path):
    draft(duty, reporter, evidence=[file_evidence()])
    gone = str(tmp_path / "gone")
    settings.STORAGES = settings.STORAGES | {
        "evidence": settings.STORAGES["evidence"] | {"OPTIONS": {"location": gone}}
    }
    assert health_of("storage").words == "The evidence folder is missing."


def test_a_cache_that_is_away_is_told_and_readers_are_still_sent_here(
    client, looked_after, monkeypatch
):
    def fail(*args):
        raise CacheUnavailable("Connection refused.")

    monkeypatch.setattr(health.cache, "set", fail)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["parts"]["cache"]) == (200, "warning")
    words = "The cache cannot be used, so nobody can sign in: Connection refused."
    assert health_of("cache").words == words


def test_whatever_a_cache_raises_is_told(monkeypatch):
    def fail(*args):
        raise RuntimeError("of a library")

    monkeypatch.setattr(health.cache, "set", fail)
    assert health_of("cache").words == "RuntimeError: of a library"


def test_probes_ask_by_any_address_and_without_https(client, settings):
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/livez", HTTP_HOST="10.0.0.1:8000").status_code == 200
    assert client.get("/readyz", HTTP_HOST="10.0.0.1:8000").status_code == 200


@pytest.fixture
def collected(settings, tmp_path):
    """The site serves the files of a folder, in which each is under its own name."""
    settings.STATIC_ROOT = str(tmp_path)
    manifest = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": manifest}}
    shutil.copytree(STATIC_FOLDER, tmp_path, dirs_exist_ok=True)
    paths = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*")}
    write_manifest(tmp_path, paths)
    return tmp_path


def write_manifest(folder, names):
    paths = dict(zip(names, names, strict=True))
    (folder / "staticfiles.json").write_text(json.dumps({"version": "1.1", "paths": paths}))
    start_again()


def start_again():
    """Have the manifest read, as the start of a process does."""
    staticfiles_storage.hashed_files, _digest = staticfiles_storage.load_manifest()


def deployment_errors():
    found = run_checks(tags=["deployment"], include_deployment_checks=True)
    return [message.id for message in found if message.is_serious()]


def test_static_files_that_were_collected_are_in_order(collected, client):
    assert health_of("static").health == "ok"
    assert deployment_errors() == []


def test_static_files_that_were_not_collected_are_told(collected, client):
    (collected / "staticfiles.json").unlink()
    start_again()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["parts"]["static"]) == (503, "failed")
    assert "collectstatic" in health_of("static").words
    assert deployment_errors() == ["commitments.E020"]


@pytest.mark.parametrize("way", ["not collected", "gone"])
def test_one_static_file_that_is_missing_is_told_by_name(collected, way):
    name = "commitments/workbench.css"
    if way == "gone":
        (collected / name).unlink()
    else:
        write_manifest(collected, set(staticfiles_storage.hashed_files) - {name})
    assert name in health_of("static").words
    assert deployment_errors() == ["commitments.E020"]


def test_probes_leave_nothing_behind_in_the_cache(client, settings, tmp_path, looked_after):
    file_based = "django.core.cache.backends.filebased.FileBasedCache"
    kept = {"BACKEND": file_based, "LOCATION": str(tmp_path)}
    settings.CACHES = settings.CACHES | {"counts": kept}
    for _ in range(3):
        assert client.get("/readyz").json()["parts"]["cache"] == "ok"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (None, ("ok", "")),
        (NOW - timedelta(days=182), ("ok", "")),
        (
            NOW - timedelta(days=184),
            ("warning", "Nothing has been recorded in the ledger for 184 days."),
        ),
    ],
)
def test_a_ledger_in_which_nothing_is_recorded_any_more_is_told(at, expected):
    LedgerHead.objects.update(at=at)
    report = health_of("head")
    assert (report.health, report.words) == expected


def test_a_cache_that_forgets_is_told(settings, monkeypatch):
    monkeypatch.setattr(health.cache, "get", lambda name: None)
    assert health_of("cache").health == "failed"


def test_a_clock_that_disagrees_with_the_ledger_is_told(duty, reporter):
    perform(draft(duty, reporter), "submit", reporter)
    LedgerHead.objects.update(at=NOW + timedelta(days=1))
    assert "The clock says" in health_of("clock").words


@pytest.mark.parametrize(
    ("at", "differences", "words"),
    [
        (NOW - timedelta(days=3), 0, "has not been compared"),
        (NOW, 1, "found 1 difference."),
        (NOW, 2, "found 2 differences."),
        (NOW, 0, ""),
    ],
)
def test_a_ledger_that_was_not_checked_or_differs_is_told(at, differences, words):
    LedgerCheck.objects.create(at=at, seq=1, differences=differences)
    report = health_of("ledger")
    assert words in report.words
    assert bool(report.words) == bool(words)


def test_what_was_never_done_is_not_said_to_be_late(looked_after):
    LedgerCheck.objects.all().delete()
    assert health_of("ledger").words == "The ledger has not been compared with the tables yet."
    TaskRun.objects.filter(task__in=["forget", "check_links"]).delete()
    TaskRun.objects.filter(task="verify_ledger").update(state="failed")
    words = "Not yet run: check_links, forget. Late or failed: verify_ledger."
    assert health_of("tasks").words == words


@pytest.mark.parametrize("state", ["failed", "lost"])
def test_a_task_that_failed_is_told_by_name(state, looked_after):
    TaskRun.objects.filter(task="check_links").update(state=state)
    assert health_of("tasks").words == "Late or failed: check_links."


def test_a_task_that_failed_is_told_beside_a_run_of_a_clock_that_was_wrong(looked_after):
    wrong = NOW + timedelta(days=1)
    TaskRun.objects.filter(task="forget").update(state="failed")
    TaskRun.objects.create(task="forget", started_at=wrong, ended_at=wrong, state="done")
    assert health_of("tasks").words == "Late or failed: forget."


def test_the_page_says_why_a_task_failed(looked_after, signed_in, administrator):
    output = "The mail server is away: ConnectionRefusedError\n\n"
    TaskRun.objects.update(state="failed", output=f"Two mails wait.\n{output}")
    page = signed_in(administrator).get("/admin/status/").text
    assert "The mail server is away: ConnectionRefusedError" in page
    assert "Two mails wait." not in page
    TaskRun.objects.update(state="done")
    assert "The mail server is away" not in signed_in(administrator).get("/admin/status/").text


def test_mail_that_waits_or_was_given_up_is_told(client, reporter, looked_after, sends_mail):
    columns = {"person": reporter, "due_at": NOW, "kind": "published"}
    hours_ago, days_ago = NOW - timedelta(hours=2), NOW - timedelta(days=6)
    Mail.objects.create(key="1", made_at=NOW - timedelta(minutes=59), **columns)
    assert health_of("mail").health == "ok"
    failed = {"state": "failed", "ended_at": days_ago}
    Mail.objects.create(key="2", made_at=days_ago, **failed, **columns)
    assert health_of("mail").words == "1 message could not be delivered in the past week."
    Mail.objects.create(key="3", made_at=hours_ago, **columns)
    assert health_of("mail").words == "1 message has waited for an hour or more."
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["parts"]["mail"]) == (200, "warning")
    assert (figures(NOW)["waiting_mails"], figures(NOW)["failed_mails"]) == (2, 1)
    Mail.objects.waiting().update(state="held")
    assert health_of("mail").words.startswith("2 messages are held after a restore.")
    assert (figures(NOW)["waiting_mails"], figures(NOW)["held_mails"]) == (0, 2)


def test_subscribers_of_webhooks_that_take_nothing_are_told(client, looked_after):
    columns = {"url": "https://example.org/", "secret": "s", "created_at": NOW, "due_at": NOW}
    WebhookSubscriber.objects.create(name="A", tries=2, error="500", **columns)
    WebhookSubscriber.objects.create(name="B", tries=9, state="paused", error="500", **columns)
    assert health_of("webhooks").health == "ok"
    WebhookSubscriber.objects.create(name="C", tries=3, error="500", **columns)
    assert health_of("webhooks").words == "Webhook subscribers that accept nothing: 1."
    WebhookSubscriber.objects.create(name="D", state="stopped", error="500", **columns)
    WebhookSubscriber.objects.create(name="E", state="gone", error="410", **columns)
    assert health_of("webhooks").words == "Stopped webhook subscribers: 2."
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["parts"]["webhooks"]) == (200, "warning")
    assert (figures(NOW)["failing_webhooks"], figures(NOW)["stopped_webhooks"]) == (1, 2)


@pytest.mark.long
def test_administrators_see_what_is_wrong(administrator, signed_in, looked_after):
    TaskRun.objects.filter(task="check_links").update(state="failed")
    page = signed_in(administrator).get("/admin/status/")
    assert "Late or failed: check_links." in page.text
    assert page.text.count("In order") == len(PARTS) - 1
    assert 'href="/admin/status/"' in signed_in(administrator).get("/admin/").text


@pytest.mark.parametrize("persona", ["visitor", "reporter", "reviewer", "curator"])
def test_nobody_else_sees_the_status_of_the_site(persona, request, signed_in):
    client = signed_in(request.getfixturevalue(persona))
    assert client.get("/admin/status/").status_code in (302, 403)
    assert "/admin/status/" not in client.get("/admin/").text
    assert client.get("/admin/commitments/taskrun/").status_code in (302, 403)


def test_the_figures_count_what_waits(duty, reporter, administrator, signed_in):
    perform(draft(duty, reporter), "submit", reporter)
    page = signed_in(administrator).get("/admin/status/")
    assert ("Updates in review", 1) in [(str(name), n) for name, n in page.context["figures"]]
