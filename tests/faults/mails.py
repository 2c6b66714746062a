"""Mails in a database of their own, and a process that sends them.

python -m tests.faults.mails put 60      put so many mails of each of four kinds into the outbox
python -m tests.faults.mails send 12     send what is due, by a clock that is 12 minutes ahead
python -m tests.faults.mails states      print how many of each kind are in which state, and how
                                         many readers are still to be told of changes
"""

import json
import os
import sys
from collections import Counter
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")
django.setup()

from django.utils import timezone  # noqa: E402

from commitments.choices import MailKind, Role  # noqa: E402
from commitments.importing import plan_load  # noqa: E402
from commitments.models import Commitment, Decision, Follower, Following, Mail  # noqa: E402
from commitments.notify import send_due  # noqa: E402
from tests.factories import UserFactory  # noqa: E402
from tests.steps import published, submitted  # noqa: E402
from tests.workflow.race_world import document  # noqa: E402

# Digests by time are for those who had come when the day or week began: nobody here.
JOINED = timezone.now() + timedelta(days=30)


def put(count):
    numbers, now = range(int(count)), timezone.now()
    plan_load.load_plan(document("EAST"), at=now)
    commitment = Commitment.objects.get(plan__code="EAST", number="1.1")
    for number in numbers:
        invite(number, now)
        follow(number, commitment.plan, now)
    reviewer = UserFactory(username="reviewer", roles=[Role.REVIEWER])
    for number in numbers:
        author = with_address(f"author-{number}", Role.REPORTER)
        published(commitment, author, reviewer, timezone.now())
    submitted(commitment, author, timezone.now())
    for number in numbers:
        put_digest(number, now)


def with_address(name, role, **fields):
    address = f"{name}@example.org"
    return UserFactory(username=name, email=address, roles=[role], date_joined=JOINED, **fields)


def invite(number, now):
    person = with_address(f"invited-{number}", Role.REPORTER, password="!")
    Mail.objects.post(MailKind.INVITATION, key=f"invitation-{person.pk}", at=now, person=person)


def follow(number, plan, now):
    """Let a reader follow the plan, and put the mail with what changes on this day."""
    reader = Follower.objects.create(email=f"reader-{number}@example.org", language="en")
    Following.objects.create(
        follower=reader,
        plan=plan,
        subject_type="plan",
        subject_key=plan.code,
        asked_at=now,
        confirmed_at=now,
    )
    key, tomorrow = f"changes-{reader.pk}", now + timedelta(days=1)
    Mail.objects.create(
        kind=MailKind.CHANGES, key=key, made_at=tomorrow, due_at=now, follower=reader
    )


def put_digest(number, now):
    person = with_address(f"reviewer-{number}", Role.REVIEWER)
    Mail.objects.post(MailKind.DIGEST, key=f"digest-{person.pk}", at=now, person=person)


def send(minutes):
    send_due(lambda: timezone.now() + timedelta(minutes=int(minutes)))


def states():
    kinds = Counter(f"{row.kind} {row.state}" for row in Mail.objects.exclude(state="dropped"))
    latest = Decision.objects.public().latest("seq").seq
    untold = Follower.objects.exclude(notified_seq=latest).count()
    print(json.dumps({"mails": kinds, "untold": untold}))


if __name__ == "__main__":
    name, *arguments = sys.argv[1:]
    {"put": put, "send": send, "states": states}[name](*arguments)
