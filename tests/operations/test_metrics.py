"""Metrics say how the site is used and how it is, to whoever has the token."""

import re
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from commitments.models import LedgerHead, TaskRun
from commitments.operations.figures import figures
from tests.steps import NOW, submitted

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]

TOKEN = "only-for-tests"
SENT = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def client(settings):
    settings.METRICS_TOKEN = TOKEN
    settings.MIDDLEWARE = ["tracker.metrics.metrics", *settings.MIDDLEWARE]
    return Client()


def samples(client):
    answer = client.get("/metrics", headers=SENT)
    assert answer.status_code == 200
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def count(client, *labels):
    return samples(client).get(("tracker_request_seconds_count", *labels), 0)


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": TOKEN}, {"Authorization": f"Bearer {TOKEN}x"}]
)
def test_nobody_else_reads_them(client, headers):
    answer = client.get("/metrics", headers=headers)
    assert (answer.status_code, answer.content) == (401, b"")


def test_without_the_setting_there_are_none(db):
    assert Client().get("/metrics", headers=SENT).status_code == 404


@pytest.mark.parametrize(
    ("method", "address", "labels"),
    [
        ("GET", "/api/v1/status/", ("api", "GET", "200")),
        ("GET", "/en/", ("pages", "GET", "200")),
        ("GET", "/admin/", ("staff", "GET", "302")),
        ("GET", "/robots.txt", ("other", "GET", "200")),
        ("GET", "/nothing", ("other", "GET", "404")),
        ("DELETE", "/api/v1/status/", ("api", "DELETE", "401")),
        ("INVENTED", "/api/v1/status/", ("api", "other", "401")),
    ],
)
def test_requests_are_counted_by_area_method_and_status(client, method, address, labels):
    before = count(client, *labels)
    client.generic(method, address)
    assert count(client, *labels) == before + 1


def test_a_database_that_is_away_is_in_them(client, monkeypatch):
    def away(now):
        raise OperationalError

    monkeypatch.setattr("tracker.metrics.figures", away)
    assert samples(client)[("tracker_health", "cache")] == 2


def test_no_address_and_no_person_is_in_them(client, reporter, duty):
    client.force_login(reporter)
    client.get(f"/admin/log/{duty.code}/")
    text = client.get("/metrics", headers=SENT).text
    assert not re.search(f"{duty.code}|reporter", text)


def test_they_say_how_old_the_head_of_the_ledger_is(client):
    LedgerHead.objects.update(at=None)
    assert ("tracker_ledger_head_age_seconds",) not in samples(client)
    LedgerHead.objects.update(at=NOW - timedelta(minutes=5))
    assert samples(client)[("tracker_ledger_head_age_seconds",)] == 300


def test_they_say_how_old_the_last_backup_is(client):
    assert ("tracker_backup_age_seconds",) not in samples(client)
    for hours, state in ((3, "done"), (1, "failed")):
        at = NOW - timedelta(hours=hours)
        TaskRun.objects.create(task="backup", started_at=at, ended_at=at, state=state)
    assert samples(client)[("tracker_backup_age_seconds",)] == 3 * 3600
    assert samples(client)[("tracker_health", "backup")] == 2


def test_they_say_what_waits_and_how_each_part_is(client, duty, reporter):
    submitted(duty, reporter)
    read = samples(client)
    expected = {(f"tracker_{name}",): value for name, value in figures(NOW).items()}
    assert expected[("tracker_in_review",)] == 1
    assert expected.items() <= read.items()
    assert read[("tracker_health", "database")] == 2
    assert read[("tracker_health", "tasks")] == 1
    LedgerHead.objects.update(at=NOW.replace(year=NOW.year + 1))
    assert samples(client)[("tracker_health", "clock")] == 0
