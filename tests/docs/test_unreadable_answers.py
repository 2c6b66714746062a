"""`docs/mirror.py` and `docs/check_ledger.py` before answers that are none of a tracker: they say
that it cannot be read, which is no difference, and leave nothing behind."""

import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.docs.programs import program
from tests.serving import serving

DUMP = b"\x1f\x8b, and what else is in a dump"
UNREADABLE = {
    "a page": b"<html>Back in an hour</html>",
    "nothing": b"",
    "null": b"null",
    "a list": b"[]",
    "a page of nothing": b'{"results": [null], "next": null}',
    "a page of a text": b'{"results": "abc", "next": null}',
    "no next page": b'{"results": [], "next": 5}',
}


class Handler(BaseHTTPRequestHandler):
    """Sends the answers of its server, one a request, and the last one again and again."""

    def log_message(self, *arguments):
        pass

    def do_GET(self):
        answers = self.server.answers
        status, headers, body = answers.pop(0) if len(answers) > 1 else answers[0]
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def tracker():
    """A server whose answers a test sets: the status, headers and body of each."""
    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as server:
        yield server


@pytest.fixture
def api(tracker):
    return f"http://127.0.0.1:{tracker.server_port}/api/v1/"


@pytest.fixture
def run(tracker, tmp_path):
    """Run a program; return its exit code and the lines of its error output."""

    def run(name):
        command = [
            sys.executable,
            "-I",
            f"docs/{name}.py",
            f"http://127.0.0.1:{tracker.server_port}",
        ]
        command += [str(tmp_path / "copy.json")] if name == "mirror" else []
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        return done.returncode, done.stderr.splitlines()

    return run


@pytest.mark.long
@pytest.mark.parametrize("name", ["mirror", "check_ledger"])
@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
def test_an_answer_that_is_none_of_a_tracker_is_no_difference(tracker, run, tmp_path, name, body):
    tracker.answers = [(404, {}, b""), (200, {}, body)]
    code, [line] = run(name)
    assert (code, line.startswith("Cannot read the tracker: ")) == (2, True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.long
@pytest.mark.parametrize("body", [*UNREADABLE.values(), DUMP], ids=[*UNREADABLE, "a damaged dump"])
def test_a_dump_that_is_none_is_no_difference_and_is_not_kept(tracker, run, tmp_path, body):
    tracker.answers = [(200, {}, body)]
    code, [line] = run("mirror")
    assert (code, line.startswith("Cannot read the tracker: ")) == (2, True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.long
@pytest.mark.parametrize("name", ["mirror", "check_ledger"])
def test_an_answer_that_is_cut_off_is_no_difference(tracker, run, name):
    tracker.answers = [(404, {}, b""), (200, {"Content-Length": "1000"}, b'{"seq": ')]
    code, [_line] = run(name)
    assert code == 2


def test_a_dump_without_etag_and_length_is_downloaded_from_its_beginning(tracker, api, tmp_path):
    path = tmp_path / "copy.json.dump"
    path.write_bytes(b"the beginning of another one")
    path.with_name(f"{path.name}.etag").write_text('"another"')
    tracker.answers = [(200, {}, DUMP)]
    assert program("mirror").download_dump(api, str(path))
    assert path.read_bytes() == DUMP
    assert list(tmp_path.iterdir()) == [path]


# Each with the seconds to wait.
RETRY_AFTER = {"7": 7, "0.5": 60, "Tue, 01 Dec 2026 23:59:59 GMT": 60, "soon": 60, None: 60}


@pytest.mark.parametrize(("value", "seconds"), RETRY_AFTER.items())
def test_too_many_requests_are_waited_for_whatever_form_the_time_has(
    tracker, api, monkeypatch, value, seconds
):
    refusal = (429, {"Retry-After": value} if value else {}, b"")
    mirror, check, waits = program("mirror"), program("check_ledger"), []
    monkeypatch.setattr("time.sleep", waits.append)
    for read in (mirror.get, lambda address, path: check.Tracker(address).text(path)):
        tracker.answers = [refusal, (200, {}, b"{}")]
        read(api, "ledger/head/")
    assert waits == [seconds, seconds]
