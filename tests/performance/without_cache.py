"""The settings of a site that caches no response."""

from tracker.settings import *  # noqa: F403
from tracker.settings import CACHES

CACHES = CACHES | {"responses": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
