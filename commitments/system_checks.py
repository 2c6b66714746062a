"""What Django's own checks do not see in the settings. Each names the setting to change.

`manage.py check` shows them, and the server does not start with an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator
from email.utils import getaddresses
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.http.request import validate_host

from commitments.choices import ADMINISTRATOR_ROLE, Role
from commitments.ledger.proofs.notes import InvalidNote
from commitments.ledger.proofs.witnesses import configured_witnesses

ADMIN_PATH = re.compile(r"(?:[a-z0-9][a-z0-9-]*/)+")
TAKEN_FOLDERS = {
    *("api", "at", "embed", "i18n", "livez", "metrics", "readyz", "sitemaps", "source", "static")
}
# An entry of ALLOWED_HOSTS: a name, a dot and a name for all its subdomains, an IPv6 address, or
# `*`.
HOST = re.compile(r"\*|\.?[a-z0-9-]+(\.[a-z0-9-]+)*|\[[0-9a-f:.]+\]", re.IGNORECASE)
MAIL_ADDRESS = re.compile(r"(mailto:)?[^@\s:/?#]+@[^@\s:/?#]+")
POSTGRESQL = "django.db.backends.postgresql"
RATE = re.compile(r"[1-9][0-9]*/(?:s|sec|second|m|min|minute|h|hour|d|day)")


def _error(number: int, sentence: str, hint: str) -> Error:
    return Error(sentence, hint=hint, id=f"commitments.E{number:03}")


def check_rate() -> Iterator[CheckMessage]:
    """Check API_RATE: REST framework reads only the first letter of the period, so a month would be
    a minute."""
    if settings.API_RATE and not RATE.fullmatch(settings.API_RATE):
        yield _error(
            1,
            f"API_RATE is {settings.API_RATE!r}, which is no rate.",
            "Write requests per second, minute, hour or day, such as 600/minute; empty for none.",
        )


def check_connection_pooler() -> Iterator[CheckMessage]:
    """Refuse CONNECTION_POOLER without PostgreSQL: SQLite has no server, and so no pooler before
    it."""
    engine = settings.DATABASES["default"]["ENGINE"]
    if settings.CONNECTION_POOLER and engine != POSTGRESQL:
        yield _error(
            16,
            "CONNECTION_POOLER is set, but DATABASE_URL leads to no PostgreSQL.",
            "Set it only where DATABASE_URL leads to PgBouncer.",
        )


def check_admin_path() -> Iterator[CheckMessage]:
    """Check that ADMIN_PATH hides neither public pages nor paths that programs request."""
    taken = TAKEN_FOLDERS | {code for code, _name in settings.LANGUAGES}
    folder = settings.ADMIN_PATH.partition("/")[0]
    if not ADMIN_PATH.fullmatch(settings.ADMIN_PATH) or folder in taken:
        yield _error(
            8,
            f"ADMIN_PATH is {settings.ADMIN_PATH!r}, which is no free folder.",
            "Write small letters, digits and hyphens with a slash at the end, such as staff/.",
        )


def check_second_factor_roles() -> Iterator[CheckMessage]:
    """Refuse unknown roles: people with a role that is misspelt would need no second factor."""
    roles = [ADMINISTRATOR_ROLE, *(role.value for role in Role)]
    for role in settings.SECOND_FACTOR_ROLES:
        if role not in roles:
            yield _error(
                5,
                f"SECOND_FACTOR_ROLES names {role!r}, which is no role.",
                f"Choose from {', '.join(roles)}, separated by commas.",
            )


def check_single_sign_on() -> Iterator[CheckMessage]:
    """Check the settings of OpenID Connect: without https, an attacker on the network could sign in
    as anybody."""
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


def check_witnesses() -> Iterator[CheckMessage]:
    try:
        configured_witnesses()
    except InvalidNote as error:
        yield _error(
            10,
            f"WITNESSES cannot be read: {error}.",
            "Write for each a verifier key, a blank and an address, separated by commas.",
        )


def check_allowed_hosts() -> Iterator[CheckMessage]:
    """Refuse entries of ALLOWED_HOSTS that can match no host that a browser names, or none at all:
    all readers would be refused."""
    if not settings.ALLOWED_HOSTS and not settings.DEBUG:
        yield _error(
            35,
            "ALLOWED_HOSTS is empty, so every request is refused.",
            "Write the host by which readers name this site, such as tracker.example.org.",
        )
    for host in settings.ALLOWED_HOSTS:
        if not HOST.fullmatch(host):
            yield _error(
                26,
                f"ALLOWED_HOSTS has {host!r}, which is no name of a host.",
                "Write names without scheme, port and path, such as tracker.example.org, "
                "separated by commas.",
            )


def check_who_runs_the_site() -> Iterator[CheckMessage]:
    """Check the addresses of contact and imprint, to which every page links."""
    contact, imprint = settings.SITE_CONTACT, settings.SITE_IMPRINT
    if contact and not (MAIL_ADDRESS.fullmatch(contact) or _is_address(contact, ("https",))):
        yield _error(
            24,
            f"SITE_CONTACT is {contact!r}, which is no address to write to.",
            "Write one such as office@example.org or https://example.org/contact.",
        )
    if imprint and not _is_address(imprint, ("https", "http")):
        yield _error(
            25,
            f"SITE_IMPRINT is {imprint!r}, which is no address of a page.",
            "Write one such as https://example.org/imprint.",
        )


def _is_address(text: str, schemes: Container[str]) -> bool:
    """Return whether this is a web address with one of these schemes."""
    try:
        parts = urlsplit(text)
        # Reading a port that is none raises the error too.
        has_host = bool(parts.hostname) and parts.port != 0
        return parts.scheme in schemes and has_host and not re.search(r"\s", text)
    except ValueError:
        return False


def check_site_url() -> Iterator[CheckMessage]:
    """Check SITE_URL: links in mails, calendars and files begin with it, since a task has no
    request to take the address from."""
    if _site() is None:
        yield _error(
            11,
            f"SITE_URL is {settings.SITE_URL!r}, which is no address of this site.",
            "Write it without a path, such as https://tracker.example.org.",
        )
    elif settings.MAIL_ENABLED:
        for sentence, hint in _misleading_links():
            yield _error(12, sentence, hint)


def _site() -> SplitResult | None:
    """Return the parts of SITE_URL; None if it is more or less than scheme, host and port."""
    address = settings.SITE_URL
    if not _is_address(address, ("https", "http")):
        return None
    parts = urlsplit(address)
    is_bare = address == f"{parts.scheme}://{parts.netloc}" and "@" not in parts.netloc
    return parts if is_bare else None


def _misleading_links() -> Iterator[tuple[str, str]]:
    """Yield why links that begin with SITE_URL would not lead to this site, each with a hint."""
    site = _site()
    if site is None:
        return
    if settings.HTTPS and site.scheme == "http":
        yield (
            f"SITE_URL is {settings.SITE_URL!r}, but the site has HTTPS.",
            "Write it as readers see it, such as https://tracker.example.org.",
        )
    if site.hostname and not validate_host(site.hostname, settings.ALLOWED_HOSTS):
        yield (
            f"SITE_URL names the host {site.hostname!r}, which ALLOWED_HOSTS does not.",
            "Links would lead nowhere: name the same host in both.",
        )


def check_mail() -> Iterator[CheckMessage]:
    if not settings.MAIL_ENABLED:
        return
    senders = getaddresses([settings.DEFAULT_FROM_EMAIL])
    if len(senders) != 1 or "@" not in senders[0][1]:
        yield _error(
            13,
            f"MAIL_FROM is {settings.DEFAULT_FROM_EMAIL!r}, which is no address.",
            "Write one such as tracker@example.org, or Tracker <tracker@example.org>.",
        )


def check_origins() -> Iterator[CheckMessage]:
    """Check API_ORIGINS: an origin is compared as browsers write it, so any other form would never
    match."""
    for origin in settings.API_ORIGINS:
        if not _is_address(origin, ("https", "http")) or origin != _origin(urlsplit(origin)):
            yield _error(
                15,
                f"API_ORIGINS has {origin!r}, which is no origin.",
                "Write scheme, host and port alone in small letters, without the usual port, such "
                "as https://app.example.org.",
            )


def _origin(parts: SplitResult) -> str:
    """Return the origin of an address as browsers write it."""
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    usual = {"https": 443, "http": 80}[parts.scheme]
    port = "" if parts.port in (None, usual) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"


def check_names() -> Iterator[CheckMessage]:
    """Warn of names in `.env` that are misspelt, or that only gunicorn reads."""
    for name, meant in settings.MISSPELT_NAMES.items():
        hint = f"Did you mean {meant}?"
        if meant in settings.SERVER_NAMES:
            hint = f"gunicorn reads no .env: set {meant} in the environment of the service."
        yield Warning(f"{name} in .env has no effect.", hint=hint, id="commitments.W034")


CHECKS: tuple[Callable[[], Iterator[CheckMessage]], ...] = (
    check_rate,
    check_connection_pooler,
    check_admin_path,
    check_second_factor_roles,
    check_single_sign_on,
    check_witnesses,
    check_allowed_hosts,
    check_who_runs_the_site,
    check_site_url,
    check_mail,
    check_origins,
    check_names,
)


@register("deployment", deploy=True)
def check_links_without_mail(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Warn of misleading links on a site that sends no mail: files and calendars have links too,
    but there it is no error."""
    if settings.MAIL_ENABLED:
        return []
    links = _misleading_links()
    return [Warning(sentence, hint=hint, id="commitments.W031") for sentence, hint in links]


@register(Tags.security)
def check_settings(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    return [message for check in CHECKS for message in check()]
