"""Webhooks survive whatever is killed: no change is lost or comes too early, and at most the one in
flight comes twice."""

import json
import os
import random
import subprocess
import sys
import time
from collections import defaultdict

import pytest
from django.db import connection as suite

from tests.webhooks.receiver import receiver
from tests.workflow.race_track import ROOT, new_database

pytestmark = pytest.mark.long

CHANGES = 150
KILLS = 20
SUBSCRIBERS = ("one", "two", "three")
# Longer than a request whose sender was killed holds up the next one, in minutes.
PAUSE = 6
TIMEOUT_SECONDS = 300


def test_whatever_is_killed_every_change_arrives_in_order(tmp_path, capsys):
    with new_database(suite.vendor, tmp_path) as address, receiver() as server:
        environment = {
            **os.environ,
            "DATABASE_URL": address,
            "EVIDENCE_DIR": str(tmp_path / "evidence"),
            "LINK_CHECK_OPEN_HOSTS": server.host,
            "LOG_LEVEL": "ERROR",
        }

        def start(*arguments):
            command = [sys.executable, *arguments]
            return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE)

        def run(*arguments):
            with start(*arguments) as process:
                return process.communicate()[0]

        run("manage.py", "migrate", "--verbosity", "0")
        addresses = [f"http://{server.host}/{name}" for name in SUBSCRIBERS]
        run("-m", "tests.faults.webhooks", "put", str(CHANGES), *addresses)
        kills = kill_senders(start, server)
        # What was in flight is due again by then.
        run("-m", "tests.faults.webhooks", "send", str((KILLS + 1) * PAUSE))
        ids, states = json.loads(run("-m", "tests.faults.webhooks", "states"))
        arrived = received_by_path(server)
    twice = sum(len(found) - len(set(found)) for found in arrived.values())
    with capsys.disabled():
        print(
            f"\n  {suite.vendor}: {kills} × kill -9, {CHANGES} changes to {len(SUBSCRIBERS)} "
            f"subscribers, {twice} twice"
        )
    assert [state for state, _position in states] == ["active"] * len(SUBSCRIBERS)
    assert {*arrived} == {f"/{name}" for name in SUBSCRIBERS}
    for found in arrived.values():
        # Without what comes again, each is there once, in order.
        assert list(dict.fromkeys(found)) == ids
    assert twice <= kills


def received_by_path(server):
    found = defaultdict(list)
    for path, headers in server.arrivals:
        found[path].append(headers["webhook-id"])
    return found


def kill_senders(start, server):
    """Start two senders at a time, and kill both after they have sent a few changes."""
    chosen, end = random.Random(7), time.monotonic() + TIMEOUT_SECONDS
    for kills in range(KILLS):
        minutes = str(kills * PAUSE)
        senders = [start("-m", "tests.faults.webhooks", "send", minutes) for _number in range(2)]
        before = len(server.requests)
        while len(server.requests) < before + chosen.randrange(1, 6):
            assert time.monotonic() < end, f"only {kills} kills"
            if all(sender.poll() is not None for sender in senders):
                break
            time.sleep(0.001)
        time.sleep(chosen.random() * 0.01)
        for sender in senders:
            sender.kill()
            sender.communicate()
    return KILLS * 2
