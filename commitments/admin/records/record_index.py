"""The list of all records, grouped by what staff look for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.auth.models import User
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from commitments import models

GROUPS = (
    (
        _("The plan"),
        (
            models.Plan,
            models.StrategicGoal,
            models.ActionArea,
            models.Commitment,
            models.Criterion,
            models.Milestone,
            models.Partnership,
            models.PlanFile,
            models.Snapshot,
        ),
    ),
    (
        _("Progress"),
        (
            models.ProgressUpdate,
            models.Evidence,
            models.LinkCheck,
            models.ReportCall,
            models.NothingNew,
        ),
    ),
    (
        _("Forums, publishers and offices"),
        (models.Forum, models.Meeting, models.Publisher, models.Office),
    ),
    (
        _("People and access"),
        (User, models.AccountRequest, models.AccessToken, models.ErasureRequest),
    ),
    (
        _("Ledger"),
        (
            models.Decision,
            models.RecordedContent,
            models.LedgerHead,
            models.LedgerCheck,
            models.Checkpoint,
            models.Cosignature,
        ),
    ),
    (
        _("The site"),
        (models.TaskRun, models.Mail, models.WebhookSubscriber, models.WebhookAttempt),
    ),
)


def grouped(apps: Iterable[Mapping[str, Any]]) -> list[tuple[object, list[Any]]]:
    """Return the groups of the models among `apps`, the list of `AdminSite.get_app_list`; groups
    without a model that the reader may see are left out."""
    seen = {entry["model"]: _entry(entry) for app in apps for entry in app["models"]}
    groups = [(name, [seen[row] for row in rows if row in seen]) for name, rows in GROUPS]
    return [(name, entries) for name, entries in groups if entries]


def _entry(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {**entry, "add_title": gettext("Add %s") % entry["model"]._meta.verbose_name}
