"""A name in `.env` that has no effect but resembles a setting is shown."""

import os
from pathlib import Path

import pytest
from django.conf import settings as site
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured

from tracker.environment import env
from tracker.variables import Variables

pytestmark = pytest.mark.alike

BY_SERVER = "gunicorn reads no .env: set {} in the environment of the service."


@pytest.fixture
def misspelt(tmp_path):
    """`misspelt(line)` returns what is found in a file with this line."""

    def misspelt(line):
        file = tmp_path / ".env"
        file.write_text(f"SECRET_KEY=x\n{line}\n")
        return env.misspelt(file, site.SERVER_NAMES)

    return misspelt


@pytest.mark.parametrize(
    ("line", "name", "meant"),
    [
        ("HTTP=true", "HTTP", "HTTPS"),
        ("export Https=true", "Https", "HTTPS"),
        ("LOGLEVEL=INFO", "LOGLEVEL", "LOG_LEVEL"),
        ("SECRETKEY=x", "SECRETKEY", "SECRET_KEY"),
        ("WEB_WORKER=2", "WEB_WORKER", "WEB_WORKERS"),
        ("WEB_WORKERS=2", "WEB_WORKERS", "WEB_WORKERS"),
    ],
)
def test_a_name_that_has_no_effect_is_shown_with_the_one_that_was_meant(
    settings, misspelt, line, name, meant
):
    settings.MISSPELT_NAMES = misspelt(line)
    [shown] = [row for row in run_checks() if row.id == "commitments.W034"]
    assert shown.msg == f"{name} in .env has no effect."
    by_server = meant in site.SERVER_NAMES
    assert shown.hint == (BY_SERVER.format(meant) if by_server else f"Did you mean {meant}?")


@pytest.mark.parametrize(
    "line",
    [
        *("HTTPS=true", "# HTTP=true", "EVIDENCE_DIR=x", "AWS_ACCESS_KEY_ID=x"),
        *("AWS_SECRET_ACCESS_KEY=x", "HTTP_PROXY=x", "HTTPS_PROXY=x", "POSTGRES_PASSWORD=x"),
        *("STATIC_URL=x", "CACHE_DIR=x", "API_URL=x", "SMTP_URL=x", "SITE_PORT=x"),
    ],
)
def test_a_setting_and_what_other_programs_read_is_not_shown(misspelt, line):
    assert misspelt(line) == {}


@pytest.mark.parametrize("file", [".env.example", "deploy/site.env"])
def test_no_name_is_misspelt_in_the_files_that_are_shipped(tmp_path, file):
    """Settings that are commented out are looked at too."""
    shown = tmp_path / ".env"
    shown.write_text(Path(file).read_text(encoding="utf-8").replace("\n#", "\n"))
    assert env.misspelt(shown, site.SERVER_NAMES) == {}


def test_a_file_that_is_not_there_or_cannot_be_read_has_no_names(tmp_path, monkeypatch):
    assert env.misspelt(tmp_path / ".env", ()) == {}

    def refuse(*arguments, **options):
        raise PermissionError

    monkeypatch.setattr(Path, "read_text", refuse)
    assert env.misspelt(tmp_path / ".env", ()) == {}


def test_no_secret_is_made_anew_while_the_file_that_may_have_it_cannot_be_read(
    tmp_path, monkeypatch
):
    file = tmp_path / ".env"
    monkeypatch.setenv("SECRET_KEY", "")
    with pytest.raises(ImproperlyConfigured, match="this makes one"):
        env.secret("SECRET_KEY", file)
    file.mkdir()
    with pytest.raises(ImproperlyConfigured, match=f"^{file} cannot be read: Is a directory.$"):
        env.secret("SECRET_KEY", file)
    # Whoever has it in the environment needs no file.
    monkeypatch.setenv("SECRET_KEY", "x")
    assert env.secret("SECRET_KEY", file) == "x"


@pytest.mark.parametrize("text", ["$abcdefgh", "$TOKEN", "a$b", ""])
def test_a_text_is_read_as_it_is_written(monkeypatch, text):
    monkeypatch.setenv("TOKEN", text)
    variables = Variables()
    assert variables.str("TOKEN", default="x") == text
    monkeypatch.delenv("TOKEN")
    assert variables.str("TOKEN", default="x") == "x"


@pytest.mark.parametrize(
    "line",
    [
        *("DATABASE_URL = postgres://me:secret@host/name", " DIGEST_HOUR=9", "HTTPS =true"),
        *("secret", 'SITE_NAME="Secret # site" # note', "SITE_NAME='secret", 'SITE_NAME="'),
    ],
)
def test_a_line_that_sets_nothing_is_named_by_its_number_alone(tmp_path, line):
    file = tmp_path / ".env"
    file.write_text(f"# Settings\n\nDEBUG=false\n{line}\n")
    with pytest.raises(ImproperlyConfigured, match=f"^Line 4 of {file} ") as refused:
        Variables.read_file(file)
    assert "secret" not in str(refused.value).lower()


def test_a_file_of_settings_is_read(tmp_path, monkeypatch):
    values = {"ONE": "a = b # c", "TWO": "d", "THREE": "e f", "FOUR": "", "FIVE": "g"}
    for name in values:
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    file = tmp_path / ".env"
    file.write_text("# x\nONE=a = b # c\n  # y\nexport TWO='d'\nTHREE=\"e f\"\r\nFOUR=\nFIVE=g")
    Variables.read_file(file)
    assert {name: os.environ[name] for name in values} == values
