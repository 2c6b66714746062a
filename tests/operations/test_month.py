"""A month of a site whose ticks overlap, are killed and fail: each task runs as often as its period
says, nothing is sent twice or lost, and the records of runs go at the end of their time."""

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise

import pytest
from django.db import connection as suite

from commitments.operations.runs import CRON_SLACK, FAILED_AGAIN_AFTER
from commitments.operations.tasks import BACKUP, TASKS
from tests.serving import serving
from tests.smtp import mail_server
from tests.webhooks.receiver import receiver
from tests.workflow.race_track import ROOT, new_database

pytestmark = pytest.mark.long

DAYS = 31
SPACING = timedelta(hours=6)
TICKS_A_DAY = timedelta(days=1) // SPACING
TICKERS = 3
MAILS_A_DAY = 3
# Cron and the timer are this much late, and overlapping ticks begin within this time.
LATE = timedelta(minutes=2)
KILLED_ON = (2, 5, 8, 11, 14, 17, 20, 23, 26)
KEY_BROKEN_ON, MAIL_REFUSED_ON = (9, 10), (18,)
CHOSEN = random.Random(11)


class Sources(BaseHTTPRequestHandler):
    """Answers the checks of links, and counts them by path."""

    asked = Counter()

    def do_GET(self):
        self.asked[self.path] += 1
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


class Mailbox:
    """Counts what arrives by reader and `Message-ID`; may refuse for the time being."""

    def __init__(self):
        self.messages, self.refuses, self.refused = Counter(), False, 0

    async def handle_DATA(self, server, session, envelope):
        if self.refuses:
            self.refused += 1
            return "451 Later"
        headers = envelope.content.decode().partition("\r\n\r\n")[0]
        [name] = [line for line in headers.splitlines() if line.startswith("Message-ID")]
        self.messages[envelope.rcpt_tos[0], name] += 1
        return "250 OK"


class Worker:
    """A process of `tests.operations.month`, started again after it was killed."""

    def __init__(self, environment):
        self.environment, self.process = environment, None
        self.start()

    def start(self):
        command = [sys.executable, "-m", "tests.operations.month"]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment, **pipes)

    def order(self, name, at, *arguments):
        self.process.stdin.write(json.dumps([name, at.isoformat(), *arguments]) + "\n")
        self.process.stdin.flush()

    def answer(self):
        line = self.process.stdout.readline()
        assert line, "a process has died"
        return json.loads(line)

    def do(self, *ordered):
        self.order(*ordered)
        return self.answer()

    def kill(self):
        self.process.kill()
        self.process.communicate()


class Month:
    def __init__(self, folder, environment, mailbox, links):
        self.folder, self.mailbox, self.links = folder, mailbox, links
        self.workers = [Worker(environment) for _number in range(TICKERS + 1)]
        self.key = folder / "ledger.key"
        self.kills = self.ticks = 0
        self.start = first_day()

    def play(self):
        for day in range(DAYS):
            self._break(day)
            at = self.start + timedelta(days=day)
            link = f"http://{self.links}/{day}"
            self.workers[0].do("work", at - timedelta(minutes=5), day, link, MAILS_A_DAY)
            for place in range(TICKS_A_DAY):
                self._tick(at + place * SPACING, day, place)
        return self.start + timedelta(days=DAYS)

    def _break(self, day):
        """The key cannot be read, and the mail server refuses, on some days."""
        self.mailbox.refuses = day in MAIL_REFUSED_ON
        aside = self.folder / "key-aside"
        if day == KEY_BROKEN_ON[0]:
            self.key.rename(aside)
            self.key.write_text("not a key\n")
        elif day == KEY_BROKEN_ON[-1] + 1:
            aside.replace(self.key)

    def _tick(self, due, day, place):
        """Overlapping ticks at a due time, of which all but one are killed on some days; once a
        day beside a backup."""
        *tickers, other = self.workers
        due += CHOSEN.random() * LATE
        for ticker in tickers:
            ticker.order("tick", due + CHOSEN.random() * timedelta(seconds=20))
        self.ticks += TICKERS
        with_backup = place == TICKS_A_DAY // 2
        if with_backup:
            other.order("backup", due, str(self.folder / f"{day}.tar"))
        if day in KILLED_ON and place in (0, 2):
            CHOSEN.shuffle(tickers)
            while len(tickers) > 1:
                time.sleep(CHOSEN.random() * 0.4)
                killed = tickers.pop()
                killed.kill()
                killed.start()
                self.kills += 1
        for ticker in tickers:
            ticker.answer()
        if with_backup:
            other.answer()


def first_day():
    """Return the midnight a fortnight before a quarter ends, not in the past: files have the time
    of this machine, and none may be of the future."""
    day = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=16)
    while (day.month % 3, day.day) != (1, 1):
        day += timedelta(days=1)
    return day - timedelta(days=15)


@pytest.fixture
def played(tmp_path):
    """The month, what its servers received, and what is there at its end and long after it."""
    mailbox = Mailbox()
    Sources.asked.clear()
    with (
        new_database(suite.vendor, tmp_path) as address,
        mail_server(mailbox) as mails,
        receiver() as webhooks,
        serving(ThreadingHTTPServer(("127.0.0.1", 0), Sources)) as sources,
    ):
        links = f"127.0.0.1:{sources.server_port}"
        environment = {
            **os.environ,
            "DATABASE_URL": address,
            "EVIDENCE_DIR": str(tmp_path / "evidence"),
            "LEDGER_KEY": str(tmp_path / "ledger.key"),
            "EMAIL_URL": f"smtp://127.0.0.1:{mails.port}",
            "LINK_CHECK_OPEN_HOSTS": f"{webhooks.host},{links}",
            "LINK_CHECK_PAUSE": "0",
            "LOG_LEVEL": "CRITICAL",
        }
        for command in (["migrate", "--verbosity", "0"], ["make_ledger_key"]):
            made = [sys.executable, "manage.py", *command]
            subprocess.run(made, cwd=ROOT, env=environment, check=True, umask=0o077)
        month = Month(tmp_path, environment, mailbox, links)
        try:
            month.workers[0].do(
                "prepare", month.start - timedelta(hours=1), f"http://{webhooks.host}/"
            )
            orphan = tmp_path / "evidence" / "00" / ("00" + "0" * 30)
            orphan.parent.mkdir(parents=True, exist_ok=True)
            orphan.write_bytes(b"%PDF-")
            os.utime(orphan, (0, 0))
            end = month.play()
            state = month.workers[0].do("state", end)
            later = end + timedelta(days=100)
            month.workers[0].do("tick", later)
            swept = month.workers[0].do("state", later)
        finally:
            for worker in month.workers:
                worker.kill()
        arrived = [headers["webhook-id"] for _path, headers in webhooks.arrivals]
    return month, state, swept, arrived, (end, later), orphan


def test_over_a_month_every_task_keeps_its_period_and_nothing_is_lost(played, capsys):
    month, state, swept, arrived, (end, later), orphan = played
    runs = [
        (task, outcome, datetime.fromisoformat(at)) for task, outcome, at, _output in state["runs"]
    ]
    twice = month.mailbox.messages.total() - len(month.mailbox.messages)
    again = len(arrived) - len(set(arrived))
    with capsys.disabled():
        print(
            f"\n  {suite.vendor}: {month.ticks} ticks in {DAYS} days, {month.kills} killed: "
            f"{dict(Counter(outcome for _task, outcome, _at in runs))}; {twice} mails and "
            f"{again} webhooks twice"
        )
    check_periods(runs, end)
    failed = {task for task, outcome, _at in runs if outcome == "failed"}
    assert failed == {"sign_checkpoint"}, [row for row in state["runs"] if row[1] == "failed"]
    # Mail and webhooks
    assert month.mailbox.refused
    assert {outcome for _kind, outcome in state["mails"]} == {"sent"}
    invited = {reader for reader, _name in month.mailbox.messages if reader.startswith("invited")}
    assert len(invited) == DAYS * MAILS_A_DAY
    # The records of messages are kept for 30 days.
    assert len(month.mailbox.messages) >= len(state["mails"]) > len(invited)
    assert list(dict.fromkeys(arrived)) == state["changes"]
    assert state["subscriber"] == "active"
    assert twice + again <= month.kills
    # What other tasks make
    sizes = state["checkpoints"]
    assert sizes == sorted({*sizes})
    assert sizes[-1] == state["ledger"]
    # Of the quarter that ended within the month, one for each plan.
    [(first, quarter), (second, same)] = sorted(state["snapshots"])
    assert (first, second, quarter) == ("EAST", "WEST", same)
    assert state["dumps"] == [True]
    assert not orphan.exists()
    # That of the dump, and those of dumps that were killed: files of today stay for two days.
    assert 1 <= state["files"] <= 1 + month.kills
    for day in range(DAYS):
        # Once in seven or eight days, and once more for each check that was killed.
        left = DAYS - 1 - day
        assert left // 9 + 1 <= Sources.asked[f"/{day}"] <= left // 7 + 1 + month.kills, day
    assert len(list(month.folder.glob("*.tar"))) == DAYS
    assert [outcome for task, outcome, _at in runs if task == "backup"] == ["done"] * DAYS
    check_swept(swept["runs"], later)


def check_periods(runs, end):
    """Each task ran neither too soon nor too late after each of its runs, by how that ended."""
    for task in TASKS:
        mine = [(outcome, at) for name, outcome, at in runs if name == task.name]
        assert mine, task.name
        for (outcome, at), (_after, following) in pairwise([*mine, ("end", end)]):
            wait = {
                "done": task.every,
                "failed": min(FAILED_AGAIN_AFTER, task.every),
                "lost": task.max_run,
                "running": task.max_run,
            }[outcome]
            if following != end:
                assert following - at >= wait - CRON_SLACK, (task.name, outcome, at, following)
            assert following - at <= wait + SPACING + 2 * LATE, (task.name, outcome, at, following)


def check_swept(runs, now):
    kept = {task.name: task.kept_for for task in (*TASKS, BACKUP)}
    assert {task for task, *_rest in runs} == {*kept}
    for task, _outcome, at, _output in runs:
        assert now - datetime.fromisoformat(at) <= kept[task], task
