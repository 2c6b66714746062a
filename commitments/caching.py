"""Caches that may fail: a full disk, a folder that cannot be written, a server that is away.

`tracker.cache_settings` says which cache is which. None of them passes on an error of its own: what
serves readers goes on without the cache, and what limits guessing stops until it is back.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from time import monotonic
from typing import TypeVar

from django.core.cache import BaseCache, caches
from django.core.cache.backends.base import DEFAULT_TIMEOUT

from commitments.exceptions import CacheUnavailable

# While a server does not answer, only one request in this time waits for it.
SECONDS_WITHOUT_CACHE = 5
SECONDS_BETWEEN_WARNINGS = 60
# What is written to see whether the cache works again.
PROBE = "probe"

_logger = logging.getLogger(__name__)
_Answer = TypeVar("_Answer")


@dataclass
class _Outage:
    """When this process last failed to use a cache that has not worked since, and when it last said
    so."""

    failed_at: float = -inf
    warned_at: float = -inf


# The outages of this process, by kind of cache and alias: what forgives must not stop what refuses.
# Each thread has a cache object of its own.
_outages: defaultdict[tuple[str, str], _Outage] = defaultdict(_Outage)


class _GuardedCache(BaseCache):
    """A cache that asks another one, that of an alias of `CACHES`, and deals with its errors."""

    consequence: str

    def __init__(self, alias: str, params: dict[str, object]) -> None:
        super().__init__(params)
        self._alias = alias

    @property
    def _outage(self) -> _Outage:
        return _outages[type(self).__name__, self._alias]

    @property
    def _cache(self) -> BaseCache:
        # A cache in files makes its folder here, which may fail too.
        return caches[self._alias]

    def _begin_outage(self, error: Exception) -> None:
        """Note a failure. A warning is logged once in a while, not for each request."""
        outage = self._outage
        outage.failed_at = monotonic()
        if outage.failed_at - outage.warned_at >= SECONDS_BETWEEN_WARNINGS:
            outage.warned_at = outage.failed_at
            facts = (self.consequence, type(error).__name__, error)
            _logger.warning("The cache (CACHE_URL) cannot be used, so %s: %s: %s", *facts)

    def _ask(
        self,
        ask: Callable[[BaseCache], _Answer],
        otherwise: _Answer,
        passed_on: tuple[type[Exception], ...] = (),
    ) -> _Answer:
        """Return what the cache answers; `otherwise`, or an error, if it cannot be asked."""
        try:
            return ask(self._cache) if self._may_be_asked() else otherwise
        except passed_on:
            raise
        except Exception as error:
            self._begin_outage(error)
            return self._without_cache(otherwise, error)

    def _may_be_asked(self) -> bool:
        raise NotImplementedError

    def _without_cache(self, otherwise: _Answer, error: Exception) -> _Answer:
        raise NotImplementedError

    def get(self, key: str, default: object = None, version: int | None = None) -> object:
        return self._ask(lambda cache: cache.get(key, default, version), default)

    def set(
        self,
        key: str,
        value: object,
        timeout: float | None = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> None:
        self._ask(lambda cache: cache.set(key, value, timeout, version), None)

    def add(
        self,
        key: str,
        value: object,
        timeout: float | None = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> bool:
        return self._ask(lambda cache: cache.add(key, value, timeout, version), True)

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        # ValueError says that the key is not there.
        return self._ask(lambda cache: cache.incr(key, delta, version), delta, (ValueError,))

    def delete(self, key: str, version: int | None = None) -> bool:
        return self._ask(lambda cache: cache.delete(key, version), False)

    def clear(self) -> None:
        self._ask(lambda cache: cache.clear(), None)


class ForgivingCache(_GuardedCache):
    """What cannot be read is as if it were not cached, and what cannot be written is not kept.
    After a failure the cache is left alone for `SECONDS_WITHOUT_CACHE`."""

    consequence = "readers are served without it"

    def _may_be_asked(self) -> bool:
        return monotonic() - self._outage.failed_at >= SECONDS_WITHOUT_CACHE

    def _without_cache(self, otherwise: _Answer, error: Exception) -> _Answer:
        return otherwise


class RefusingCache(_GuardedCache):
    """Whatever fails raises CacheUnavailable. After a failure so does everything else until the
    cache can be written again: on a full disk counts can still be read, but no longer rise, so that
    guesses would have no end."""

    consequence = "nobody can sign in"

    def _may_be_asked(self) -> bool:
        if self._outage.failed_at > -inf:
            self._cache.set(PROBE, True, SECONDS_WITHOUT_CACHE)
            self._outage.failed_at = -inf
        return True

    def _without_cache(self, otherwise: _Answer, error: Exception) -> _Answer:
        raise CacheUnavailable(f"{type(error).__name__}: {error}") from error
