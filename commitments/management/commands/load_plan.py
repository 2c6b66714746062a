"""`manage.py load_plan FILE`: load a plan file, or amend a loaded plan with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from django.core.management.base import CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from commitments.choices import Kind
from commitments.db import refresh_statistics
from commitments.exceptions import Problem, TrackerError
from commitments.importing import comparison, plan_file, plan_load
from commitments.importing.members import member_lines
from commitments.importing.merge import Side, TakenSides
from commitments.importing.plan_load import PlanLoad, earlier_version
from commitments.importing.sheets import SHEET_SUFFIXES, SheetFile
from commitments.importing.step_output import Progress
from commitments.importing.yaml_file import YamlFile
from commitments.management.base import TrackerCommand
from commitments.models import Office, Plan
from commitments.workflow.locks import locked_plans

# How many of the offices without members are named.
MAX_OFFICES = 12
UNCHANGED = "unchanged: the file changes nothing"


class Command(TrackerCommand):
    help = (
        "Creates the plan of a plan file, all or nothing. If the plan is already loaded, the file "
        "is compared with it and with the file loaded last: what an amendment would change is "
        "listed, and makes the command fail, or is applied with --amend."
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
            "--amend", metavar="REASON", help="apply the changes as a recorded amendment"
        )
        parser.add_argument("--by", metavar="USER", help="the curator who amends")
        parser.add_argument(
            "--with",
            dest="base",
            metavar="FILE",
            help="of a table (CSV, XLSX): a plan file with all but the commitments",
        )
        parser.add_argument(
            "--kind",
            choices=Kind.values(),
            help="of a table: the kind of commitments whose row does not say it",
        )
        parser.add_argument(
            "--take",
            action="append",
            default=[],
            metavar="SIDE[:PLACE]",
            help="in conflicts take what the file or the tracker has: `--take tracker` everywhere, "
            '`--take "file:commitment 3.2, due_on"` in one place; may be repeated',
        )

    def handle(
        self,
        *args: str,
        file: str,
        dry_run: bool,
        if_absent: bool,
        amend: str | None,
        by: str | None,
        take: list[str],
        base: str | None,
        kind: str | None,
        **options: object,
    ) -> None:
        _check_options(if_absent, amend, by, take, base)
        taken = _taken_sides(take)
        read = None
        try:
            progress = self.progress_for(file)
            if not _is_table(file):
                read = self._read(file, base, kind, progress)
            with transaction.atomic():
                if read is None:
                    # A table is completed from the plan as it is loaded: lock before reading, else
                    # an edit made meanwhile would be taken back.
                    locked_plans()
                    read = self._read(file, base, kind, progress)
                code = read.value["plan"]["code"]
                present = Plan.objects.filter(code=code).exists()
                if present and if_absent:
                    self.stdout.write(f"Plan {code} is already loaded; nothing to do.")
                    return
                if amend is not None and by is not None:
                    result = plan_load.amend_plan(
                        read.value,
                        reason=amend,
                        by=self.get_user(by),
                        at=timezone.now(),
                        taken=taken,
                        changes_only=isinstance(read, SheetFile),
                        progress=progress,
                    )
                    done = "amended" if result.changes or result.members else UNCHANGED
                else:
                    result = plan_load.load_plan(read.value, at=timezone.now(), progress=progress)
                    done = UNCHANGED if present else "loaded"
                report = list(_report(result, f"Plan {code} {done}", read, dry_run))
                if dry_run:
                    transaction.set_rollback(True)
            # Say so only once it is true.
            for line in report:
                (self.stderr if line.is_warning else self.stdout).write(line.text)
            refresh_statistics()
        except TrackerError as error:
            raise self.command_error(error, read) from error

    def _read(
        self, file: str, base: str | None, kind: str | None, progress: Progress
    ) -> YamlFile | SheetFile:
        """Read a plan file or a table. For a table, first print the field that each column is read
        as."""
        if not _is_table(file):
            if base or kind:
                raise CommandError("--with and --kind are for tables: files in CSV or XLSX.")
            return plan_file.read_plan_file(file, progress)
        sheet = plan_file.read_plan_sheet(file, base, kind, progress)
        for column, key in sheet.mapping:
            self.stdout.write(f"  {column} → {key}")
        if sheet.unread:
            self.stdout.write(f"  not read: {', '.join(sheet.unread)}")
        return sheet


class ReportLine(NamedTuple):
    """A line of what the command has done, or of what is to be seen to."""

    text: str
    is_warning: bool = False


def _report(
    result: PlanLoad, done: str, file: YamlFile | SheetFile, dry_run: bool
) -> Iterator[ReportLine]:
    count = result.plan.commitments.count()
    commitments = "1 commitment" if count == 1 else f"{count} commitments"
    nothing_written = "Dry run, nothing written. " if dry_run else ""
    yield ReportLine(f"{nothing_written}{done} ({commitments}).")
    members = member_lines(result.members)
    for line in (*result.changes, *members, *_lines_on_what_stays(result, file)):
        yield ReportLine(f"  {line}")
    if result.loaded_before is not None:
        yield ReportLine(earlier_version(result.loaded_before), is_warning=True)
    yield from _missing_members(result.plan)


def _missing_members(plan: Plan) -> Iterator[ReportLine]:
    """Yield a warning if nobody may report yet on some commitments because their offices have no
    reporters."""
    rows = plan.commitments.without_reporters()
    count = rows.count()
    if not count:
        return
    codes = list(Office.objects.of_commitments(rows).values_list("code", flat=True))
    named = codes[:MAX_OFFICES]
    more = f" and {len(codes) - len(named)} more" if len(codes) > len(named) else ""
    yield ReportLine(
        f"Nobody can report yet on {count} of the commitments of {plan.code}: add reporters "
        f"to the offices {', '.join(named)}{more}.",
        is_warning=True,
    )


def _lines_on_what_stays(result: PlanLoad, file: YamlFile | SheetFile) -> Iterator[str]:
    """Yield a line for each value that differs in the file, and one for the commitments missing
    from it."""
    kept: Iterable[Problem] = (
        Problem(row.path, comparison.sides_text(row.file, row.tracker)) for row in result.kept
    )
    yield from (f"kept: {problem}" for problem in file.located(kept))
    if result.missing:
        yield f"not in the file, kept: commitments {', '.join(result.missing)}"


def _is_table(path: str) -> bool:
    return path.lower().endswith(SHEET_SUFFIXES)


def _check_options(
    if_absent: bool, amend: str | None, by: str | None, take: Iterable[str], base: str | None
) -> None:
    """Raise CommandError if options cannot be combined."""
    if (amend is None) != (by is None):
        raise CommandError("--amend requires --by, and --by requires --amend.")
    if amend is not None and if_absent:
        raise CommandError("--amend and --if-absent cannot be combined.")
    if take and amend is None:
        raise CommandError("--take requires --amend.")
    if amend is not None and base is not None:
        # The file has no commitments, so what the table has no column for would be removed.
        raise CommandError(
            "--amend and --with cannot be combined: a table amends the plan as it is loaded."
        )


def _taken_sides(values: Iterable[str]) -> TakenSides:
    """Return the sides to take. Raise CommandError for a malformed value."""
    by_place = {}
    for value in values:
        side, _colon, place = (part.strip() for part in value.partition(":"))
        if side not in tuple(Side):
            raise CommandError(f"--take {value}: give file or tracker, with a place or without.")
        by_place[place] = Side(side)
    return TakenSides(by_place)
