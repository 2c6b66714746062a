"""Whether the site is in order: its parts, its regular tasks, and what waits."""

from __future__ import annotations

import django
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from commitments.access import policies
from commitments.admin.base.days import staff_zone
from commitments.admin.workbench.base import StaffPage
from commitments.models import LedgerCheck, LedgerHead
from commitments.operations import BACKUP, TASKS, health_reports
from commitments.operations.figures import FIGURES, figures
from commitments.operations.runs import last_backup, latest_run


class SiteStatusPage(StaffPage):
    """For administrators only: it names versions, and errors in full."""

    template_name = "workbench/site_status.html"
    menu_entry = "status"

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not policies.may_administer(self.user):
            raise PermissionDenied
        now = timezone.now()
        counted = figures(now)
        return self.render_to_response(
            self.get_context_data(
                reports=health_reports(now),
                tasks=[(task, latest_run(task, now)) for task in TASKS],
                backup=last_backup(now),
                backup_tried=latest_run(BACKUP, now),
                figures=[(title, counted[name]) for name, title in FIGURES.items()],
                head=LedgerHead.objects.get(),
                check=LedgerCheck.objects.order_by("-id").first(),
                software=_software(),
                time_zone=staff_zone(),
            )
        )


def _software() -> list[tuple[str, str]]:
    """Return what runs here, by name and version."""
    version = ".".join(map(str, connection.get_database_version()))
    return [
        (_("Commitment tracker"), settings.RELEASE),
        ("Django", django.get_version()),
        (connection.display_name, version),
    ]
