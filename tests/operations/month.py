"""A process that works by clocks which it is given, one line of JSON for each order: its name, the
time, and what else it needs. It answers each with a line.

DATABASE_URL=… python -m tests.operations.month
"""

import contextlib
import io
import json
import os
import sys
from datetime import datetime, timedelta

import django
import time_machine

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")
django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.core.management import CommandError, call_command  # noqa: E402
from django.utils import timezone  # noqa: E402

from commitments.accounts import record_command  # noqa: E402
from commitments.choices import MailKind, Role  # noqa: E402
from commitments.clocks import local_day  # noqa: E402
from commitments.files import storage  # noqa: E402
from commitments.models import (  # noqa: E402
    Checkpoint,
    Commitment,
    Decision,
    Dump,
    Mail,
    Snapshot,
    TaskRun,
    WebhookSubscriber,
)
from commitments.notify.webhooks import change_message  # noqa: E402
from commitments.webhooks.subscribers import add_subscriber  # noqa: E402
from tests.factories import UserFactory  # noqa: E402
from tests.steps import REPORT, published  # noqa: E402
from tests.workflow import race_world  # noqa: E402

stored_before = storage.stored_before


def old_by_this_machine(before):
    """Return what was stored before a time: files have the time of this machine, whatever clock the
    process is given."""
    ahead = timezone.now().timestamp() - time_machine.escape_hatch.time.time()
    return stored_before(before - timedelta(seconds=ahead))


storage.stored_before = old_by_this_machine


def prepare(receiver):
    race_world.main()
    add_subscriber(name="A", url=receiver, from_the_beginning=True, at=timezone.now())


def work(number, link, mails):
    """A day's work: a published update with a link, and invitations."""
    now = timezone.now()
    commitment = Commitment.objects.in_order().select_related("plan").first()
    author, reviewer = (User.objects.get(username=f"{name}-1") for name in ("reporter", "reviewer"))
    evidence = [REPORT | {"url": link, "citation": ""}]
    day = local_day(now, commitment.plan.time_zone)
    published(commitment, author, reviewer, at=now, evidence=evidence, effective_on=day)
    for name in (f"invited-{number}-{place}" for place in range(mails)):
        address = f"{name}@example.org"
        person = UserFactory(username=name, email=address, roles=[Role.REPORTER], password="!")
        record_command(person, changed="account", at=now)
        Mail.objects.post(MailKind.INVITATION, key=f"i-{person.pk}", at=now, person=person)


def tick():
    output = io.StringIO()
    # Whether a task has failed, its record says.
    with contextlib.suppress(CommandError):
        call_command("tick", stdout=output)
    return output.getvalue()


def backup(path):
    call_command("backup", path, stdout=io.StringIO())


def state():
    """Return what is there at the end."""
    in_order = Decision.objects.in_order()
    return {
        "runs": [
            (run.task, run.state, run.started_at.isoformat(), run.output)
            for run in TaskRun.objects.order_by("started_at", "pk")
        ],
        "mails": list(Mail.objects.values_list("kind", "state")),
        "changes": [change_message(row).id for row in in_order.public()],
        "subscriber": WebhookSubscriber.objects.get().state,
        "checkpoints": list(Checkpoint.objects.order_by("pk").values_list("size", flat=True)),
        "ledger": in_order.count(),
        "snapshots": list(Snapshot.objects.values_list("plan__code", "quarter")),
        "dumps": [storage.evidence_storage().exists(row.file) for row in Dump.objects.all()],
        "files": sum(1 for _name in storage.stored_before(timezone.now() + timedelta(days=9999))),
    }


ORDERS = {"prepare": prepare, "work": work, "tick": tick, "backup": backup, "state": state}


def main():
    for line in sys.stdin:
        name, at, *arguments = json.loads(line)
        with (
            time_machine.travel(datetime.fromisoformat(at), tick=True),
            contextlib.redirect_stdout(io.StringIO()),
        ):
            answer = ORDERS[name](*arguments)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
