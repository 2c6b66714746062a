"""Write a record of a given size into a migrated database, in bulk and with its ledger.

    DATABASE_URL=… python -m tests.performance.generate M --until 2026-11-01

The rows are the same for one size, seed and day. Each plan of each round is one transaction; after
an interruption the same command goes on with the next.
"""

import argparse
import os
import sys
import time
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")
django.setup()

from django.core.management.color import no_style  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.db.models import F, Max  # noqa: E402

from commitments.choices import Role  # noqa: E402
from commitments.clocks import local_day  # noqa: E402
from commitments.curation.recording import ChangeReason, record_edits  # noqa: E402
from commitments.db import refresh_statistics  # noqa: E402
from commitments.importing.plan_load import load_plan  # noqa: E402
from commitments.models import (  # noqa: E402
    Basis,
    Decision,
    Evidence,
    Finding,
    LedgerHead,
    LinkCheck,
    Plan,
    ProgressUpdate,
    ReturnedContent,
)
from tests.performance import plans  # noqa: E402
from tests.performance.copies import write_copies  # noqa: E402
from tests.performance.decisions import Chronicle, step_of  # noqa: E402
from tests.performance.histories import (  # noqa: E402
    Calendar,
    History,
    moves_due_date,
    publishers_of,
)
from tests.performance.rows import PlanRows, build, seeded_salts  # noqa: E402
from tests.performance.sizes import SIZES  # noqa: E402
from tests.performance.staff import (  # noqa: E402
    create_publishers,
    create_staff,
    join_offices,
    staff,
)

BULK = 1000
# The round in which curators put some due dates off, and by how long.
EDITING_ROUND, EDIT_DAYS = 5, 120
# Of the histories of plans, so many are kept in memory.
PLANS_IN_MEMORY = 200


class Generator:
    def __init__(self, size, until, report=print):
        self.size, self.report = size, report
        self.calendar = Calendar.until(until, size)
        self.histories = lru_cache(PLANS_IN_MEMORY)(self._histories)

    def run(self):
        """Write what is missing. Return the number of updates written now."""
        # Before the first round, a day apart from it.
        begin = self.calendar.begin - timedelta(days=1)
        with transaction.atomic():
            if not staff(Role.CURATOR):
                with seeded_salts("staff"):
                    create_staff(begin)
                create_publishers(publishers_of(self.size))
        for plan in range(Plan.objects.count(), self.size.plans):
            document = plans.plan_document(plan, self.size.commitments, self.calendar.adopted)
            with seeded_salts(f"load/{plan}"):
                load_plan(document, at=begin + timedelta(minutes=plan))
            self.report(f"plan {plan + 1} of {self.size.plans} is loaded")
        join_offices()
        return self._write_units()

    def _write_units(self):
        size = self.size
        last = ProgressUpdate.objects.filter(pk__lte=size.rounds * size.updates_per_round)
        done = (last.aggregate(last=Max("pk"))["last"] or 0) // size.commitments
        units = [(round_, plan) for round_ in range(size.rounds) for plan in range(size.plans)]
        started, written = time.monotonic(), 0
        for round_, plan in units[done:]:
            with transaction.atomic():
                written += self._write_unit(round_, plan)
            if plan == size.plans - 1 or plan % 20 == 19:
                rate = written / (time.monotonic() - started)
                place = f"round {round_ + 1} of {size.rounds}, plan {plan + 1} of {size.plans}"
                self.report(f"{place}: {rate:.0f} updates a second")
        self._reset_sequences()
        refresh_statistics()
        return written

    def _histories(self, plan):
        """Return the histories of a plan's commitments and their updates by round."""
        found = [History(self.calendar, plan, number) for number in range(self.size.commitments)]
        return [(history, list(history.rounds())) for history in found]

    def _write_unit(self, round_, plan):
        world = PlanRows.read(plan, staff(Role.REPORTER), staff(Role.REVIEWER))
        begin, share = self.calendar.unit(round_, plan)
        if round_ == EDITING_ROUND:
            with seeded_salts(f"edit/{plan}"):
                _put_off(world, begin)
        histories = self.histories(plan)
        chronicle = Chronicle(
            LedgerHead.objects.get(), world.plan, begin, step_of(share, len(histories))
        )
        unit = Unit(world, chronicle, round_)
        for number, (history, updates) in enumerate(histories):
            unit.write(number, history, updates[round_])
        if round_ == self.size.rounds - 1:
            for number, (history, updates) in enumerate(histories):
                for fields in updates[self.size.rounds :]:
                    unit.write_unpublished(number, history, fields)
        unit.save()
        if round_ == self.size.rounds - 1:
            write_copies(world.plan)
        return len(unit.rows)

    def _reset_sequences(self):
        models = [ProgressUpdate, Evidence, Finding]
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), models):
                cursor.execute(statement)


class Unit:
    """The updates of one plan in one round."""

    def __init__(self, world, chronicle, round_):
        self.world, self.chronicle = world, chronicle
        self.local_day = partial(_day_in, world.plan.time_zone)
        self.reviewer = world.reviewers[round_ % len(world.reviewers)]
        self.rows = []
        # Those of earlier rounds, by what became of them.
        self.superseded, self.retracted = [], []

    def write(self, number, history, fields):
        rows = self._built(number, history, fields)
        corrected = None
        if fields.corrects is not None:
            corrected = self._earlier(number, history, fields.corrects)
            self.superseded.append(corrected.update)
        self.chronicle.submit(rows)
        self.chronicle.publish(rows, self.reviewer, self.local_day, corrected)
        if fields.archives:
            self.chronicle.archive(rows, self.reviewer)
        if fields.retracts == fields.id:
            self.chronicle.retract(rows, self.reviewer)
        elif fields.retracts is not None:
            retracted = self._earlier(number, history, fields.retracts)
            self.chronicle.retract(retracted, self.reviewer)
            self.retracted.append(retracted.update)

    def write_unpublished(self, number, history, fields):
        rows = self._built(number, history, fields)
        if fields.state in ("submitted", "returned"):
            self.chronicle.submit(rows)
        if fields.state == "returned":
            self.chronicle.send_back(rows, self.reviewer)
        if fields.state == "discarded":
            self.chronicle.discard(rows)

    def _built(self, number, history, fields):
        rows = build(fields, number, self.world, self.chronicle.at, history.chains)
        self.rows.append(rows)
        return rows

    def _earlier(self, number, history, pk):
        """Return an update of an earlier round as it was published."""
        fields = history.updates[pk]
        rows = build(fields, number, self.world, self.chronicle.at, history.chains)
        rows.update.state = "published"
        return rows

    def save(self):
        self._save_rows()
        self._save_links()
        Decision.objects.bulk_create(self.chronicle.decisions, BULK)
        ReturnedContent.objects.bulk_create(self.chronicle.returned)
        self.chronicle.head.save()
        for update in self.superseded:
            _save_change(update, state=update.state, superseded_at=update.superseded_at)
        for update in self.retracted:
            _save_change(update, state=update.state, retracted_at=update.retracted_at)

    def _save_rows(self):
        ProgressUpdate.objects.bulk_create([rows.update for rows in self.rows], BULK)
        for model, name in (
            (Evidence, "evidence"),
            (Finding, "findings"),
            (Basis, "bases"),
            (LinkCheck, "link_checks"),
        ):
            every = [row for rows in self.rows for row in getattr(rows, name)]
            model.objects.bulk_create(every, BULK)

    def _save_links(self):
        through = defaultdict(list)
        for rows in self.rows:
            for name, column in (
                ("criteria", "criterion_id"),
                ("meets", "milestone_id"),
                ("forums", "forum_id"),
                ("editors", "user_id"),
            ):
                model = getattr(ProgressUpdate, name).through
                through[model] += [
                    model(progressupdate_id=rows.update.pk, **{column: row.pk})
                    for row in getattr(rows, name)
                ]
            model = Finding.events.through
            through[model] += [
                model(finding_id=row.pk, progressupdate_id=event.pk)
                for row in rows.findings
                for event in row.events.all()
            ]
        for model, every in through.items():
            model.objects.bulk_create(every, BULK)


def _save_change(update, **columns):
    rows = ProgressUpdate.objects.filter(pk=update.pk)
    rows.update(**columns, changed_at=update.changed_at, revision=F("revision") + 1)


def _day_in(time_zone, at):
    return local_day(at, time_zone)


def _put_off(world, at):
    """Put some due dates off, as a curator does."""
    [curator] = staff(Role.CURATOR)
    moved = [row for row in world.commitments if moves_due_date(row.position - 1)]
    for row in moved:
        row.due_on += timedelta(days=EDIT_DAYS)
        row.save(update_fields=["due_on"])
    at = max(at, LedgerHead.objects.get().at)
    record_edits(moved, ChangeReason(curator, at, "The funds came later than planned."))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("size", choices=[name for name, size in SIZES.items() if size])
    parser.add_argument("--until", type=datetime.fromisoformat, required=True)
    options = parser.parse_args()
    until = options.until.replace(tzinfo=UTC)
    report = partial(print, file=sys.stderr, flush=True)
    Generator(SIZES[options.size], until, report).run()


if __name__ == "__main__":
    main()
