"""Mail survives whatever is killed: none is lost, and at most the one in flight comes twice."""

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter

import pytest
from django.db import connection as suite

from tests.smtp import mail_server
from tests.workflow.race_track import ROOT, new_database

pytestmark = pytest.mark.long

# Of each kind.
MAILS = 60
KINDS = ("invitation", "published", "changes", "digest")
KILLS = 24
# Longer than the first pauses of a mail whose sender was killed, in minutes.
PAUSE = 61
# Readers are told of the changes of a day when it is over, at whatever time these tests begin.
DAY = 24 * 60
TIMEOUT_SECONDS = 300


class Received:
    """Counts what arrives, by reader and `Message-ID`."""

    def __init__(self):
        self.messages = Counter()

    async def handle_DATA(self, server, session, envelope):
        headers = envelope.content.decode().partition("\r\n\r\n")[0]
        [name] = [line for line in headers.splitlines() if line.startswith("Message-ID")]
        self.messages[envelope.rcpt_tos[0], name] += 1
        return "250 OK"


def test_whatever_is_killed_no_mail_is_lost_and_only_one_in_flight_comes_twice(tmp_path, capsys):
    received = Received()
    with new_database(suite.vendor, tmp_path) as address, mail_server(received) as server:
        environment = {
            **os.environ,
            "DATABASE_URL": address,
            "EVIDENCE_DIR": str(tmp_path / "evidence"),
            "EMAIL_URL": f"smtp://127.0.0.1:{server.port}",
            "LOG_LEVEL": "ERROR",
        }

        def start(*arguments):
            command = [sys.executable, *arguments]
            return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE)

        def run(*arguments):
            with start(*arguments) as process:
                return process.communicate()[0]

        run("manage.py", "migrate", "--verbosity", "0")
        run("-m", "tests.faults.mails", "put", str(MAILS))
        kills = kill_senders(start, received)
        # What was in flight is due again once its pauses are over.
        run("-m", "tests.faults.mails", "send", str(DAY + (kills + 1) * PAUSE))
        states = json.loads(run("-m", "tests.faults.mails", "states"))
    readers = Counter()
    for (reader, _name), times in received.messages.items():
        readers[reader] += times
    arrived, twice = len(readers), readers.total() - len(readers)
    with capsys.disabled():
        print(f"\n  {suite.vendor}: {kills} × kill -9, {arrived} mails arrived, {twice} twice")
    assert kills >= KILLS
    assert states == {"mails": {f"{kind} sent": MAILS for kind in KINDS}, "untold": 0}
    # One mail for each reader, and what was in flight once more.
    assert arrived == MAILS * len(KINDS)
    assert twice <= kills


def kill_senders(start, received):
    """Start two senders at a time, and kill one of them after it has sent a few mails."""
    chosen, end = random.Random(7), time.monotonic() + TIMEOUT_SECONDS
    for kills in range(KILLS):
        minutes = str(DAY + kills * PAUSE)
        senders = [start("-m", "tests.faults.mails", "send", minutes) for _number in range(2)]
        before = received.messages.total()
        while received.messages.total() < before + chosen.randrange(1, 6):
            assert time.monotonic() < end, f"only {kills} kills"
            time.sleep(0.001)
        time.sleep(chosen.random() * 0.01)
        for sender in senders:
            sender.kill()
            sender.communicate()
    return KILLS * 2
