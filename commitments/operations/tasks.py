"""The regular tasks of a site. Each is a command of `manage.py` that runs at an interval. `TASKS`
are those that `tick` runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

DAY = timedelta(days=1)
HALF_HOUR = timedelta(minutes=30)
HOUR = timedelta(hours=1)
MINUTES = timedelta(minutes=5)
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Task:
    """A task, whose runs are recorded under `name`. `command` is the command with its arguments. It
    runs again once `every` has passed since its last run began. Its runs are kept for `kept_for`. A
    run that has been open for longer than `max_run` has been cut off: the task never takes so
    long."""

    name: str
    title: StrPromise
    command: tuple[str, ...]
    every: timedelta = DAY
    kept_for: timedelta = timedelta(days=90)
    max_run: timedelta = timedelta(hours=6)


TASKS = (
    Task("send_mail_due", _("Send mail"), ("send_mail_due",), MINUTES, WEEK, HALF_HOUR),
    Task("send_webhooks_due", _("Send webhooks"), ("send_webhooks_due",), MINUTES, WEEK, HALF_HOUR),
    Task("verify_ledger", _("Compare the tables with the ledger"), ("verify_ledger",)),
    Task("sign_checkpoint", _("Sign a checkpoint of the ledger"), ("sign_checkpoint",), HOUR),
    Task("ask_witnesses", _("Have witnesses cosign the checkpoint"), ("ask_witnesses",), HOUR),
    Task("check_links", _("Check the links of sources"), ("check_links",)),
    Task(
        "orphaned_files",
        _("Delete orphaned files"),
        ("orphaned_files", "--remove"),
    ),
    # The command itself decides whether a dump is due: every day, and soon after a withdrawal.
    Task("write_dump", _("Write the dump of everything public"), ("write_dump",), HOUR),
    Task("freeze_tables", _("Freeze the tables of the last quarter"), ("freeze_tables",)),
    Task(
        "forget",
        _("Forget ended sessions, expired tokens, old records and unconfirmed addresses"),
        ("forget",),
    ),
)
# Its command needs a file name, so it is run by a timer of its own and not by `tick`.
BACKUP = Task("backup", _("Backup"), ("backup",), kept_for=timedelta(days=365))
