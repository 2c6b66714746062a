"""A site on two hosts: once one of them has acknowledged something, every process of both shows it,
although all of them cache responses."""

import threading
import time
from collections import Counter
from contextlib import contextmanager, nullcontext

import pytest
import requests
from django.db import connection as suite

from tests.faults.served_site import served_site
from tests.faults.valkey import valkey
from tests.workflow.race_track import new_database

pytestmark = pytest.mark.long

CHANGES = 40
READERS = 3
COMMITMENT = "commitments/EAST-1.1/"


@contextmanager
def two_hosts(tmp_path, cache=None):
    with (
        new_database(suite.vendor, tmp_path) as address,
        served_site(address, tmp_path, cache) as one,
    ):
        folder = tmp_path / "other"
        folder.mkdir()
        other = one.beside(folder)
        other.start()
        try:
            yield [one, other]
        finally:
            other.stop()


class Reader(threading.Thread):
    """Keeps requesting from both hosts as an anonymous reader, with the ETag that it received
    last."""

    def __init__(self, hosts, acknowledged):
        super().__init__(daemon=True)
        self.hosts, self.acknowledged, self.ending = hosts, acknowledged, threading.Event()
        self.statuses, self.stale = Counter(), []

    def run(self):
        session, known = requests.Session(), {}
        while not self.ending.is_set():
            for host in self.hosts:
                before = self.acknowledged["updates"]
                tag, seen = known.get(host.host, ("", 0))
                answer = session.get(host.url(COMMITMENT), headers={"If-None-Match": tag})
                self.statuses[answer.status_code] += 1
                if answer.status_code == 200:
                    seen = answer.json()["updates"]
                    known[host.host] = answer.headers["ETag"], seen
                if seen < before:
                    self.stale.append((answer.status_code, seen, before))


def publish(site, other):
    """Write and submit an update on one host, and publish it on the other; return its id."""
    reporter, reviewer = site.caller("reporter-1"), site.caller("reviewer-1")
    draft = {
        "commitment": "EAST-1.1",
        "effective_on": "2024-05-01",
        "event_type": "statement",
        "summary": {"en": "A statement was made."},
        "evidence": [
            {
                "title": "Minutes",
                "publisher": "The ministry",
                "kind": "statement",
                "source": "statement",
                "url": f"https://example.org/{time.monotonic_ns()}",
            }
        ],
    }
    created = reporter.post(site.url("updates/"), json=draft)
    assert created.status_code == 201, created.text
    pk, tag = created.json()["id"], created.headers["ETag"]
    for caller, host, action in ((reporter, site, "submit"), (reviewer, other, "publish")):
        headers = {"If-Match": tag}
        done = caller.post(host.url(f"updates/{pk}/{action}/"), json={}, headers=headers)
        assert done.status_code == 200, done.text
        tag = done.headers["ETag"]
    return pk


@pytest.mark.parametrize("shared", [False, True], ids=["files", "valkey"])
def test_nothing_that_was_acknowledged_is_concealed(tmp_path, capsys, shared):
    sharing = valkey(tmp_path) if shared else nullcontext()
    with sharing as server, two_hosts(tmp_path, server and server.address) as hosts:
        acknowledged = {"updates": 0}
        readers = [Reader(hosts, acknowledged) for _number in range(READERS)]
        for reader in readers:
            reader.start()
        for number in range(CHANGES):
            pk = publish(hosts[number % 2], hosts[(number + 1) % 2])
            acknowledged["updates"] += 1
            for host in hosts:
                page = requests.get(f"{host.host}/en/EAST/commitments/1.1/")
                assert f'id="update-{pk}"' in page.text
        for reader in readers:
            reader.ending.set()
            reader.join()
        assert [row for reader in readers for row in reader.stale] == []
        statuses = sum((reader.statuses for reader in readers), start=Counter())
        assert set(statuses) == {200, 304}
        rows = hosts[0].rows("SELECT seq FROM commitments_decision ORDER BY seq")
        assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    with capsys.disabled():
        print(f"\n{CHANGES} publications on two hosts, {dict(statuses)} read, none stale")
