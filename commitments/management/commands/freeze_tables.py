"""`manage.py freeze_tables`: keep a copy of each plan's tidy tables at the end of a quarter."""

from __future__ import annotations

from django.core.management.base import BaseCommand
from django.utils import timezone

from commitments.exports.tidy import freeze, last_quarter
from commitments.models import Plan
from commitments.roles import ANONYMOUS
from commitments.templatetags.pages import site


class Command(BaseCommand):
    help = (
        "Makes a frozen copy of the tidy tables of each public plan at the end of the last quarter "
        "that is over on its calendar. A quarter that has one keeps it."
    )

    def handle(self, *args: str, **options: object) -> None:
        publisher = site().operator or site().name
        for plan in Plan.objects.visible_to(ANONYMOUS).in_order():
            now = timezone.now()
            made = freeze(plan, last_quarter(plan, now), at=now, publisher=publisher)
            if made is not None:
                self.stdout.write(f"{made}: {made.size} bytes, SHA-256 {made.sha256}")
