"""Mails in a database of their own, and a process that sends them.

python -m tests.faults.mails put 300     put so many invitations into the outbox
python -m tests.faults.mails send 12     send what is due, by a clock that is 12 minutes ahead
python -m tests.faults.mails states      print how many of them are in which state
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
from commitments.models import Mail  # noqa: E402
from commitments.notify import send_due  # noqa: E402
from tests.factories import UserFactory  # noqa: E402


def put(count):
    for number in range(int(count)):
        person = UserFactory(
            username=f"person-{number}",
            email=f"person-{number}@example.org",
            roles=[Role.REPORTER],
            password="!",
        )
        key = f"invitation-{person.pk}"
        Mail.objects.post(MailKind.INVITATION, key=key, at=timezone.now(), person=person)


def send(minutes):
    send_due(lambda: timezone.now() + timedelta(minutes=int(minutes)))


def states():
    invitations = Mail.objects.filter(kind=MailKind.INVITATION)
    print(json.dumps(Counter(invitations.values_list("state", flat=True))))


if __name__ == "__main__":
    name, *arguments = sys.argv[1:]
    {"put": put, "send": send, "states": states}[name](*arguments)
