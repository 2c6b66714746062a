"""A subscriber with a receiver on loopback, and sending by a clock that a test sets."""

import pytest

from commitments.models import WebhookSubscriber
from commitments.notify.webhooks import deliver_due
from commitments.webhooks.subscribers import add_subscriber
from tests.steps import NOW
from tests.webhooks.receiver import LIMITS_PATH, LONG, receiver


@pytest.fixture
def server(settings, monkeypatch):
    monkeypatch.setattr(LIMITS_PATH, LONG)
    with receiver() as server:
        settings.LINK_CHECK_OPEN_HOSTS = [server.host]
        yield server


@pytest.fixture
def subscribe(db, server):
    """`subscribe(**columns)` returns a subscriber of all changes and its secret."""

    def subscribe(at=NOW, **columns):
        columns = {"name": "Mirror", "url": server.url, "from_the_beginning": True, **columns}
        return add_subscriber(at=at, **columns)

    return subscribe


@pytest.fixture
def subscriber(subscribe):
    return subscribe()[0]


@pytest.fixture
def deliver():
    """`deliver(at)` sends what is due at a time, and returns what came of it."""
    return lambda at: dict(deliver_due(lambda: at))


@pytest.fixture
def now_of():
    """`now_of(subscriber)` reads it anew."""
    return lambda subscriber: WebhookSubscriber.objects.get(pk=subscriber.pk)
