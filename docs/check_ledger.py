#!/usr/bin/env python3
"""Checks a tracker's ledger from outside, with what the tracker publishes and nothing else.

    python3 check_ledger.py https://tracker.example.org/
    python3 check_ledger.py https://tracker.example.org/ --pin 812:<hash noted down earlier>

It recomputes the chain from its first link to the head; checks every public entry and note
against its digest; fetches the content of every published update and checks it against the digest
in the chain; and then compares what the tracker's lists say (states and times of updates, wordings
and current statuses of commitments) with what follows from the chain. Each difference is printed;
the exit code is 1 if there is one, and 2 if the tracker cannot be read.

A tail that was rewritten whole shows only against a head that somebody noted down: keep the last
line that this prints, and give it as --pin the next time.

Python 3.10 or newer, standard library only.
"""

import argparse
import hashlib
import json
import sys
import time
import urllib.error
import urllib.request
from http import HTTPStatus
from itertools import pairwise

GENESIS = "00" * 32
TIMES = {"publish": "published", "supersede": "superseded", "retract": "retracted"}
COMPARED = ["commitment", "state", "content_sha256", *(f"{state}_at" for state in TIMES.values())]


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def canonical(value):
    """RFC 8785 for what the ledger holds: keys are ASCII and numbers are whole."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


class Tracker:
    def __init__(self, address):
        self.api = address.rstrip("/") + "/api/v1/"

    def get(self, path):
        """The bytes at a path of the API; None where there is nothing. Where this asks too often,
        it asks again as late as the tracker says."""
        request = urllib.request.Request(self.api + path, headers={"Accept": "application/json"})
        while True:
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:
                    return answer.read()
            except urllib.error.HTTPError as error:
                if error.code == HTTPStatus.NOT_FOUND:
                    return None
                if error.code != HTTPStatus.TOO_MANY_REQUESTS:
                    raise
                time.sleep(int(error.headers["Retry-After"] or 1))

    def rows(self, path):
        """Every row of a list, page by page."""
        while path:
            page = json.loads(self.get(path))
            yield from page["results"]
            path = page["next"] and page["next"].partition("/api/v1/")[2]


class Check:
    """What follows from the chain: `updates` by id, `wordings` by commitment."""

    def __init__(self, tracker):
        self.tracker = tracker
        self.found = 0
        self.seq, self.hash = 0, GENESIS
        self.updates, self.wordings = {}, {}

    def differs(self, place, message):
        self.found += 1
        print(f"{place}: {message}")

    def run(self, pin):
        for link in self.tracker.rows("ledger/"):
            self.link(link)
            if pin and pin[0] == link["seq"] and pin[1] != link["hash"]:
                self.differs(f"link {pin[0]}", "its hash is not the pinned one")
        if pin and pin[0] > self.seq:
            self.differs(f"link {pin[0]}", "the pinned link is missing")
        for update, known in sorted(self.updates.items()):
            self.content(update, known)
        self.compare_updates()
        self.compare_commitments()

    def link(self, link):
        place = f"link {link['seq']}"
        if link["seq"] != self.seq + 1:
            self.differs(place, f"follows link {self.seq}")
        if sha256(bytes.fromhex(self.hash + link["entry_sha256"])) != link["hash"]:
            self.differs(place, "its hash does not follow from the link before and the entry")
        self.seq, self.hash = link["seq"], link["hash"]
        entry = link["entry"]
        if entry is None:
            return
        if sha256(canonical(entry)) != link["entry_sha256"] or entry["seq"] != link["seq"]:
            self.differs(place, "its entry is not the one whose digest is in the chain")
        if link["note"] is not None:
            noted = sha256(bytes.fromhex(link["salt"]) + link["note"].encode())
            if noted != entry["note_commit"]:
                self.differs(place, "its note is not the one that was recorded")
        self.fold(entry)

    def fold(self, entry):
        """Takes what an entry says into account."""
        for number, digest in entry["meta"].get("wording", {}).items():
            self.wordings.setdefault(f"{entry['plan']}-{number}", []).append(digest)
        known = self.updates.setdefault(entry["update"], {}) if entry["update"] else {}
        known.update(commitment=entry["commitment"], content_sha256=entry["content_sha256"])
        if entry["action"] == "archive":
            known.setdefault("archived", {})[entry["meta"]["evidence"]] = entry["meta"]
        else:
            known["state"] = TIMES.get(entry["action"])
            known[f"{known['state']}_at"] = entry["at"]

    def content(self, update, known):
        """Published content has the digest that the chain holds; a retracted one has none."""
        body = self.tracker.get(f"updates/{update}/content/")
        if "state" not in known:
            self.differs(f"update {update}", "was archived and never published")
        elif known["state"] == "retracted":
            if body is not None:
                self.differs(f"update {update}", "was retracted and still has its content")
        elif body is None:
            self.differs(f"update {update}", "its content is gone, and no link retracts it")
        elif sha256(body) != known["content_sha256"]:
            self.differs(f"update {update}", "its content is not what was published")
        else:
            known["content"] = json.loads(body)

    def compare_updates(self):
        listed = {row["id"]: row for row in self.tracker.rows("updates/?page_size=200")}
        for update in sorted(listed.keys() ^ self.updates.keys()):
            where = "in the chain only" if update in self.updates else "listed only"
            self.differs(f"update {update}", where)
        for update in sorted(listed.keys() & self.updates.keys()):
            row, known = listed[update], self.updates[update]
            for name in COMPARED:
                if row[name] != known.get(name):
                    said = f"{name} is {row[name]}, by the chain {known.get(name)}"
                    self.differs(f"update {update}", said)
            self.compare_content(update, row, known)

    def compare_content(self, update, row, known):
        """The list shows what was published, with the archived addresses of the chain."""
        content = known.get("content")
        if content is None:
            return
        fields = ("effective_on", "date_precision", "status", "summary", "search_note", "corrects")
        for name in fields:
            if row[name] != content[name]:
                self.differs(f"update {update}", f"{name} is not what was published")
        archived = known.get("archived", {})
        for item in row["evidence"]:
            shown = (item["link"] or {}).get("archived_url", "")
            said = archived.get(item["id"], {}).get("archived_url", "")
            if shown != said:
                self.differs(f"evidence {item['id']}", f"archived at {shown}, by the chain {said}")

    def compare_commitments(self):
        listed = {row["code"]: row for row in self.tracker.rows("commitments/?page_size=200")}
        for code in sorted(listed.keys() ^ self.wordings.keys()):
            where = "in the chain only" if code in self.wordings else "listed only"
            self.differs(code, where)
        for code in sorted(listed.keys() & self.wordings.keys()):
            row = listed[code]
            if sha256(canonical(row["text"])) != self.wordings[code][-1]:
                self.differs(code, "its text is not the wording that the chain holds")
            if len(self.wordings[code]) > 1:
                self.compare_wordings(code)
            status, update = self.current(code)
            shown = (row["status"]["code"], row["status"]["update"])
            if shown != (status, update):
                self.differs(code, f"stands at {shown}, by the chain at {(status, update)}")

    def compare_wordings(self, code):
        """Its history tells each amended wording, before and after."""
        told = [
            change
            for event in self.tracker.rows(f"commitments/{code}/history/?page_size=200")
            for change in event["changes"]
            if change["field"] == "text"
        ]
        pairs = [[sha256(canonical(change[end])) for end in ("from", "to")] for change in told]
        digests = self.wordings[code]
        if pairs[::-1] != [list(pair) for pair in pairwise(digests)]:
            self.differs(code, "its former wordings are not those that the chain holds")

    def current(self, code):
        """The highest claim (effective_on, published_at, id) of what is published."""
        claims = [
            (known["content"]["effective_on"], known["published_at"], update)
            for update, known in self.updates.items()
            if known["commitment"] == code
            and known.get("state") == "published"
            and known.get("content", {}).get("status")
        ]
        if not claims:
            return "unassessed", None
        update = max(claims)[2]
        return self.updates[update]["content"]["status"], update


def pinned(text):
    seq, _colon, digest = text.partition(":")
    if not seq.isdigit() or len(digest) != len(GENESIS):
        raise argparse.ArgumentTypeError("a pin has the form SEQ:HASH")
    return int(seq), digest


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("address", help="of the tracker, as in the browser")
    parser.add_argument("--pin", type=pinned, metavar="SEQ:HASH", help="a head noted down earlier")
    options = parser.parse_args()
    tracker = Tracker(options.address)
    check = Check(tracker)
    check.run(options.pin)
    head = json.loads(tracker.get("ledger/head/"))
    if head["seq"] > check.seq:
        print(f"The ledger went on to link {head['seq']} meanwhile: run this again.")
    elif (head["seq"], head["hash"]) != (check.seq, check.hash):
        check.differs("head", f"is {head['seq']}:{head['hash']}")
    print(f"{check.seq} links, {len(check.updates)} updates; differences: {check.found}")
    print(f"{check.seq}:{check.hash}")
    return 1 if check.found else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (OSError, ValueError, TypeError, KeyError) as error:
        # No answer, or none that a tracker gives: that is no difference, and not "no difference".
        print(f"Cannot read a tracker there: {error!r}", file=sys.stderr)
        sys.exit(2)
