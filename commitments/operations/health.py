"""Whether the parts of a site are in order, for load balancers and for the operator."""

from __future__ import annotations

import logging
import os
import secrets
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.cache import cache
from django.core.files.storage import FileSystemStorage
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from commitments import ledger
from commitments.choices import Health, RunState
from commitments.db import read_only_place, replica_lag
from commitments.exceptions import CacheUnavailable
from commitments.files.folder import nearest_folder
from commitments.files.storage import evidence_storage
from commitments.models import Evidence, LedgerCheck, LedgerHead, Mail, TaskRun, WebhookSubscriber
from commitments.operations.backup import is_restore_unfinished
from commitments.operations.figures import (
    FAILING_AFTER_TRIES,
    FAILURE_WINDOW,
    ledger_head_age,
)
from commitments.operations.runs import last_backup, latest_run
from commitments.operations.static_files import missing_static_files
from commitments.operations.tasks import BACKUP, TASKS
from commitments.texts.lists import ITEMS, join_list, join_sentences

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

_logger = logging.getLogger(__name__)

# The age after which a check of the ledger or a run of a task counts as missed.
MISSED_AFTER = timedelta(days=2)
# A maintained record gets an entry at least every quarter.
QUIET_LEDGER_AFTER = timedelta(days=183)
MAIL_LATE_AFTER = timedelta(hours=1)
REPLICA_LATE_AFTER = timedelta(minutes=1)
# Warn if there is not enough room for this many files of the largest size.
LOW_ROOM_FILES = 20

_Finding = tuple[Health, str]
IN_ORDER: _Finding = (Health.OK, "")
NO_DATABASE: _Finding = (Health.FAILED, "")
# The parts that need the database. The database itself is checked first.
IN_DATABASE = frozenset(
    {"migrations", "clock", "head", "ledger", "mail", "webhooks", "tasks", "backup"}
)


@dataclass(frozen=True)
class HealthReport:
    """The health of a part of the site. `words` tell the operator what is wrong."""

    name: str
    title: StrPromise
    health: Health
    words: str


def health_reports(now: datetime) -> list[HealthReport]:
    """Return the health of every part. If the database fails, so do the parts that need it."""
    reports = []
    skipped: frozenset[str] = frozenset()
    for name, (title, check) in HEALTH_CHECKS.items():
        found = NO_DATABASE if name in skipped else _found(check, now)
        reports.append(HealthReport(name, title, *found))
        if name == "database" and found[0] is Health.FAILED:
            # Skip the other database checks, since each would time out.
            skipped = IN_DATABASE
    return reports


def worst(reports: Iterable[HealthReport]) -> Health:
    """Return the worst health among these reports."""
    order = list(Health)
    return max((report.health for report in reports), key=order.index, default=Health.OK)


def _found(check: Callable[[datetime], _Finding], now: datetime) -> _Finding:
    try:
        return check(now)
    except Exception as error:
        _logger.exception("A part of the site cannot be checked.")
        return Health.FAILED, f"{type(error).__name__}: {error}"


def _database(now: datetime) -> _Finding:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    if place := read_only_place():
        return Health.FAILED, _("%(place)s is not writable.") % {"place": place}
    lag = replica_lag()
    if lag is None or lag < REPLICA_LATE_AFTER:
        return IN_ORDER
    minutes = lag // timedelta(minutes=1)
    words = ngettext(
        "This replica is %(n)s minute behind, or not connected.",
        "This replica is %(n)s minutes behind, or not connected.",
        minutes,
    )
    return Health.WARNING, words % {"n": minutes}


def _migrations(now: datetime) -> _Finding:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not waiting:
        return IN_ORDER
    n = len(waiting)
    words = ngettext(
        "%(n)s migration waits for “migrate”.", "%(n)s migrations wait for “migrate”.", n
    )
    return Health.FAILED, words % {"n": n}


def _storage(now: datetime) -> _Finding:
    storage = evidence_storage()
    if is_restore_unfinished():
        return Health.FAILED, _(
            "A restore is not finished. If its process ended, run “restore” once more."
        )
    if not isinstance(storage, FileSystemStorage):
        # A bucket that does not exist merely reports every single file as absent, so list it
        # instead.
        storage.listdir("health")
        return IN_ORDER
    folder = Path(storage.location)
    if not folder.exists() and Evidence.objects.exclude(file="").exists():
        return Health.FAILED, _("The evidence folder is missing.")
    place = nearest_folder(folder)
    if not os.access(place, os.W_OK | os.X_OK):
        return Health.FAILED, _("The evidence folder is not writable.")
    free = shutil.disk_usage(place).free
    if free < settings.EVIDENCE_MAX_BYTES:
        return Health.FAILED, _("The evidence disk is full.")
    if free < LOW_ROOM_FILES * settings.EVIDENCE_MAX_BYTES:
        values = {"free": free // 2**20}
        return Health.WARNING, _("The evidence disk has %(free)s MB left.") % values
    return IN_ORDER


def _static(now: datetime) -> _Finding:
    missing = missing_static_files()
    if not missing:
        return IN_ORDER
    sentence = _("Static files are missing, such as %(name)s. Run “collectstatic”, then restart.")
    return Health.FAILED, sentence % {"name": missing[0]}


def _cache(now: datetime) -> _Finding:
    # Use a unique key, since other checks may run at the same time, and delete it, since a cache in
    # files keeps it until then.
    key = f"health-{secrets.token_hex(8)}"
    try:
        cache.set(key, True, 10)
        is_kept = cache.get(key)
        cache.delete(key)
    except CacheUnavailable as error:
        # No failure, on which a load balancer would keep readers out too.
        sentence = _("The cache cannot be used, so nobody can sign in: %(error)s")
        return Health.WARNING, sentence % {"error": error}
    return IN_ORDER if is_kept else (Health.FAILED, _("The cache does not store values."))


def _clock(now: datetime) -> _Finding:
    head = LedgerHead.objects.get()
    refusal = ledger.disagreement(head, now)
    return (Health.FAILED, refusal) if refusal else IN_ORDER


def _head(now: datetime) -> _Finding:
    age = ledger_head_age(now)
    if age is None or age < QUIET_LEDGER_AFTER:
        return IN_ORDER
    sentence = _("Nothing has been recorded in the ledger for %(n)s days.")
    return Health.WARNING, sentence % {"n": age.days}


def _ledger(now: datetime) -> _Finding:
    last = LedgerCheck.objects.order_by("-id").first()
    if last is None:
        return Health.WARNING, _("The ledger has not been compared with the tables yet.")
    if now - last.at > MISSED_AFTER:
        return Health.WARNING, _("The ledger has not been compared with the tables for two days.")
    if last.differences:
        words = ngettext(
            "The last check of the ledger found %(n)s difference.",
            "The last check of the ledger found %(n)s differences.",
            last.differences,
        )
        return Health.WARNING, words % {"n": last.differences}
    return IN_ORDER


def _mail(now: datetime) -> _Finding:
    if not settings.MAIL_ENABLED:
        return IN_ORDER
    late = Mail.objects.waiting().filter(made_at__lt=now - MAIL_LATE_AFTER).count()
    if late:
        words = ngettext(
            "%(n)s message has waited for an hour or more.",
            "%(n)s messages have waited for an hour or more.",
            late,
        )
        return Health.WARNING, words % {"n": late}
    held = Mail.objects.held().count()
    if held:
        words = ngettext(
            "%(n)s message is held after a restore. An administrator sends or drops it under "
            "“Messages”.",
            "%(n)s messages are held after a restore. An administrator sends or drops them under "
            "“Messages”.",
            held,
        )
        return Health.WARNING, words % {"n": held}
    failed = Mail.objects.given_up_since(now - FAILURE_WINDOW).count()
    if failed:
        words = ngettext(
            "%(n)s message could not be delivered in the past week.",
            "%(n)s messages could not be delivered in the past week.",
            failed,
        )
        return Health.WARNING, words % {"n": failed}
    return IN_ORDER


def _webhooks(now: datetime) -> _Finding:
    stopped = WebhookSubscriber.objects.stopped().count()
    if stopped:
        return Health.WARNING, _("Stopped webhook subscribers: %(n)s.") % {"n": stopped}
    failing = WebhookSubscriber.objects.failing(FAILING_AFTER_TRIES).count()
    if failing:
        return Health.WARNING, _("Webhook subscribers that accept nothing: %(n)s.") % {"n": failing}
    return IN_ORDER


def _tasks(now: datetime) -> _Finding:
    runs = {task.name: latest_run(task, now) for task in TASKS}
    never = [name for name, run in runs.items() if run is None]
    missed = [name for name, run in runs.items() if run and _is_missed(run, now)]
    lists = [(_("Not yet run: %(tasks)s."), never), (_("Late or failed: %(tasks)s."), missed)]
    sentences = [message % {"tasks": join_list(names, ITEMS)} for message, names in lists if names]
    return (Health.WARNING, join_sentences(sentences)) if sentences else IN_ORDER


def _is_missed(run: TaskRun, now: datetime) -> bool:
    is_late = now - run.started_at > MISSED_AFTER
    return is_late or run.state in (RunState.FAILED, RunState.LOST)


def _backup(now: datetime) -> _Finding:
    limit = timedelta(days=settings.BACKUP_MAX_AGE_DAYS)
    if not limit:
        return IN_ORDER
    last = last_backup(now)
    if last is not None:
        age = now - last.started_at
        if age <= limit:
            return IN_ORDER
        words = ngettext(
            "The last backup was made %(n)s day ago.",
            "The last backup was made %(n)s days ago.",
            age.days,
        )
        return Health.WARNING, words % {"n": age.days}
    tried = latest_run(BACKUP, now)
    if tried is not None and now - tried.started_at <= BACKUP.max_run:
        # The first backup may be running.
        return IN_ORDER
    if not TaskRun.objects.filter(task=BACKUP.name).exists():
        # The site may be backed up by other means.
        return IN_ORDER
    return Health.WARNING, _("No backup has succeeded yet.")


HEALTH_CHECKS: dict[str, tuple[StrPromise, Callable[[datetime], _Finding]]] = {
    "database": (gettext_lazy("Database"), _database),
    "migrations": (gettext_lazy("Migrations"), _migrations),
    "storage": (gettext_lazy("Evidence files"), _storage),
    "static": (gettext_lazy("Static files"), _static),
    "cache": (gettext_lazy("Cache"), _cache),
    "clock": (gettext_lazy("Clock"), _clock),
    "head": (gettext_lazy("Head of the ledger"), _head),
    "ledger": (gettext_lazy("Check of the ledger"), _ledger),
    "mail": (gettext_lazy("Mail"), _mail),
    "webhooks": (gettext_lazy("Webhooks"), _webhooks),
    "tasks": (gettext_lazy("Regular tasks"), _tasks),
    "backup": (gettext_lazy("Backup"), _backup),
}
