"""`manage.py dump_plan CODE`: write a loaded plan as a plan file."""

from __future__ import annotations

from django.core.management.base import CommandError, CommandParser

from commitments.importing import plan_dump
from commitments.management.base import TrackerCommand
from commitments.models import Plan


class Command(TrackerCommand):
    help = "Writes a plan to standard output as a plan file. The same plan gives the same bytes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code")

    def handle(self, *args: str, code: str, **options: object) -> None:
        plan = Plan.objects.filter(code=code).first()
        if plan is None:
            known = ", ".join(Plan.objects.in_order().values_list("code", flat=True))
            raise CommandError(f"There is no plan “{code}”. Loaded: {known or 'none'}.")
        self.stdout.write(plan_dump.dump_plan(plan), ending="")
