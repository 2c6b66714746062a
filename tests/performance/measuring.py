"""Measuring requests beside their floors, in turns, on servers of the same kind."""

import json
import statistics
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field

from tests.performance.catalogue import API, REQUESTS, WRITES
from tests.performance.serving import cpu_seconds

MAX_ROUNDS, MIN_ROUNDS = 20, 3
# The time for one request with its floor; slow requests are measured fewer times.
SECONDS_PER_REQUEST = {"S": 2, "M": 2, "L1": 8, "L": 15}
WRITE_ROUNDS = AGAIN_ROUNDS = 10
MILLISECONDS = 1000


@dataclass
class Measured:
    """What a request takes: times in milliseconds, sizes in bytes. `floor` is the median of the
    floor, `ratio` how many times longer the request takes, and `cpu_ratio` how many times more of
    the processors; None without a floor. `again` is the median of the same request on the server
    that caches responses, None if it is not measured there. `database_cpu` is None where the
    database is part of the application's process."""

    name: str
    rounds: int
    median: float
    p95: float
    queries: int
    app_cpu: float
    database_cpu: float | None
    peak: int
    size: int
    floor: float | None = None
    ratio: float | None = None
    cpu_ratio: float | None = None
    again: float | None = None
    failed: str = ""

    def as_dict(self):
        return asdict(self)


@dataclass
class Samples:
    """The times of single requests, and what the processes of the application and of the database
    used for all of them, in milliseconds."""

    times: list[float] = field(default_factory=list)
    app: float = 0
    database: float = 0

    @property
    def cpu(self):
        return self.app + self.database


class Bench:
    """`app`, `keeping` and `bare` are servers, the second one that keeps its answers; `processes`
    returns those of the database."""

    def __init__(self, app, keeping, bare, processes, targets, size):
        self.app, self.keeping, self.bare, self.processes = app, keeping, bare, processes
        self.targets, self.budget = targets, SECONDS_PER_REQUEST[size]

    def run(self, names, report):
        """Measure the requests of these names, all if there are none; yield what each takes."""
        for request in REQUESTS:
            if names and request.name not in names:
                continue
            if "{office}" in request.address and self.targets["office"] is None:
                continue
            report(request.name)
            yield self._measure(request)
        if not names or any(name.startswith("write") for name in names):
            report("writes")
            yield from self._measure_writes()

    def _measure(self, request):
        address = request.address.format(**self.targets)
        floor = request.floor.format(**self.targets)
        headers = {"Cookie": self.targets["cookie"]} if request.signed_in else {}
        response, _body, _seconds = self.app.get(address, headers)
        if request.repeated:
            headers = {"If-None-Match": response.getheader("ETag") or ""}
            self.app.get(address, headers)
        if floor:
            self.bare.get(floor)
            self.bare.get(floor)
        self.app.forget_peak()
        measured, bare = Samples(), Samples()
        used, used_bare = cpu_seconds(self.app.worker), cpu_seconds(self.bare.worker)
        started = time.monotonic()
        while self._goes_on(measured.times, MAX_ROUNDS, started):
            with self._database(measured):
                response, body, seconds = self.app.get(address, headers)
            measured.times.append(seconds * MILLISECONDS)
            if floor:
                with self._database(bare):
                    _response, _body, seconds = self.bare.get(floor)
                bare.times.append(seconds * MILLISECONDS)
        measured.app = (cpu_seconds(self.app.worker) - used) * MILLISECONDS
        bare.app = (cpu_seconds(self.bare.worker) - used_bare) * MILLISECONDS
        expected = 304 if request.repeated else 200
        failed = "" if response.status == expected else f"status {response.status}"
        result = self._result(request.name, measured, bare, response, body, failed)
        if not request.repeated and not request.signed_in:
            self.keeping.get(address)
            times, started = [], time.monotonic()
            while self._goes_on(times, AGAIN_ROUNDS, started):
                times.append(self.keeping.get(address)[2])
            result.again = statistics.median(times) * MILLISECONDS
        return result

    def _goes_on(self, times, rounds, started):
        """Return whether to measure once more, of at most so many rounds."""
        in_time = time.monotonic() - started < self.budget
        return len(times) < rounds and (len(times) < MIN_ROUNDS or in_time)

    def _result(self, name, measured, bare, response, body, failed):
        median = statistics.median(measured.times)
        floor = statistics.median(bare.times) if bare.times else None
        return Measured(
            name,
            len(measured.times),
            median,
            percentile_95(measured.times),
            int(response.getheader("X-Queries") or 0),
            measured.app / len(measured.times),
            measured.database / len(measured.times) if self.processes() else None,
            self.app.peak_bytes(),
            len(body),
            floor,
            median / floor if floor else None,
            measured.cpu / bare.cpu if floor and bare.cpu else None,
            failed=failed,
        )

    @contextmanager
    def _database(self, samples):
        """Add what the processes of the database use in this block."""
        before = self._database_cpu()
        yield
        samples.database += (self._database_cpu() - before) * MILLISECONDS

    def _database_cpu(self):
        return sum(map(cpu_seconds, self.processes()))

    def _measure_writes(self):
        """Write events, and submit and publish each, as programs with a token do."""
        samples = {name: Samples() for name in WRITES}
        last, failed = {}, dict.fromkeys(WRITES, "")
        self.app.forget_peak()
        for number in range(WRITE_ROUNDS + 1):
            if number == 1:
                # The first is to warm up.
                samples = {name: Samples() for name in WRITES}
            for name, response, body in self._write(number, samples):
                last[name] = response, body
                if response.status >= 400:
                    failed[name] = f"status {response.status}"
        for name, found in samples.items():
            yield self._result(f"write: {name}", found, Samples(), *last[name], failed[name])

    def _write(self, number, samples):
        """Create, submit and publish an update; yield the name, response and body of each."""
        body = {
            "commitment": self.targets["writable"],
            "effective_on": self.targets["as_of"],
            "event_type": "participation",
            "summary": {"en": f"The ministry attended meeting {number} of the working group."},
            "evidence": [
                {
                    "title": {"en": f"Minutes {number}"},
                    "url": f"https://minutes.example.org/{number}",
                    "language": "en",
                    "kind": "meeting_record",
                    "source": "independent",
                }
            ],
        }
        etag, pk = "", None
        for name in WRITES:
            path = f"{API}updates/" if pk is None else f"{API}updates/{pk}/{name}/"
            person = "reviewer" if name == "publish" else "reporter"
            headers = {
                "Authorization": f"Token {self.targets[person]}",
                "Content-Type": "application/json",
            } | ({"If-Match": etag} if etag else {})
            sent, sample = json.dumps(body if pk is None else {}), samples[name]
            used = cpu_seconds(self.app.worker)
            with self._database(sample):
                # The kept connection is new enough: a request was sent on it just now.
                response, content, seconds = self.app.request("POST", path, sent, headers)
            sample.app += (cpu_seconds(self.app.worker) - used) * MILLISECONDS
            sample.times.append(seconds * MILLISECONDS)
            yield name, response, content
            answer = json.loads(content)
            etag, pk = response.getheader("ETag") or "", answer.get("id", pk)


def percentile_95(times):
    """Return the time that one in twenty exceeds; the longest if there are fewer."""
    ordered = sorted(times)
    return ordered[max(0, -(-len(ordered) * 95 // 100) - 1)]
