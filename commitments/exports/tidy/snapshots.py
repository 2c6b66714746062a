"""Snapshots: frozen copies of the tidy tables, as a ZIP of all tables at the end of a quarter."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from tempfile import TemporaryFile
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import translation

from commitments.choices import PeriodUnit
from commitments.clocks import Clock, local_day
from commitments.db import consistent_read
from commitments.exports.tidy.package import PackageFacts, data_package
from commitments.exports.tidy.registry import TIDY_TABLES
from commitments.exports.tidy.tables import TIDY_CSV, Scope, TidyTable
from commitments.models import Decision, Plan, Snapshot
from commitments.workflow.locks import locked_plans

QUARTER = PeriodUnit.QUARTER
# A fixed time, so that the same content gives the same bytes whenever it is packed.
MEMBER_TIME = (1980, 1, 1, 0, 0, 0)
DESCRIPTOR, LICENCE = "datapackage.json", "LICENCE.txt"


def last_quarter(plan: Plan, at: datetime) -> date:
    """Return the last day of the latest complete quarter on the plan's calendar."""
    today = local_day(at, plan.time_zone)
    first_month = (today.month - 1) // QUARTER.months * QUARTER.months + 1
    return date(today.year, first_month, 1) - timedelta(days=1)


def end_of_day(day: date, plan: Plan) -> datetime:
    """Return the end of a day on the plan's calendar, in UTC."""
    following = datetime.combine(day + timedelta(days=1), time_of_day(), ZoneInfo(plan.time_zone))
    return following.astimezone(UTC) - timedelta(microseconds=1)


def freeze(plan: Plan, day: date, *, at: datetime, publisher: str) -> Snapshot | None:
    """Make the snapshot of the quarter that ends on this day, and return it. Return None if it
    already exists, if nothing of the plan was public then, or if something was erased meanwhile, in
    which case the next attempt makes it. One that a clock that ran ahead has made is replaced.

    `at` is the time of the clock; `publisher` is who runs the site.
    """
    known_at, quarter = end_of_day(day, plan), QUARTER.name_of(day)
    was_public = Decision.objects.public().filter(plan=plan, at__lte=known_at).exists()
    of_quarter = Snapshot.objects.filter(plan=plan, quarter=quarter)
    made = of_quarter.made_by(at)
    if plan.is_draft or made.exists() or not was_public:
        return None
    last_erasure = _last_erasure()
    with TemporaryFile() as file:
        _write(plan, quarter, known_at, at, publisher, file)
        file.seek(0)
        content = file.read()
    with transaction.atomic():
        # Erasures take the same locks, so later ones will find the snapshot.
        locked_plans()
        if made.exists() or _last_erasure() != last_erasure:
            return None
        # A snapshot is unique in its quarter, also one that counts as none.
        of_quarter.delete()
        # Pages and the API list the snapshot.
        Plan.objects.filter(pk=plan.pk).bump_revision()
        return Snapshot.objects.create(
            plan=plan,
            quarter=quarter,
            known_at=known_at,
            made_at=at,
            sha256=hashlib.sha256(content).hexdigest(),
            size=len(content),
            content=content,
        )


def _last_erasure() -> int | None:
    """Return the number of the ledger's latest erasure; None if there is none."""
    return Decision.objects.erasures().values_list("seq", flat=True).first()


def _write(
    plan: Plan, quarter: str, known_at: datetime, at: datetime, publisher: str, file: IO[bytes]
) -> None:
    scope = Scope(plan, Clock(at, known_at=known_at), QUARTER)
    facts = PackageFacts(plan, at, "", "", LICENCE, publisher, _file_name)
    resources = {}
    with (
        ZipFile(file, "w") as archive,
        consistent_read(),
        translation.override(settings.LANGUAGE_CODE),
    ):
        for table in TIDY_TABLES.values():
            with _member(archive, _file_name(table)) as member:
                TIDY_CSV.write(table.of(scope), member)
            resources[table.name] = {"bytes": member.size, "hash": f"sha256:{member.hexdigest()}"}
        descriptor = data_package(facts, TIDY_TABLES.values())
        descriptor |= {"name": f"{descriptor['name']}-{quarter.lower()}"}
        for resource in descriptor["resources"]:
            resource.update(resources[resource["name"]])
        texts = {DESCRIPTOR: json.dumps(descriptor, ensure_ascii=False, indent=2)}
        if plan.licence:
            terms = [*plan.licence.values(), plan.licence_url]
            texts[LICENCE] = "\n\n".join(part for part in terms if part)
        for name, text in texts.items():
            with _member(archive, name) as member:
                member.write(f"{text}\n".encode())


def _file_name(table: TidyTable) -> str:
    return f"{table.name}.csv"


class _Hashed(io.BufferedIOBase):
    """A file that counts and hashes the bytes written to it."""

    def __init__(self, target: IO[bytes]) -> None:
        self._target, self._digest, self.size = target, hashlib.sha256(), 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._digest.update(data)
        self.size += len(data)
        return self._target.write(data)

    def hexdigest(self) -> str:
        return self._digest.hexdigest()


@contextmanager
def _member(archive: ZipFile, name: str) -> Iterator[Any]:
    """Yield an open file for a member of an archive."""
    info = ZipInfo(name, MEMBER_TIME)
    info.compress_type = ZIP_DEFLATED
    with archive.open(info, "w", force_zip64=True) as target:
        yield _Hashed(target)
