"""What a site that serves others must not lack. `manage.py check --deploy` shows it, and the server
does not start with it; commands, and a developer's server on this machine alone, may do without.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.core.checks.security.base import (
    SECRET_KEY_INSECURE_PREFIX,
    SECRET_KEY_MIN_LENGTH,
    SECRET_KEY_MIN_UNIQUE_CHARACTERS,
)

from commitments.files.folder import nearest_folder
from commitments.ledger.proofs.keys import LedgerKeyError, read_ledger_key
from commitments.operations.static_files import missing_static_files

METRICS_TOKEN_MIN_LENGTH = 16
LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "[::1]")


def check_secret_key() -> Iterator[CheckMessage]:
    """Refuse a weak SECRET_KEY, by the measure by which Django only warns. The key is never
    shown."""
    key = settings.SECRET_KEY
    is_strong = (
        len(key) >= SECRET_KEY_MIN_LENGTH
        and len(set(key)) >= SECRET_KEY_MIN_UNIQUE_CHARACTERS
        and not key.startswith(SECRET_KEY_INSECURE_PREFIX)
    )
    if not is_strong:
        yield Error(
            f"SECRET_KEY is weak: it needs {SECRET_KEY_MIN_LENGTH} random characters or more.",
            hint='python3 -c "import secrets; print(secrets.token_urlsafe(50))"',
            id="commitments.E018",
        )


def check_debug() -> Iterator[CheckMessage]:
    """Refuse DEBUG on a site that others reach: its error pages show settings and what was
    typed."""
    if settings.DEBUG and (settings.HTTPS or _other_hosts()):
        yield Error(
            "DEBUG is true on a site that others may reach: HTTPS is true, or ALLOWED_HOSTS names "
            "other hosts than this machine.",
            hint="Set DEBUG=false; for developers, HTTPS=false and ALLOWED_HOSTS=localhost.",
            id="commitments.E019",
        )


def check_static_files() -> Iterator[CheckMessage]:
    """Refuse missing static files: pages would be answered with 500."""
    missing = missing_static_files()
    if missing:
        yield Error(
            f"STATIC_ROOT ({settings.STATIC_ROOT}) lacks {len(missing)} files of this version, "
            f"such as {missing[0]}.",
            hint="Run manage.py collectstatic as the user who may write there.",
            id="commitments.E020",
        )


def check_metrics_token() -> Iterator[CheckMessage]:
    """Refuse a short METRICS_TOKEN, since guesses are not limited. The token is never shown."""
    if 0 < len(settings.METRICS_TOKEN) < METRICS_TOKEN_MIN_LENGTH:
        yield Error(
            f"METRICS_TOKEN is short: it needs {METRICS_TOKEN_MIN_LENGTH} random characters or "
            "more.",
            hint='python3 -c "import secrets; print(secrets.token_urlsafe())"',
            id="commitments.E027",
        )


def check_proxy() -> Iterator[CheckMessage]:
    """Warn of HTTPS without BEHIND_PROXY: a proxy that ends HTTPS talks plain HTTP to the
    application, which would redirect each request to itself."""
    if settings.HTTPS and not settings.BEHIND_PROXY:
        yield Warning(
            "HTTPS is true and BEHIND_PROXY is not: behind a proxy each page redirects to itself.",
            hint="Set BEHIND_PROXY=true if the proxy itself sets X-Forwarded-Proto and -For.",
            id="commitments.W028",
        )


def check_open_hosts() -> Iterator[CheckMessage]:
    """Warn of LINK_CHECK_OPEN_HOSTS: anybody who adds a link could make the site request addresses
    of its own network."""
    if settings.LINK_CHECK_OPEN_HOSTS:
        yield Warning(
            f"LINK_CHECK_OPEN_HOSTS is {','.join(settings.LINK_CHECK_OPEN_HOSTS)!r}: these hosts "
            "are asked though their addresses may not be public.",
            hint="It is for tests only. Leave it empty.",
            id="commitments.W029",
        )


def check_contact() -> Iterator[CheckMessage]:
    if not settings.SITE_CONTACT:
        yield Warning(
            "SITE_CONTACT is empty, so nobody is told to whom a weakness is reported: "
            "/.well-known/security.txt is not there.",
            hint="Write an address that somebody reads, such as office@example.org.",
            id="commitments.W030",
        )


def check_ledger_name() -> Iterator[CheckMessage]:
    """Warn of a key that was made before the site had its name: that of the ledger, which goes to
    witnesses and stays, is part of it."""
    try:
        key = read_ledger_key()
    except LedgerKeyError:  # `check` warns of it.
        return
    if key is not None and _is_loopback(key.name.partition("/")[0]) and _other_hosts():
        yield Warning(
            f"The ledger is called {key.name}, which names this machine and not the site.",
            hint="If nothing was signed yet, move the file of LEDGER_KEY away and run "
            "make_ledger_key again. Else keep it: with another key the ledger is another one.",
            id="commitments.W033",
        )


# What follows if the folder of a cache cannot be written. That of responses is within the other.
UNUSABLE_CACHES = {
    "counts": "nobody can sign in, and nothing is cached",
    "kept responses": "nothing is cached",
}


def check_cache_folder() -> Iterator[CheckMessage]:
    """Warn of a cache in a folder that cannot be written. Readers are served without it, so the
    server starts."""
    for alias, consequence in UNUSABLE_CACHES.items():
        cache = settings.CACHES[alias]
        if not cache["BACKEND"].endswith("FileBasedCache"):
            continue
        folder = Path(str(cache["LOCATION"])).absolute()
        if not os.access(nearest_folder(folder), os.W_OK | os.X_OK):
            yield Warning(
                f"CACHE_URL ({folder}) cannot be written, so {consequence}.",
                hint="Make it a folder of the user that runs the tracker.",
                id="commitments.W032",
            )
            return


def _other_hosts() -> list[str]:
    """Return the hosts of the site by which others than this machine can reach it."""
    return [host for host in settings.ALLOWED_HOSTS if not _is_loopback(host)]


def _is_loopback(host: str) -> bool:
    return host in LOOPBACK_HOSTS or host.endswith(".localhost")


DEPLOYMENT_CHECKS = (
    check_secret_key,
    check_debug,
    check_static_files,
    check_metrics_token,
    check_proxy,
    check_open_hosts,
    check_contact,
    check_ledger_name,
    check_cache_folder,
)


@register("deployment", deploy=True)
def check_deployment(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    return [message for check in DEPLOYMENT_CHECKS for message in check()]
