"""The cache at `CACHE_URL`: public responses, and counts of requests and of failures to sign in.
The loss of what it keeps does no harm."""

from tracker.environment import env
from tracker.variables import require_libraries

__all__ = ["CACHES"]

# A server that is away must not keep requests waiting, which ask it several times.
SECONDS_TO_ANSWER = 1

_counts = env.cache("CACHE_URL", "locmemcache://?max_entries=10000")
# What is counted is kept for 15 minutes.
_counts["TIMEOUT"] = 900
if _counts["BACKEND"].endswith("RedisCache"):
    require_libraries("CACHE_URL", "redis")
    _limits = {"socket_connect_timeout": SECONDS_TO_ANSWER, "socket_timeout": SECONDS_TO_ANSWER}
    _counts["OPTIONS"] = _limits | _counts.get("OPTIONS", {})
# Public responses. In a local cache they have a place of their own, so that they do not evict the
# counters.
_responses = _counts | {"KEY_PREFIX": "response"}
if _counts["BACKEND"].endswith(("LocMemCache", "FileBasedCache")):
    _responses |= {
        "LOCATION": f"{_counts['LOCATION']}/responses",
        "OPTIONS": {"MAX_ENTRIES": 500},
    }
_FORGIVING = "commitments.caching.ForgivingCache"
CACHES = {
    # Failures to sign in and to enter a code, here and in the libraries: without the cache they
    # cannot be limited, so nobody signs in.
    "default": {"BACKEND": "commitments.caching.RefusingCache", "LOCATION": "counts"},
    # Requests of the API and of calendars.
    "requests": {"BACKEND": _FORGIVING, "LOCATION": "counts"},
    "responses": {"BACKEND": _FORGIVING, "LOCATION": "kept responses"},
    # Where these keep what they are given. Nothing else uses them.
    "counts": _counts,
    "kept responses": _responses,
}
