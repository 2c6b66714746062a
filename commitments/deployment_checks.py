"""What a site that serves others must not lack. `manage.py check --deploy` shows it, and the server
does not start with it; commands, and a developer's server on this machine alone, may do without.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.checks.security.base import (
    SECRET_KEY_INSECURE_PREFIX,
    SECRET_KEY_MIN_LENGTH,
    SECRET_KEY_MIN_UNIQUE_CHARACTERS,
)

from commitments.operations.static_files import missing_static_files

LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "[::1]")


def check_secret_key() -> Iterator[CheckMessage]:
    """Django only warns by the same measure. The key is never shown."""
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
    """Pages of errors show settings and what was typed."""
    others = [host for host in settings.ALLOWED_HOSTS if not _is_loopback(host)]
    if settings.DEBUG and (settings.HTTPS or others):
        yield Error(
            "DEBUG is true on a site that others may reach: HTTPS is true, or ALLOWED_HOSTS names "
            "other hosts than this machine.",
            hint="Set DEBUG=false; for developers, HTTPS=false and ALLOWED_HOSTS=localhost.",
            id="commitments.E019",
        )


def check_static_files() -> Iterator[CheckMessage]:
    """Pages would be answered with 500."""
    missing = missing_static_files()
    if missing:
        yield Error(
            f"STATIC_ROOT ({settings.STATIC_ROOT}) lacks {len(missing)} files of this version, "
            f"such as {missing[0]}.",
            hint="Run manage.py collectstatic as the user who may write there.",
            id="commitments.E020",
        )


def _is_loopback(host: str) -> bool:
    return host in LOOPBACK_HOSTS or host.endswith(".localhost")


DEPLOYMENT_CHECKS = (check_secret_key, check_debug, check_static_files)


@register("deployment", deploy=True)
def check_deployment(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    return [message for check in DEPLOYMENT_CHECKS for message in check()]
