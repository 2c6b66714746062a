"""Programs that keep creating, submitting and publishing updates with files, whatever happens to
the site, and remember what the site acknowledged."""

import hashlib
import secrets
import threading
from collections import Counter

import requests

from tests.files.sample_files import pdf

FILE_BYTES = 20_000
SECONDS_TO_ANSWER = 40
# Outcomes after which a program repeats its request.
AGAIN = ("no answer", 503)


class Publisher(threading.Thread):
    """Publishes until it is stopped; repeats requests that are not answered, as a program does.

    `published` has the references of acknowledged publications, `files` those of acknowledged
    files with the digest; `answers` counts every status, `unexpected` has what no program should
    ever get.
    """

    def __init__(self, site, number):
        super().__init__(daemon=True)
        self.site, self.number, self.ending = site, number, threading.Event()
        self.reporter = site.caller(f"reporter-{number}")
        self.reviewer = site.caller(f"reviewer-{number}")
        self.created, self.published, self.files = set(), set(), {}
        self.answers, self.unexpected = Counter(), []

    def run(self):
        while not self.ending.is_set():
            self.publish_one(f"{self.number}-{secrets.token_hex(8)}")

    def stop(self):
        self.ending.set()
        self.join()

    def publish_one(self, reference):
        draft = {
            "commitment": "EAST-1.1",
            "effective_on": "2024-05-01",
            "event_type": "statement",
            "summary": {"en": f"A statement was made: {reference}."},
            "external_ref": reference,
        }
        # If the first response was lost, the repeated request gets 409, since the update exists.
        answer = self.ask(self.reporter, "POST", "updates/", (201, 409), json=draft)
        if answer is None:
            return
        address = (
            answer.headers["Location"] if answer.status_code == 201 else answer.json()["existing"]
        )
        self.created.add(reference)
        if not self.add_file(address):
            return
        for caller, action, done in (
            (self.reporter, "submit", "submitted"),
            (self.reviewer, "publish", "published"),
        ):
            if not self.perform(caller, address, action, done):
                return
        self.published.add(reference)

    def add_file(self, address):
        """Add a file and remember it; if the first response was lost, the file already exists."""
        content = pdf(trailer=f"/Note({secrets.token_hex(FILE_BYTES // 2)})")
        sha256 = hashlib.sha256(content).hexdigest()
        answer = self.ask(
            self.reporter,
            "POST",
            f"{address}files/",
            (201, 400),
            data={"title": "Minutes", "kind": "report", "source": "independent"},
            files={"file": ("minutes.pdf", content, "application/pdf")},
        )
        if answer is None:
            return False
        if answer.status_code == 201:
            added = [answer.json()]
        else:
            update = self.ask(self.reporter, "GET", address, (200,))
            if update is None:
                return False
            added = [
                row
                for row in update.json()["evidence"]
                if (row["file"] or {}).get("sha256") == sha256
            ]
        if len(added) != 1:
            self.unexpected.append((address, answer.status_code, answer.text[:500]))
            return False
        self.files[added[0]["id"]] = sha256
        return True

    def perform(self, caller, address, action, done):
        """Perform an action; an earlier attempt without a response may already have performed
        it."""
        while not self.ending.is_set():
            update = self.ask(caller, "GET", address, (200,))
            if update is None:
                return False
            if update.json()["state"] == done:
                return True
            headers = {"If-Match": update.headers["ETag"]}
            answer = self.ask(
                caller, "POST", f"{address}{action}/", (200, 409, 412), json={}, headers=headers
            )
            if answer is not None and answer.status_code == 200:
                return True
        return False

    def ask(self, caller, method, path, expected, **options):
        """Return the first response with an expected status; None if stopped before."""
        url = path if path.startswith("http") else self.site.url(path)
        while not self.ending.is_set():
            try:
                answer = caller.request(method, url, timeout=SECONDS_TO_ANSWER, **options)
                status = answer.status_code
            except requests.RequestException:
                answer, status = None, "no answer"
            self.answers[status] += 1
            if status in expected:
                return answer
            if status not in AGAIN:
                self.unexpected.append((method, url, status, answer.text[:500]))
                return None
            self.ending.wait(0.1)
        return None


def twice(site):
    """Return the duplicates on each update: steps of the workflow, and pieces of evidence. No
    constraint forbids these."""
    steps = """SELECT update_id, action, COUNT(*) AS n FROM commitments_decision
        WHERE update_id IS NOT NULL GROUP BY update_id, action HAVING COUNT(*) > 1"""
    pieces = """SELECT update_id, COUNT(*) AS n FROM commitments_evidence
        GROUP BY update_id HAVING COUNT(*) > 1"""
    return [*site.rows(steps), *site.rows(pieces)]


def checked(site, publishers, read_file=None):
    """Compare what was acknowledged with what is stored; return a sentence on the result.
    `read_file` returns the content of a stored file by its name, where that is not in the site's
    folder."""
    read_file = read_file or (lambda name: (site.evidence / name).read_bytes())
    created = set().union(*(publisher.created for publisher in publishers))
    published = set().union(*(publisher.published for publisher in publishers))
    files = {pk: sha for publisher in publishers for pk, sha in publisher.files.items()}
    answers = sum(
        (publisher.answers for publisher in publishers), start=type(publishers[0].answers)()
    )
    unexpected = [row for publisher in publishers for row in publisher.unexpected]
    assert unexpected == [], f"{len(unexpected)} such as {unexpected[:3]}"
    rows = site.rows("SELECT external_ref, state, summary FROM commitments_progressupdate")
    there = [row["external_ref"] for row in rows]
    # Not by its reference, which a constraint keeps from being there twice.
    assert len(rows) == len({str(row["summary"]) for row in rows}), "an update is there twice"
    assert created <= set(there)
    assert twice(site) == [], "an action was recorded twice, or a file added twice"
    states = {row["external_ref"]: row["state"] for row in rows}
    assert {reference for reference in published if states[reference] != "published"} == set()
    decided = site.rows("SELECT COUNT(*) AS n FROM commitments_decision WHERE action = 'publish'")
    in_state = sum(state == "published" for state in states.values())
    assert decided[0]["n"] == in_state, "a publication was recorded twice, or not at all"
    evidence = site.rows("SELECT id, file, file_sha256 FROM commitments_evidence")
    stored = {row["id"]: row for row in evidence}
    for pk, sha256 in files.items():
        assert stored[pk]["file_sha256"] == sha256
        assert hashlib.sha256(read_file(stored[pk]["file"])).hexdigest() == sha256
    return (
        f"{len(published)} publications and {len(files)} files acknowledged, 0 lost, 0 doubled; "
        f"answers {dict(sorted(answers.items(), key=str))}"
    )
