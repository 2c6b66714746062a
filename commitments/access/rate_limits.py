"""Limits on failed attempts to sign in and on requested mails, by the address of the caller, and on
how often one calendar is read.

They are counted in the cache: separately by each process, unless `CACHE_URL` names a shared one.
While it cannot be used, CacheUnavailable is raised before a password, token or code is looked at;
what a reader may do without signing in is not limited then, except for mails.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import cast

from django.conf import settings
from django.core.cache import BaseCache, cache, caches
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.connection import ConnectionProxy
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from commitments.choices import MailKind

# Different wrong passwords and tokens that may come from one address within a quarter of an hour.
# An office behind one address has many people, but guessing takes thousands of attempts.
MAX_FAILURES = 60
FAILURE_SECONDS = 900
# How many mails of one kind to typed addresses one client may request within MAIL_SECONDS.
MAX_MAILS_ASKED_FOR = 20
MAIL_SECONDS = 3600
# How often one calendar may be read within CALENDAR_SECONDS; programs ask every few minutes at
# most.
MAX_CALENDAR_READINGS = 60
CALENDAR_SECONDS = 3600
# Where requests are counted that are only limited so that one caller does not keep the site busy.
REQUEST_COUNTS = cast(BaseCache, ConnectionProxy(caches, "requests"))
# The key in the environment of a request that the site sends to itself, to write what it publishes:
# no caller can set it.
OWN_REQUEST = "tracker.own_request"
# The prefix of IPv6 addresses that a provider gives to one customer.
IPV6_PREFIX = 64


def client_address(request: HttpRequest) -> str:
    """Return the address of the caller: behind a proxy (`BEHIND_PROXY`) the last one in
    `X-Forwarded-For`, which the proxy wrote. For IPv6, return the first address of the caller's
    network, since one caller has all addresses in it."""
    sent = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_PROXY:
        sent = request.META.get("HTTP_X_FORWARDED_FOR", sent).rpartition(",")[2].strip()
    address = _parsed(sent) or _parsed(request.META.get("REMOTE_ADDR", ""))
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or ip_network((address, IPV6_PREFIX), False).network_address
    return str(address or "0.0.0.0")  # noqa: S104 (no address that anything binds to)


def is_shut_out(address: str) -> bool:
    """Return whether too many attempts to sign in from an address have failed, so that further ones
    are refused unread."""
    return int(cache.get(_key(address), 0)) >= MAX_FAILURES


def refuse_if_shut_out(address: str) -> None:
    """Raise ValidationError if an address is shut out."""
    if is_shut_out(address):
        raise ValidationError(
            _("Too many failed sign-in attempts from your network. Try again in 15 minutes.")
        )


def count_mail_request(address: str, kind: MailKind) -> bool:
    """Count a request from this address for a mail of this kind to an address that was typed.
    Return whether it is within the limit. Each kind has its own count, so that readers who follow
    something do not keep staff on the same network from getting a new password."""
    return _counted(f"asked-for-{kind}-{address}", MAIL_SECONDS) <= MAX_MAILS_ASKED_FOR


def count_calendar_reading(person: int) -> bool:
    """Count a reading of the calendar of the person with this id. Return whether it is within the
    limit."""
    key = f"calendar-readings-{person}"
    return _counted(key, CALENDAR_SECONDS, REQUEST_COUNTS) <= MAX_CALENDAR_READINGS


def count_failure(address: str, credentials: str) -> None:
    """Count a failed attempt to sign in. The same credentials count once: a program that keeps
    sending an old token guesses nothing, and must not shut out its neighbours. The count ends
    `FAILURE_SECONDS` after the first failure."""
    seen = salted_hmac(__name__, f"{address} {credentials}", algorithm="sha256").hexdigest()
    if not cache.add(f"failed-{seen}", True, FAILURE_SECONDS):
        return
    _counted(_key(address), FAILURE_SECONDS)


def _counted(key: str, seconds: int, counts: BaseCache = cache) -> int:
    """Add one to a count and return it. The count ends `seconds` after its first increment."""
    counts.add(key, 0, seconds)
    try:
        return counts.incr(key)
    except ValueError:  # It expired just now.
        counts.set(key, 1, seconds)
        return 1


def _key(address: str) -> str:
    return f"failed-sign-ins-{address}"


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None
