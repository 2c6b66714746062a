"""A tick of a process of its own, on the day that it is given; it prints what it ran."""

import json
import os
import sys
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")
django.setup()

from commitments.operations import Task, run_due  # noqa: E402
from tests.steps import NOW  # noqa: E402

TASKS = [Task("daily", "Quick", ("forget",)), Task("slow", "Slow", ("verify_ledger",))]


def main(day):
    now = NOW + timedelta(days=int(day))
    print(json.dumps([run.task for run in run_due(TASKS, lambda: now)]))


if __name__ == "__main__":
    main(*sys.argv[1:])
