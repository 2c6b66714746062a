"""A subscriber of webhooks notices that the chain went back, when an older backup is restored."""

import json
from datetime import timedelta

import pytest
from django.db import transaction

from commitments import ledger
from commitments.choices import SYSTEM_ROLE, Action
from commitments.models import LedgerHead, Plan
from commitments.notify.webhooks import deliver_due
from commitments.webhooks.subscribers import add_subscriber
from tests.record import LATER
from tests.webhooks.receiver import receiver

pytestmark = [pytest.mark.alike, pytest.mark.long]


class Reader:
    """A program that keeps changes as docs/webhooks.md advises."""

    def __init__(self):
        self.ids, self.last, self.starts_again = set(), 0, 0

    def take(self, message_id, seq):
        if message_id in self.ids:
            return
        if seq <= self.last:
            # The copy has changes that no longer exist.
            self.ids, self.last = set(), 0
            self.starts_again += 1
        self.ids.add(message_id)
        self.last = seq


def make_changes(count, at, note):
    plan = Plan.objects.first()
    for number in range(count):
        with transaction.atomic():
            words = f"{note} {number}."
            ledger.append(Action.LOAD, at=at, by=None, role=SYSTEM_ROLE, plan=plan, note=words)


@pytest.fixture
def server(settings):
    with receiver() as server:
        settings.LINK_CHECK_OPEN_HOSTS = [server.host]
        yield server


@pytest.fixture
def reader(server):
    """`reader(at)` has what is due sent, and returns the program that took it."""
    program, taken = Reader(), 0

    def deliver(at):
        nonlocal taken
        deliver_due(lambda: at)
        for headers, body in server.requests[taken:]:
            program.take(headers["webhook-id"], json.loads(body)["data"]["seq"])
        taken = len(server.requests)
        return program

    return deliver


def test_a_subscriber_notices_that_the_chain_went_back(site, path, destroy, server, reader):
    add_subscriber(name="Mirror", url=server.url, from_the_beginning=True, at=LATER)
    assert reader(LATER).last == LedgerHead.objects.get().seq
    site.back_up(path)
    make_changes(3, LATER, "Before the fault")
    lost = reader(LATER + timedelta(minutes=1))
    assert lost.last == LedgerHead.objects.get().seq
    assert lost.starts_again == 0

    destroy()
    printed, failure = site.run("restore", path)
    assert (failure, "No difference in " in printed) == ("", True)
    # Until something new happens, there is nothing to tell.
    assert reader(LATER + timedelta(minutes=2)).starts_again == 0
    make_changes(1, LATER + timedelta(minutes=3), "After the restore")
    noticed = reader(LATER + timedelta(minutes=4))
    assert noticed.starts_again == 1
    assert noticed.last == LedgerHead.objects.get().seq < lost.last + 3


def test_what_a_restored_site_sends_again_alarms_nobody(site, path, destroy, server, reader):
    add_subscriber(name="Mirror", url=server.url, from_the_beginning=True, at=LATER)
    site.back_up(path)
    before = reader(LATER).last
    destroy()
    site.run("restore", path)
    again = reader(LATER + timedelta(minutes=1))
    assert len(server.requests) == 2 * len(again.ids)
    assert (again.starts_again, again.last) == (0, before)
