"""Public changes in a database of their own, subscribers, and a process that sends to them.

python -m tests.faults.webhooks put 200 http://127.0.0.1:4000/one http://…/two
                                          make so many changes, and a subscriber at each address
python -m tests.faults.webhooks send 12   send what is due, by a clock that is 12 minutes ahead
python -m tests.faults.webhooks states    print the ids of all messages, and how far each has got
"""

import json
import os
import sys
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")
django.setup()

from django.db import transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from commitments import ledger  # noqa: E402
from commitments.choices import SYSTEM_ROLE, Action  # noqa: E402
from commitments.models import Decision, WebhookSubscriber  # noqa: E402
from commitments.notify.webhooks import change_message, deliver_due  # noqa: E402
from commitments.webhooks.subscribers import add_subscriber  # noqa: E402
from tests.factories import PlanFactory  # noqa: E402


def put(count, *addresses):
    now = timezone.now()
    plan = PlanFactory(code="PLAN")
    with transaction.atomic():
        for number in range(int(count)):
            note = f"Change {number}."
            ledger.append(Action.LOAD, at=now, by=None, role=SYSTEM_ROLE, plan=plan, note=note)
    for address in addresses:
        add_subscriber(name=address, url=address, from_the_beginning=True, at=now)


def send(minutes):
    deliver_due(lambda: timezone.now() + timedelta(minutes=int(minutes)))


def states():
    ids = [change_message(row).id for row in Decision.objects.public().in_order()]
    rows = WebhookSubscriber.objects.order_by("pk").values_list("state", "position")
    print(json.dumps([ids, list(rows)]))


if __name__ == "__main__":
    name, *arguments = sys.argv[1:]
    {"put": put, "send": send, "states": states}[name](*arguments)
