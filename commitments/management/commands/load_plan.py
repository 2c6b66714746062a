"""`manage.py load_plan FILE`: brings a plan file into the tracker."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from commitments import planfile, planload
from commitments.exceptions import TrackerError
from commitments.management.files import FileCommand
from commitments.models import Plan


class Command(FileCommand):
    help = (
        "Creates the plan of a plan file, all or nothing. If the plan is there already, nothing "
        "is written: every difference is listed, and it is an error if there is one."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file")
        parser.add_argument(
            "--dry-run", action="store_true", help="check and report, but write nothing"
        )
        parser.add_argument(
            "--if-absent", action="store_true", help="do nothing if the plan is there already"
        )
        parser.add_argument(
            "--amend", metavar="REASON", help="apply the differences as a recorded amendment"
        )
        parser.add_argument("--by", metavar="USER", help="the curator who amends")

    def handle(self, *args: Any, **options: Any) -> None:
        if bool(options["amend"]) != bool(options["by"]):
            raise CommandError("--amend and --by go together.")
        if options["amend"] and options["if_absent"]:
            raise CommandError("--amend changes a plan that is there; --if-absent leaves it alone.")
        try:
            document = planfile.read(options["file"])
            code = document["plan"]["code"]
            present = Plan.objects.filter(code=code).exists()
            if present and options["if_absent"]:
                self.stdout.write(f"Plan {code} is there already; nothing to do.")
                return
            self.stdout.write(self._bring_in(document, present, options))
        except TrackerError as error:
            raise self.refusal(error) from error

    def _bring_in(self, document: dict[str, Any], present: bool, options: dict[str, Any]) -> str:
        with transaction.atomic():
            if options["amend"]:
                by = self.person(options["by"])
                plan = planload.amend(document, reason=options["amend"], by=by, at=timezone.now())
                done = "amended"
            else:
                plan = planload.load(document, at=timezone.now())
                done = "unchanged: the file agrees with it" if present else "loaded"
            count = plan.commitments.count()
            if options["dry_run"]:
                transaction.set_rollback(True)
        trial = "Dry run, nothing written. " if options["dry_run"] else ""
        return f"{trial}Plan {plan.code} {done} ({count} commitments)."
