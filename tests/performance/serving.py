"""gunicorn on loopback with one worker, and what its process and the database's have used."""

import http.client
import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

SECONDS_TO_START = 120
SECONDS_TO_ANSWER = 600
NANOSECONDS = 1e9
ROOT = Path(__file__).resolve().parents[2]


def children(pid):
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    return [int(child) for child in text.split()]


def cpu_seconds(pid):
    """Return the processor time of a process, of all its threads."""
    total = 0
    for task in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        try:
            total += int(task.read_text().split()[0])
        except OSError:
            continue
    return total / NANOSECONDS


class Server:
    """A gunicorn that serves an application, as `tracker/gunicorn.py` has it."""

    def __init__(self, application, environment, log):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        bind = {"BIND": f"127.0.0.1:{self.port}", "WEB_WORKERS": "1"}
        command = [sys.executable, "-m", "gunicorn", "--config", "python:tracker.gunicorn"]
        self.log = log
        with log.open("wb") as out:
            self.master = subprocess.Popen(
                # One worker for the whole run, or its memory would begin anew.
                [*command, "--max-requests", "0", "--timeout", str(SECONDS_TO_ANSWER), application],
                cwd=ROOT,
                env={**environment, **bind},
                stdout=out,
                stderr=out,
            )
        self.client = None

    def wait_until_up(self, path):
        end = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < end and self.master.poll() is None:
            try:
                self.request("GET", path)
            except OSError:
                time.sleep(0.1)
            else:
                [self.worker] = children(self.master.pid)
                return
        raise RuntimeError("the server does not start:\n" + self.log.read_text()[-3000:])

    def stop(self):
        self.master.terminate()
        self.master.wait()

    def request(self, method, path, body=None, headers=None):
        """Send a request on a kept connection; return the response, its body and the seconds."""
        if self.client is None:
            self.client = http.client.HTTPConnection(
                "127.0.0.1", self.port, timeout=SECONDS_TO_ANSWER
            )
        started = time.perf_counter()
        try:
            self.client.request(method, quote(path, safe="/?&=%+:"), body, headers or {})
            response = self.client.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException) as error:
            self.client = None
            raise ConnectionError(str(error)) from error
        return response, content, time.perf_counter() - started

    def get(self, path, headers=None):
        """Send a GET, again if the server had closed the connection meanwhile."""
        try:
            return self.request("GET", path, headers=headers)
        except ConnectionError:
            return self.request("GET", path, headers=headers)

    def forget_peak(self):
        """Let the peak of the worker's memory begin at what it has now."""
        Path(f"/proc/{self.worker}/clear_refs").write_text("5")

    def peak_bytes(self):
        for line in Path(f"/proc/{self.worker}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
        return 0


@contextmanager
def serving(application, environment, log, *, ready):
    """Serve an application until the block ends; `ready` is a path that answers once it is up."""
    server = Server(application, {**os.environ, **environment}, log)
    try:
        server.wait_until_up(ready)
        yield server
    finally:
        server.stop()
