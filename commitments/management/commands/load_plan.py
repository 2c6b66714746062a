"""`manage.py load_plan FILE`: load a plan file."""

from __future__ import annotations

from django.core.management.base import CommandError, CommandParser
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from commitments.exceptions import TrackerError
from commitments.importing import plan_file, plan_load
from commitments.ledger.documents import Document
from commitments.management.base import TrackerCommand
from commitments.models import Office, Plan


class Command(TrackerCommand):
    help = (
        "Creates the plan of a plan file, all or nothing. If the plan is already loaded, nothing "
        "is written; differences from the file are listed and make the command fail."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file")
        parser.add_argument(
            "--dry-run", action="store_true", help="check and report, but write nothing"
        )
        parser.add_argument(
            "--if-absent", action="store_true", help="do nothing if the plan is already loaded"
        )
        parser.add_argument(
            "--amend", metavar="REASON", help="apply the differences as a recorded amendment"
        )
        parser.add_argument("--by", metavar="USER", help="the curator who amends")

    def handle(
        self,
        *args: str,
        file: str,
        dry_run: bool,
        if_absent: bool,
        amend: str | None,
        by: str | None,
        **options: object,
    ) -> None:
        if (amend is None) != (by is None):
            raise CommandError("--amend requires --by, and --by requires --amend.")
        if amend is not None and if_absent:
            raise CommandError("--amend and --if-absent cannot be combined.")
        read = None
        try:
            read = plan_file.read_plan_file(file)
            document = read.value
            code = document["plan"]["code"]
            present = Plan.objects.filter(code=code).exists()
            if present and if_absent:
                self.stdout.write(f"Plan {code} is already loaded; nothing to do.")
                return
            done = self._load_or_amend(document, present, amend, by, dry_run)
            self.stdout.write(f"Dry run, nothing written. {done}" if dry_run else done)
        except TrackerError as error:
            raise self.command_error(error, read) from error

    def _load_or_amend(
        self,
        document: Document,
        present: bool,
        amend: str | None,
        by: str | None,
        dry_run: bool,
    ) -> str:
        with transaction.atomic():
            if amend is not None and by is not None:
                plan = plan_load.amend_plan(
                    document, reason=amend, by=self.get_user(by), at=timezone.now()
                )
                done = "amended"
            else:
                plan = plan_load.load_plan(document, at=timezone.now())
                done = "unchanged: the file agrees with it" if present else "loaded"
            count = plan.commitments.count()
            self._warn_of_missing_members(plan)
            if dry_run:
                transaction.set_rollback(True)
        return f"Plan {plan.code} {done} ({count} commitments)."

    def _warn_of_missing_members(self, plan: Plan) -> None:
        """Say on how many commitments nobody may report yet, because their offices have no
        members."""
        rows = plan.commitments.without_reporters()
        count = rows.count()
        if not count:
            return
        offices = Office.objects.filter(
            Q(led_commitments__in=rows) | Q(supported_commitments__in=rows)
        )
        codes = offices.order_by("code").values_list("code", flat=True).distinct()
        self.stderr.write(
            f"Nobody can report yet on {count} of the commitments of {plan.code}: add members "
            f"to the offices {', '.join(codes)}."
        )
