"""Settings that are wrong are named before anything is served."""

import os
import subprocess
import sys

import pytest
from django.core.checks import run_checks

pytestmark = pytest.mark.alike


def found():
    """Return the checks of our own that fail, each with the sentence."""
    ours = [row for row in run_checks() if row.id.startswith("commitments.")]
    return {row.id: row.msg for row in ours}


def test_the_settings_of_the_tests_are_right():
    assert found() == {}


@pytest.mark.parametrize(
    "rate", ["banana", "600", "600/fortnight", "600/month", "0/day", "many/minute", "/"]
)
def test_a_rate_that_is_none_is_named(settings, rate):
    settings.API_RATE = rate
    assert found() == {"commitments.E001": f"API_RATE is {rate!r}, which is no rate."}


@pytest.mark.parametrize("rate", ["", "5/second", "600/minute", "9/hour", "1/day"])
def test_a_rate_is_taken(settings, rate):
    settings.API_RATE = rate
    assert found() == {}


@pytest.mark.parametrize("evidence", ["static", "static/evidence", "."])
def test_evidence_is_never_among_static_files(settings, tmp_path, evidence):
    settings.STATIC_ROOT = str(tmp_path / "static")
    settings.STORAGES = settings.STORAGES | {
        "evidence": {"OPTIONS": {"location": str(tmp_path / evidence)}}
    }
    assert list(found()) == ["commitments.E002"]


def test_evidence_may_be_beside_static_files(settings, tmp_path):
    settings.STATIC_ROOT = str(tmp_path / "static")
    settings.STORAGES = settings.STORAGES | {
        "evidence": {"OPTIONS": {"location": str(tmp_path / "evidence")}}
    }
    assert found() == {}


def test_a_folder_that_cannot_be_written_is_named(settings, tmp_path, monkeypatch):
    settings.STORAGES = settings.STORAGES | {
        "evidence": {"OPTIONS": {"location": str(tmp_path / "evidence")}}
    }
    monkeypatch.setattr(os, "access", lambda path, mode: path != tmp_path)
    assert list(found()) == ["commitments.E003"]


@pytest.mark.parametrize(("mode", "expected"), [(0o644, ["commitments.W004"]), (0o600, [])])
def test_a_database_that_others_may_read_is_named(settings, tmp_path, monkeypatch, mode, expected):
    file = tmp_path / "db.sqlite3"
    file.touch()
    file.chmod(mode)
    database = settings.DATABASES["default"]
    monkeypatch.setitem(database, "ENGINE", "django.db.backends.sqlite3")
    monkeypatch.setitem(database, "NAME", str(file))
    assert list(found()) == expected


@pytest.mark.long
def test_the_server_does_not_start_with_a_wrong_setting():
    environment = os.environ | {"SECRET_KEY": "x" * 60, "API_RATE": "banana", "HTTPS": "false"}
    started = subprocess.run(
        [sys.executable, "-c", "import tracker.wsgi"],
        env=environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert started.returncode != 0
    assert "API_RATE is 'banana'" in started.stderr
