"""The world that racers act in: two plans and their staff, made once in an empty database.

    DATABASE_URL=… python -m tests.race_world

It prints, as JSON, the id of each commitment by its code. Updates are no part of it: racers make
them, through the workflow.
"""

import json
import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")
django.setup()

from django.utils import timezone  # noqa: E402

from commitments import planload  # noqa: E402
from commitments.choices import Role  # noqa: E402
from commitments.models import Commitment, Office  # noqa: E402
from tests.factories import UserFactory  # noqa: E402

STAFF = {
    "reporter": (4, [Role.REPORTER]),
    "reviewer": (8, [Role.REVIEWER]),
    "all-rounder": (2, [Role.REPORTER, Role.REVIEWER]),
    "curator": (2, [Role.CURATOR]),
}


def document(code):
    """Three duties without an office, and one that the desk leads."""
    numbers = {"1.1": None, "1.2": None, "1.3": None, "2.1": "DESK"}
    return {
        "format": 1,
        "plan": {"code": code, "title": {"en": f"Plan {code}"}, "time_zone": "Asia/Shanghai"},
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
        planload.load(document(code), at=timezone.now())
    desk = Office.objects.get()
    for name, (count, roles) in STAFF.items():
        for number in range(1, count + 1):
            person = UserFactory(username=f"{name}-{number}", roles=roles)
            if Role.REPORTER in roles:
                desk.members.add(person)
    print(json.dumps({row.code: row.pk for row in Commitment.objects.select_related("plan")}))


if __name__ == "__main__":
    main()
