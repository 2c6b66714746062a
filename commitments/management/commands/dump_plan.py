"""`manage.py dump_plan CODE`: writes a loaded plan back as a plan file."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from commitments import planfile
from commitments.models import Plan


class Command(BaseCommand):
    help = (
        "Writes a plan as a plan file to standard output; the same plan always as the same bytes."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code")

    def handle(self, *args: Any, **options: Any) -> None:
        plan = Plan.objects.filter(code=options["code"]).first()
        if plan is None:
            known = ", ".join(Plan.objects.in_order().values_list("code", flat=True))
            raise CommandError(f"There is no plan “{options['code']}”. Loaded: {known or 'none'}.")
        self.stdout.write(planfile.dump(plan), ending="")
