"""What was acknowledged survives whatever is killed: kill -9 of workers and of the master."""

import os
import random
import time

import pytest
from django.db import connection as suite

from tests.faults.publishers import Publisher, checked
from tests.faults.served_site import WORKERS, served_site
from tests.workflow.race_track import new_database

pytestmark = pytest.mark.long

PUBLISHERS = 4
# The number of kills on each database; FAULT_KILLS sets another one.
KILLS = int(os.environ.get("FAULT_KILLS", "200"))
# How many responses come between two kills.
ANSWERS_BETWEEN = 8
# One in so many kills is of the master.
MASTER_EVERY = 10
TIMEOUT_SECONDS = 3000


def test_two_hundred_kills_lose_nothing_that_was_acknowledged(tmp_path, capsys):
    with new_database(suite.vendor, tmp_path) as address, served_site(address, tmp_path) as site:
        publishers = [Publisher(site, number + 1) for number in range(PUBLISHERS)]
        for publisher in publishers:
            publisher.start()
        kills = kill_again_and_again(site, publishers)
        site.wait_until_up()
        for publisher in publishers:
            publisher.stop()
        tally = checked(site, publishers)
        verified = site.run("manage.py", "verify_ledger")
        orphans = site.run("manage.py", "orphaned_files").strip()
    with capsys.disabled():
        print(f"\n  {suite.vendor}: {kills} × kill -9, {tally}; {orphans or 'no orphaned file'}")
    assert kills >= KILLS
    assert verified.startswith("No difference in ")


def kill_again_and_again(site, publishers):
    """Kill a process each time the site has answered again, at no particular moment of its work."""
    chosen, kills, end = random.Random(7), 0, time.monotonic() + TIMEOUT_SECONDS
    while kills < KILLS:
        assert time.monotonic() < end, f"only {kills} kills"
        before = answered(publishers)
        while answered(publishers) < before + ANSWERS_BETWEEN or len(site.workers()) < WORKERS:
            assert time.monotonic() < end, f"only {kills} kills"
            time.sleep(0.02)
        time.sleep(chosen.random() * 0.3)
        is_master = kills % MASTER_EVERY == MASTER_EVERY - 1
        pids = [site.master.pid] if is_master else site.workers()
        kills += bool(pids) and site.kill(chosen.choice(pids))
    return kills


def answered(publishers):
    return sum(
        count
        for publisher in publishers
        for status, count in publisher.answers.items()
        if status != "no answer"
    )
