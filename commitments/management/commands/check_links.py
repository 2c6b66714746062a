"""`manage.py check_links`: check the public links in the evidence of updates."""

from __future__ import annotations

import argparse
from collections import Counter
from datetime import datetime, timedelta
from time import monotonic, sleep
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from commitments.links import checks
from commitments.links.probe import LinkProbe, ProbeResult

# The upper limit of each numeric option.
MAX_COUNT = 100_000
# If at least this many hosts were tried and none answered, this machine is assumed to be offline.
MIN_HOSTS_FOR_OUTAGE = 3
# The arguments of `checks.record_probe`.
UnrecordedResult = tuple[str, ProbeResult, datetime, datetime]


class Command(BaseCommand):
    help = (
        "Checks the public links that have not been checked for some days, the oldest check "
        "first, and records the results. An interrupted check is continued by the next one. If "
        "three or more hosts were tried and none answered, nothing is recorded: this machine is "
        "probably offline."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--every",
            type=_parse_count,
            default=7,
            metavar="DAYS",
            help="check a link again after so many days (default: 7)",
        )
        parser.add_argument(
            "--limit",
            type=_parse_count,
            default=500,
            help="check at most so many links (default: 500)",
        )
        parser.add_argument(
            "--seconds",
            type=_parse_count,
            default=1800,
            help="start no check after so many seconds (default: 1800)",
        )

    def handle(self, *args: str, seconds: int, every: int, limit: int, **options: object) -> None:
        # The time of the next request to each host, in seconds of `monotonic`.
        self.next_request: dict[str, float] = {}
        # Results are held here until any host has answered.
        self.unrecorded: list[UnrecordedResult] = []
        self.answered = False
        deadline = monotonic() + seconds
        now = timezone.now()
        before = now - timedelta(days=every)
        due = checks.due_links(before, now)
        waiting = due[:limit]
        still_due, counts = len(due), Counter[str]()
        while waiting:
            # Take the first link of the host whose next request is allowed soonest.
            url, validator = min(waiting, key=lambda row: self.next_request.get(_host(row[0]), 0))
            if not self._wait_for_host(_host(url), deadline):
                break
            waiting.remove((url, validator))
            still_due -= 1
            if checks.link_is_due(url, before, timezone.now()):
                counts[self._check(url, validator, before)] += 1
        self._record_rest()
        results = ", ".join(f"{status} {count}" for status, count in sorted(counts.items()))
        self.stdout.write(
            f"{counts.total()} links: {results or 'none was due'}. Still due: {still_due}."
        )

    def _wait_for_host(self, host: str, deadline: float) -> bool:
        """Wait until the next request to a host is allowed. Return False at once if that is after
        the deadline."""
        at = max(monotonic(), self.next_request.get(host, 0))
        if at >= deadline:
            return False
        sleep(max(0, at - monotonic()))
        return True

    def _check(self, url: str, validator: str, before: datetime) -> str:
        result = LinkProbe(
            url,
            settings.LINK_CHECK_AGENT,
            frozenset(settings.LINK_CHECK_OPEN_HOSTS),
            validator,
        ).run()
        self.answered = self.answered or result.answered
        self.unrecorded.append((url, result, timezone.now(), before))
        if self.answered:
            self._record_results()
        self.next_request[_host(url)] = monotonic() + settings.LINK_CHECK_PAUSE
        return result.status.value

    def _record_rest(self) -> None:
        """Record the remaining results. Raise CommandError if this machine seems to be offline."""
        if len({_host(url) for url, *_result in self.unrecorded}) >= MIN_HOSTS_FOR_OUTAGE:
            raise CommandError(
                "No host could be reached, so nothing was recorded. Check the network connection."
            )
        self._record_results()

    def _record_results(self) -> None:
        for url, result, at, before in self.unrecorded:
            checks.record_probe(url, result, at, before)
            self.stdout.write(f"{result.status:<12} {result.detail:<28} {url}")
        self.unrecorded.clear()


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def _parse_count(text: str) -> int:
    number = int(text)
    if not 0 <= number <= MAX_COUNT:
        raise argparse.ArgumentTypeError(f"a number from 0 to {MAX_COUNT}")
    return number
