"""Create two plans and their staff in an empty database, for races.

    DATABASE_URL=… python -m tests.workflow.race_world

Prints the ids of the commitments by code, as JSON. Racers create the updates themselves.
"""

import json
import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")
django.setup()

from django.utils import timezone  # noqa: E402

from commitments.accounts import record_command  # noqa: E402
from commitments.choices import Role  # noqa: E402
from commitments.importing import plan_load  # noqa: E402
from commitments.models import Commitment, Office  # noqa: E402
from tests.factories import UserFactory  # noqa: E402

STAFF = {
    "reporter": (4, [Role.REPORTER]),
    "reviewer": (8, [Role.REVIEWER]),
    "all-rounder": (2, [Role.REPORTER, Role.REVIEWER]),
    "curator": (2, [Role.CURATOR]),
}


def document(code):
    """Return a plan's document with three duties without an office and one with a lead office."""
    numbers = {"1.1": None, "1.2": None, "1.3": None, "2.1": "DESK"}
    return {
        "format": 1,
        "plan": {
            "code": code,
            "languages": ["en", "zh"],
            "title": {"en": f"Plan {code}"},
            "time_zone": "Asia/Shanghai",
        },
        "offices": [{"code": "DESK", "name": {"en": "The desk"}}],
        "commitments": [
            {
                "number": number,
                "title": {"en": f"Duty {number}"},
                "text": {"en": f"The country will do its duty {number}."},
                "kind": "standing",
            }
            | ({"lead_office": office} if office else {})
            for number, office in numbers.items()
        ],
    }


def main():
    for code in ("EAST", "WEST"):
        plan_load.load_plan(document(code), at=timezone.now())
    desk = Office.objects.get()
    for name, (count, roles) in STAFF.items():
        for number in range(1, count + 1):
            person = UserFactory(username=f"{name}-{number}", roles=roles)
            record_command(person, changed="account", at=timezone.now())
            if Role.REPORTER in roles:
                desk.members.add(person)
    print(json.dumps({row.code: row.pk for row in Commitment.objects.select_related("plan")}))


if __name__ == "__main__":
    main()
