"""A process does not start with a variable of the environment that it cannot read, nor a site with
a weak secret or for developers; the refusal names the setting."""

import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from tracker.variables import Variables

pytestmark = pytest.mark.alike

STRONG = "".join(map(chr, range(33, 90)))
READ = "from tracker import gunicorn, settings"
SWITCHES = ("HTTPS", "BEHIND_PROXY", "DEBUG", "HSTS_PRELOAD", "CONNECTION_POOLER")


def started(program, **settings):
    """Run a program with these variables; return its exit code and its last lines of errors."""
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"SECRET_KEY": STRONG} | settings,
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.returncode, done.stderr.rpartition("Traceback")[2].rpartition("File")[2].strip()


@pytest.mark.parametrize(
    ("text", "read"),
    [("true", True), ("TRUE", True), ("1", True), ("yes", True), ("on", True), (" true ", True)]
    + [(text, False) for text in ("false", "False", "0", "no", "off")],
)
def test_a_variable_that_is_true_or_false_is_read(monkeypatch, text, read):
    monkeypatch.setenv("HTTPS", text)
    assert Variables().bool("HTTPS", default=not read) is read


def test_a_variable_that_is_not_there_has_its_default(monkeypatch):
    monkeypatch.delenv("HTTPS", raising=False)
    env = Variables()
    assert env.bool("HTTPS", default=True)
    assert env.int("HTTPS", default=-3, at_least=1) == -3
    assert env.float("HTTPS", default=2.5) == 2.5
    assert env.choice("HTTPS", "a", ("a", "b")) == "a"


@pytest.mark.parametrize("text", ["ture", "2", "", "enabled", "nö"])
def test_a_variable_that_is_neither_true_nor_false_is_named(monkeypatch, text):
    monkeypatch.setenv("HTTPS", text)
    with pytest.raises(ImproperlyConfigured) as refused:
        Variables().bool("HTTPS", default=True)
    allowed = "Write true or false (or yes, no, on, off, 1, 0)."
    assert str(refused.value) == f"HTTPS is {text!r}. {allowed}"


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "text", "allowed"),
    [
        *((name, "ture", "true or false (or yes, no, on, off, 1, 0)") for name in SWITCHES),
        ("EVIDENCE_MAX_BYTES", "-1", "a whole number of at least 1"),
        ("EVIDENCE_MAX_BYTES", "0", "a whole number of at least 1"),
        ("EVIDENCE_MAX_BYTES", "25 MB", "a whole number of at least 1"),
        ("EVIDENCE_MAX_BYTES", "", "a whole number of at least 1"),
        ("BACKUP_MAX_AGE_DAYS", "-1", "a whole number from 0 to 3650"),
        ("STATEMENT_SECONDS", "-5", "a whole number of at least 0"),
        ("STATEMENT_SECONDS", "2.5", "a whole number of at least 0"),
        ("DIGEST_HOUR", "24", "a whole number from 0 to 23"),
        ("DIGEST_HOUR", "-1", "a whole number from 0 to 23"),
        ("LINK_CHECK_PAUSE", "-2", "a number of at least 0"),
        ("LINK_CHECK_PAUSE", "nan", "a number of at least 0"),
        ("WEB_WORKERS", "0", "a whole number of at least 1"),
        ("WEB_THREADS", "-4", "a whole number of at least 1"),
        ("LOG_FORMAT", "jsno", "one of text, json"),
        ("LOG_LEVEL", "LOUD", "one of DEBUG, INFO, WARNING, ERROR, CRITICAL"),
        *(
            ("TIME_ZONE", text, "a time zone as the IANA names it, such as UTC or Asia/Shanghai")
            for text in ("Mars/Base", "", "../UTC", "Asia")
        ),
    ],
)
def test_a_setting_that_cannot_be_read_is_named(name, text, allowed):
    code, sentence = started(READ, **{name: text})
    assert code != 0
    assert sentence.endswith(f"{name} is {text!r}. Write {allowed}.")


@pytest.mark.long
def test_an_empty_secret_is_refused_before_anything_is_done_with_it():
    code, sentence = started(READ, SECRET_KEY="")
    assert code != 0
    assert "SECRET_KEY is not set. Set it in the environment or in .env; this makes" in sentence


@pytest.mark.long
@pytest.mark.parametrize(("threads", "connections"), [("1", 4), ("4", 4), ("9", 9)])
def test_each_thread_has_a_connection_to_postgresql(threads, connections):
    program = (
        "from tracker.settings import DATABASES\n"
        f"assert DATABASES['default']['OPTIONS']['pool']['max_size'] == {connections}"
    )
    address = "postgres://tracker@127.0.0.1/tracker"
    assert started(program, DATABASE_URL=address, WEB_THREADS=threads) == (0, "")


SERVE = "import tracker.wsgi"


@pytest.mark.long
def test_a_site_starts_with_a_strong_secret():
    assert started(SERVE) == (0, "")


@pytest.mark.long
@pytest.mark.parametrize("key", ["key-7" * 9, "x" * 60, "abcd" * 20, "django-insecure-" + STRONG])
def test_a_site_does_not_start_with_a_weak_secret(key):
    code, sentence = started(SERVE, SECRET_KEY=key)
    assert code != 0
    assert "SECRET_KEY is weak" in sentence
    assert key not in sentence


@pytest.mark.long
@pytest.mark.parametrize(
    "settings",
    [{"HTTPS": "true"}, {"ALLOWED_HOSTS": "tracker.example.org"}, {"ALLOWED_HOSTS": "*"}],
)
def test_a_public_site_does_not_start_for_developers(settings):
    code, sentence = started(SERVE, DEBUG="true", **settings)
    assert code != 0
    assert "DEBUG is true" in sentence


@pytest.mark.long
def test_a_site_does_not_start_before_its_static_files_are_collected(tmp_path):
    code, sentence = started(SERVE, STATIC_ROOT=str(tmp_path))
    assert code != 0
    assert f"STATIC_ROOT ({tmp_path}) lacks" in sentence
    assert "Run manage.py collectstatic" in sentence


@pytest.mark.long
@pytest.mark.parametrize("hosts", ["127.0.0.1,localhost", "localhost,[::1],tracker.localhost"])
def test_a_developer_works_on_this_machine_alone(hosts):
    code, sentence = started(SERVE, DEBUG="true", HTTPS="false", ALLOWED_HOSTS=hosts)
    assert (code, sentence) == (0, "")


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "text", "module"),
    [
        ("METRICS_TOKEN", "a token that is long", "prometheus_client"),
        ("OIDC_ISSUER", "https://sign-in.example.org", "jwt"),
        ("OIDC_ISSUER", "https://sign-in.example.org", "requests"),
        ("CACHE_URL", "rediscache://127.0.0.1:6379/1", "redis"),
        ("EVIDENCE_STORE", "s3://bucket", "storages"),
        ("EVIDENCE_STORE", "s3://bucket", "boto3"),
    ],
)
def test_a_setting_whose_library_is_not_installed_is_named(name, text, module):
    hidden = f"import sys; sys.modules[{module!r}] = None; {SERVE}"
    oidc = {"OIDC_CLIENT_ID": "x", "OIDC_CLIENT_SECRET": "y"}
    code, sentence = started(hidden, **{name: text}, **oidc)
    assert code != 0
    assert f"{name} needs libraries that are not installed" in sentence
    assert "requirements-extras.txt" in sentence
