"""`manage.py check_links`: looks at the public links behind updates, a bounded number at a time."""

from __future__ import annotations

import argparse
from collections import Counter
from datetime import datetime, timedelta
from time import monotonic, sleep
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from commitments import links
from commitments.fetch import Look, Seen

MOST = 100_000
# So many hosts of which none answers.
ALL_HOSTS = 3
Finding = tuple[str, Seen, datetime, datetime]


class Command(BaseCommand):
    help = (
        "Looks at links that nobody looked at for some days, the longest unseen first, and notes "
        "what was found. Each result is kept at once: a run that was stopped goes on with the "
        "next one. Where nothing at all can be reached, nothing is noted: the fault is here."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--every",
            type=_count,
            default=7,
            metavar="DAYS",
            help="look again after so many (7)",
        )
        parser.add_argument(
            "--limit", type=_count, default=500, help="look at so many links at most (500)"
        )
        parser.add_argument(
            "--seconds",
            type=_count,
            default=1800,
            help="begin no look after so many (1800)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self.ready: dict[str, float] = {}
        # What nobody answered to, until somebody does.
        self.held: list[Finding] = []
        self.answered = False
        ends = monotonic() + options["seconds"]
        before = timezone.now() - timedelta(days=options["every"])
        due = links.due(before)
        waiting = due[: options["limit"]]
        counts: Counter[str] = Counter()
        while waiting:
            # The host that may be asked soonest; of one host the first in the list.
            url, known = min(waiting, key=lambda row: self.ready.get(_host(row[0]), 0))
            if not self._may_ask(_host(url), ends):
                break
            waiting.remove((url, known))
            if links.is_due(url, before):
                counts[self._look(url, known, before)] += 1
        self._settle()
        found = ", ".join(f"{outcome} {count}" for outcome, count in sorted(counts.items()))
        left = len(due) - counts.total()
        self.stdout.write(f"{counts.total()} links: {found or 'none was due'}. Still due: {left}.")

    def _may_ask(self, host: str, ends: float) -> bool:
        """Waits until the host may be asked again, unless the time is over by then."""
        at = max(monotonic(), self.ready.get(host, 0))
        if at >= ends:
            return False
        sleep(max(0, at - monotonic()))
        return True

    def _look(self, url: str, known: str, before: datetime) -> str:
        seen = Look(
            url,
            settings.LINK_CHECK_AGENT,
            frozenset(settings.LINK_CHECK_OPEN_HOSTS),
            known,
        ).seen()
        self.answered = self.answered or seen.answered
        self.held.append((url, seen, timezone.now(), before))
        if self.answered:
            self._note()
        self.ready[_host(url)] = monotonic() + settings.LINK_CHECK_PAUSE
        self.stdout.write(f"{seen.outcome:<12} {seen.detail:<28} {url}")
        return seen.outcome.value

    def _settle(self) -> None:
        """One or two hosts may be down; if all are, it is this machine that is cut off."""
        if len({_host(url) for url, *_found in self.held}) >= ALL_HOSTS:
            raise CommandError("Nothing could be reached, and nothing was noted. Is the net there?")
        self._note()

    def _note(self) -> None:
        for finding in self.held:
            links.record(*finding)
        self.held.clear()


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def _count(text: str) -> int:
    number = int(text)
    if not 0 <= number <= MOST:
        raise argparse.ArgumentTypeError(f"a number from 0 to {MOST}")
    return number
