"""What Django's own checks do not see in the settings. Each names the setting to change.

`manage.py check` shows them, and the server does not start with an error.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator
from email.utils import parseaddr
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.http.request import validate_host

from commitments.choices import ADMINISTRATOR_ROLE, Role
from commitments.ledger.proofs.notes import InvalidNote
from commitments.ledger.proofs.witnesses import configured_witnesses

ADMIN_PATH = re.compile(r"(?:[a-z0-9][a-z0-9-]*/)+")
TAKEN_FOLDERS = {"api", "at", "embed", "i18n", "livez", "metrics", "readyz", "source", "static"}
BUCKET = "commitments.files.bucket.Bucket"
POSTGRESQL = "django.db.backends.postgresql"
RATE = re.compile(r"[1-9][0-9]*/(?:s|sec|second|m|min|minute|h|hour|d|day)")


def _error(number: int, sentence: str, hint: str) -> Error:
    return Error(sentence, hint=hint, id=f"commitments.E{number:03}")


def check_rate() -> Iterator[CheckMessage]:
    """REST framework reads the first letter of the period only: a month would be a minute."""
    if settings.API_RATE and not RATE.fullmatch(settings.API_RATE):
        yield _error(
            1,
            f"API_RATE is {settings.API_RATE!r}, which is no rate.",
            "Write requests per second, minute, hour or day, such as 600/minute; empty for none.",
        )


def check_evidence_folder() -> Iterator[CheckMessage]:
    """Evidence is given out by a view that checks permissions, never as a static file."""
    evidence = cast(dict[str, Any], settings.STORAGES["evidence"])
    location = evidence.get("OPTIONS", {}).get("location")
    if not location:
        return
    folder = Path(location).resolve()
    static = Path(settings.STATIC_ROOT).resolve() if settings.STATIC_ROOT else None
    if static and (folder == static or static in folder.parents or folder in static.parents):
        yield _error(
            2,
            f"EVIDENCE_DIR ({folder}) and STATIC_ROOT ({static}) share a folder.",
            "Static files are served to everybody. Choose folders apart from one another.",
        )
    nearest = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if not os.access(nearest, os.W_OK | os.X_OK):
        yield _error(
            3,
            f"EVIDENCE_DIR ({folder}) cannot be written.",
            "Make it a folder of the user that runs the tracker.",
        )


def check_libraries() -> Iterator[CheckMessage]:
    """Without its library a setting would end in an error that does not name it, or fail with the
    first file."""
    needed = {
        "EVIDENCE_STORE": (settings.STORAGES["evidence"].get("BACKEND") == BUCKET, "storages"),
        "METRICS_TOKEN": (bool(settings.METRICS_TOKEN), "prometheus_client"),
        "OIDC_ISSUER": (bool(settings.OIDC_ISSUER), "jwt"),
        "CACHE_URL": (settings.CACHES["default"]["BACKEND"].endswith("RedisCache"), "redis"),
    }
    for name, (is_set, library) in needed.items():
        if is_set and find_spec(library) is None:
            yield _error(
                17,
                f"{name} needs libraries that are not installed, among them {library}.",
                "pip install --require-hashes -r requirements-extras.txt",
            )


def check_connection_pooler() -> Iterator[CheckMessage]:
    """A file of SQLite has no server, and nothing between."""
    engine = settings.DATABASES["default"]["ENGINE"]
    if settings.CONNECTION_POOLER and engine != POSTGRESQL:
        yield _error(
            16,
            "CONNECTION_POOLER is set, but DATABASE_URL leads to no PostgreSQL.",
            "Set it only where DATABASE_URL leads to PgBouncer.",
        )


def check_admin_path() -> Iterator[CheckMessage]:
    """It must not hide public pages, nor those that programs look for."""
    taken = TAKEN_FOLDERS | {code for code, _name in settings.LANGUAGES}
    folder = settings.ADMIN_PATH.partition("/")[0]
    if not ADMIN_PATH.fullmatch(settings.ADMIN_PATH) or folder in taken:
        yield _error(
            8,
            f"ADMIN_PATH is {settings.ADMIN_PATH!r}, which is no free folder.",
            "Write small letters, digits and hyphens with a slash at the end, such as staff/.",
        )


def check_second_factor_roles() -> Iterator[CheckMessage]:
    """A role that is misspelt would go without."""
    roles = [ADMINISTRATOR_ROLE, *(role.value for role in Role)]
    for role in settings.SECOND_FACTOR_ROLES:
        if role not in roles:
            yield _error(
                5,
                f"SECOND_FACTOR_ROLES names {role!r}, which is no role.",
                f"Choose from {', '.join(roles)}, separated by commas.",
            )


def check_single_sign_on() -> Iterator[CheckMessage]:
    """Without https, whoever stands between could sign in as anybody."""
    issuer = urlsplit(settings.OIDC_ISSUER)
    if not settings.OIDC_ISSUER:
        return
    if issuer.scheme != "https" and issuer.hostname not in ("localhost", "127.0.0.1", "::1"):
        yield _error(
            6,
            f"OIDC_ISSUER is {settings.OIDC_ISSUER!r}, which is no https address.",
            "Write the issuer as the provider names it, such as https://sign-in.example.org.",
        )
    if not (settings.OIDC_CLIENT_ID and settings.OIDC_CLIENT_SECRET):
        yield _error(
            7,
            "OIDC_ISSUER is set, but not OIDC_CLIENT_ID and OIDC_CLIENT_SECRET.",
            "Register the site with the provider, which gives both.",
        )


def check_database_file() -> Iterator[CheckMessage]:
    """A database of SQLite has drafts, internal evidence and names in it."""
    database = settings.DATABASES["default"]
    if database["ENGINE"] != "django.db.backends.sqlite3":
        return
    yield from _check_private(Path(str(database["NAME"])), "database", "commitments.W004")


def check_ledger_key() -> Iterator[CheckMessage]:
    """Whoever has the key can sign another ledger in the site's name."""
    yield from _check_private(Path(settings.LEDGER_KEY), "ledger's key", "commitments.W009")


def _check_private(file: Path, what: str, check_id: str) -> Iterator[CheckMessage]:
    """Warn of a file that others than its owner may read."""
    if file.is_file() and file.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        yield Warning(
            f"Others than its owner may read the {what} {file}.",
            hint=f"chmod 600 {file}",
            id=check_id,
        )


def check_witnesses() -> Iterator[CheckMessage]:
    try:
        configured_witnesses()
    except InvalidNote as error:
        yield _error(
            10,
            f"WITNESSES cannot be read: {error}.",
            "Write for each a verifier key, a blank and an address, separated by commas.",
        )


def check_mail() -> Iterator[CheckMessage]:
    """Links in mails lead to the site as SITE_URL names it; a task has no request to tell."""
    if not settings.MAIL_ENABLED:
        return
    site = urlsplit(settings.SITE_URL)
    is_secure = site.scheme == "https" or (site.scheme == "http" and not settings.HTTPS)
    if not (is_secure and site.hostname) or site.path or site.query:
        yield _error(
            11,
            f"SITE_URL is {settings.SITE_URL!r}, which is no address of this site.",
            "Write it without a path, such as https://tracker.example.org.",
        )
    elif not validate_host(site.hostname, settings.ALLOWED_HOSTS):
        yield _error(
            12,
            f"SITE_URL names the host {site.hostname!r}, which ALLOWED_HOSTS does not.",
            "Links in mails would lead nowhere: name the same host in both.",
        )
    if "@" not in parseaddr(settings.DEFAULT_FROM_EMAIL)[1]:
        yield _error(
            13,
            f"MAIL_FROM is {settings.DEFAULT_FROM_EMAIL!r}, which is no address.",
            "Write one such as tracker@example.org, or Tracker <tracker@example.org>.",
        )


def check_origins() -> Iterator[CheckMessage]:
    """An origin is compared as browsers write it, so any other form would never be found."""
    for origin in settings.API_ORIGINS:
        parts = urlsplit(origin)
        if parts.scheme not in ("http", "https") or origin != f"{parts.scheme}://{parts.netloc}":
            yield _error(
                15,
                f"API_ORIGINS has {origin!r}, which is no origin.",
                "Write scheme, host and port alone, such as https://app.example.org.",
            )


CHECKS: tuple[Callable[[], Iterator[CheckMessage]], ...] = (
    check_rate,
    check_evidence_folder,
    check_libraries,
    check_connection_pooler,
    check_admin_path,
    check_second_factor_roles,
    check_single_sign_on,
    check_database_file,
    check_ledger_key,
    check_witnesses,
    check_mail,
    check_origins,
)


@register(Tags.security)
def check_settings(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    return [message for check in CHECKS for message in check()]
