"""Settings that are wrong are named before anything is served."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured, ValidationError

from commitments import deployment_checks, place_checks, system_checks
from commitments.ledger.proofs.notes import SigningKey
from tests.ledger.proofs.cosigning import TestWitness
from tracker.data_settings import bucket_storage

pytestmark = pytest.mark.alike

WITNESS = TestWitness("witness.example.org/w1").key


def found():
    """Return the checks of our own that fail, each with the sentence."""
    ours = [row for row in run_checks() if row.id.startswith("commitments.")]
    return {row.id: row.msg for row in ours}


def test_the_settings_of_the_tests_are_right():
    assert found() == {}


def test_no_two_checks_have_one_number():
    modules = (system_checks, place_checks, deployment_checks)
    source = "".join(Path(module.__file__).read_text(encoding="utf-8") for module in modules)
    numbers = [int(text) for text in re.findall(r"(?:_error\(\s*|commitments\.[EW])(\d+)", source)]
    assert len(numbers) > 30
    assert len(numbers) == len(set(numbers))


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


@pytest.mark.parametrize(
    "origin",
    [
        "app.example.org",
        "https://app.example.org/",
        "https://a.org/path",
        "*",
        "null",
        "https://App.example.org",
        "https://app.example.org:443",
        "https://app.example.org:port",
    ],
)
def test_an_origin_that_is_none_is_named(settings, origin):
    settings.API_ORIGINS = ["https://app.example.org:8443", origin]
    assert found() == {"commitments.E015": f"API_ORIGINS has {origin!r}, which is no origin."}


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


@pytest.mark.parametrize(
    ("address", "options"),
    [
        ("s3://bucket", {"bucket_name": "bucket", "location": ""}),
        (
            "s3://bucket/a/b/?endpoint_url=https://s3.example.org:9000&region_name=eu-1",
            {
                "bucket_name": "bucket",
                "location": "a/b",
                "endpoint_url": "https://s3.example.org:9000",
                "region_name": "eu-1",
            },
        ),
    ],
)
def test_the_address_of_a_bucket_is_read(address, options):
    assert bucket_storage(address)["OPTIONS"] == options


@pytest.mark.parametrize(
    "address",
    [
        "bucket",
        "s3:///files",
        "https://s3.example.org/bucket",
        "s3://bucket?acl=public",
        "s3://bucket?endpoint_url",
        "s3://bucket?endpoint_url=elsewhere",
        "s3://bucket?endpoint_url=http://[x",
    ],
)
def test_an_address_that_is_no_bucket_is_named(address):
    with pytest.raises(ImproperlyConfigured, match="EVIDENCE_STORE is "):
        bucket_storage(address)


def test_a_connection_pooler_before_a_file_is_named(settings, monkeypatch):
    settings.CONNECTION_POOLER = True
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", "django.db.backends.sqlite3")
    assert list(found()) == ["commitments.E016"]


@pytest.mark.parametrize(("mode", "expected"), [(0o644, ["commitments.W004"]), (0o600, [])])
def test_a_database_that_others_may_read_is_named(settings, tmp_path, monkeypatch, mode, expected):
    file = tmp_path / "db.sqlite3"
    file.touch()
    file.chmod(mode)
    database = settings.DATABASES["default"]
    monkeypatch.setitem(database, "ENGINE", "django.db.backends.sqlite3")
    monkeypatch.setitem(database, "NAME", str(file))
    assert list(found()) == expected


@pytest.mark.parametrize(("mode", "expected"), [(0o640, ["commitments.W009"]), (0o600, [])])
def test_a_ledger_key_that_others_may_read_is_named(settings, ledger_key, mode, expected):
    Path(settings.LEDGER_KEY).chmod(mode)
    assert list(found()) == expected


@pytest.mark.parametrize(
    "witness",
    [
        *("", "witness.example.org", "KEY w.org", "KEY ftp://w.org", "KEY", "KEY https://w.org/?x"),
        *("KEY https://me@w.org", "LEDGER https://w.org"),
    ],
)
def test_a_witness_that_cannot_be_asked_is_named(settings, witness):
    ledger = SigningKey.generate("ledger.example").verifier
    text = witness.replace("KEY", str(WITNESS)).replace("LEDGER", str(ledger))
    settings.WITNESSES = [f"{WITNESS} https://witness.example.org/w1", text]
    assert list(found()) == ["commitments.E010"]


def test_witnesses_are_taken(settings):
    settings.WITNESSES = [f"{WITNESS} https://witness.example.org/w1", f" {WITNESS}  http://w:80/"]
    assert found() == {}


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


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("short-phrase", None),
        ("eleven-char", "at least 12 characters"),
        ("password1234", "too common"),
        ("reporter-one", "too similar"),
    ],
)
def test_a_password_has_twelve_characters_and_is_not_common(password, words):
    user = User(username="reporter-one")
    if words is None:
        validate_password(password, user)
        return
    with pytest.raises(ValidationError, match=words):
        validate_password(password, user)


def test_a_session_lasts_a_working_day(settings):
    assert settings.SESSION_COOKIE_AGE == 12 * 3600


@pytest.mark.django_db
def test_what_was_answered_to_somebody_who_signed_in_is_kept_by_nobody(client, reporter, api):
    public = client.get("/en/")
    assert "Cache-Control" not in public or "no-store" not in public["Cache-Control"]
    client.force_login(reporter)
    for path in ("/en/", "/admin/password_change/", "/api/v1/me/"):
        assert "no-store" in client.get(path)["Cache-Control"], path
    basic = {"HTTP_AUTHORIZATION": "Basic eDp5"}
    assert "no-store" in api().post("/api/v1/auth/login/", **basic)["Cache-Control"]


@pytest.mark.django_db
def test_browsers_are_told_what_no_page_uses(client):
    assert "camera=()" in client.get("/en/")["Permissions-Policy"]


@pytest.mark.parametrize(
    ("path", "ids"),
    [
        ("admin/", []),
        ("staff/desk-2/", []),
        ("", ["commitments.E008"]),
        ("/admin/", ["commitments.E008"]),
        ("admin", ["commitments.E008"]),
        ("api/", ["commitments.E008"]),
        ("api/v1/", ["commitments.E008"]),
        ("sitemaps/", ["commitments.E008"]),
        ("en/", ["commitments.E008"]),
        ("static/x/", ["commitments.E008"]),
        ("<int:x>/", ["commitments.E008"]),
    ],
)
def test_the_address_of_the_staff_side_is_a_free_folder(settings, path, ids):
    settings.ADMIN_PATH = path
    assert [message.id for message in system_checks.check_admin_path()] == ids


@pytest.mark.long
def test_the_staff_side_is_where_the_setting_says(db):
    """In a separate process, since the URLconf is built only once."""
    program = """
import django
django.setup()
from django.test import Client
client = Client()
for address in ("/admin/", "/staff/", "/staff/second-factor/"):
    answer = client.get(address)
    print(answer.status_code, getattr(answer, "url", ""))
print(client.get("/robots.txt").text.splitlines()[1])
"""
    environment = {
        **os.environ,
        "ADMIN_PATH": "staff/",
        "DJANGO_SETTINGS_MODULE": "tracker.settings",
    }
    command = [sys.executable, "-c", program]
    printed = subprocess.check_output(
        command, env=environment, text=True, stderr=subprocess.DEVNULL
    )
    assert printed.splitlines() == [
        "404 ",
        "302 /staff/login/?next=/staff/",
        "302 /staff/login/?next=/staff/second-factor/",
        "Disallow: /staff/",
    ]


@pytest.mark.parametrize(
    ("roles", "ids"), [(["administrator", "reviewer"], []), (["reviewers"], ["commitments.E005"])]
)
def test_a_role_that_is_none_is_named(settings, roles, ids):
    settings.SECOND_FACTOR_ROLES = roles
    assert [message.id for message in system_checks.check_second_factor_roles()] == ids


@pytest.mark.parametrize(
    ("changes", "ids"),
    [
        ({}, []),
        ({"SITE_URL": "https://elsewhere.example.org"}, ["commitments.E012"]),
        ({"SITE_URL": "https://tracker.example.org/en"}, ["commitments.E011"]),
        ({"SITE_URL": "tracker.example.org"}, ["commitments.E011"]),
        ({"SITE_URL": "http://tracker.example.org", "HTTPS": True}, ["commitments.E012"]),
        ({"DEFAULT_FROM_EMAIL": "the tracker"}, ["commitments.E013"]),
        ({"DEFAULT_FROM_EMAIL": "a@example.org, b@example.org"}, ["commitments.E013"]),
        ({"SITE_URL": "https://tracker.example.org:port"}, ["commitments.E011"]),
        ({"SITE_URL": "https://tracker.example.org:99999"}, ["commitments.E011"]),
        ({"MAIL_ENABLED": False, "SITE_URL": "https://elsewhere.example.org"}, []),
    ],
)
def test_settings_of_mail_that_would_lead_nowhere_are_named(settings, sends_mail, changes, ids):
    for name, value in changes.items():
        setattr(settings, name, value)
    assert list(found()) == ids


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("", [False, "dummy", "localhost", 25, "", False]),
        ("consolemail://", [True, "console", "localhost", 25, "", False]),
        (
            "smtp+tls://me:p%40ss@mail.example.org:587",
            [True, "smtp", "mail.example.org", 587, "p@ss", True],
        ),
        ("smtp+tls://mail.example.org", [True, "smtp", "mail.example.org", 587, "", True]),
        ("smtp+ssl://mail.example.org", [True, "smtp", "mail.example.org", 465, "", False]),
        ("smtp://mail.example.org", [True, "smtp", "mail.example.org", 25, "", False]),
    ],
)
def test_the_address_of_the_mail_server_is_read(url, expected):
    program = (
        "from tracker import settings as s; import json; print(json.dumps([s.MAIL_ENABLED, "
        "s.EMAIL_BACKEND.split('.')[-2], s.EMAIL_HOST, s.EMAIL_PORT, s.EMAIL_HOST_PASSWORD, "
        "s.EMAIL_USE_TLS]))"
    )
    environment = os.environ | {"EMAIL_URL": url}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == expected


def test_nothing_in_a_file_of_settings_has_an_effect_on_tests():
    """`make run` writes an `.env`, and whoever runs a site here adds to it. What is in the
    environment already is not read from there."""
    sources = [path.read_text(encoding="utf-8") for path in Path("tracker").glob("*.py")]
    read = {name for text in sources for name in re.findall(r'env\.\w+\("(\w+)"', text)}
    assert {"SECRET_KEY", "EMAIL_URL", "SITE_URL", "MAIL_FROM", "DIGEST_HOUR"} < read
    assert read - os.environ.keys() == set()
