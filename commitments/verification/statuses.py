"""Verification of current statuses against the published updates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from commitments.exceptions import Problem
from commitments.models import Commitment
from commitments.verification.rows import ROWS_PER_CHUNK


def status_differences() -> Iterator[Problem]:
    rows: Any = Commitment.objects.in_order().select_related("plan").with_published_assessment()
    for commitment in rows.iterator(chunk_size=ROWS_PER_CHUNK):
        for name, stored, expected in (
            ("status", commitment.status, commitment.assessment_status),
            ("status_update", commitment.status_update_id, commitment.assessment_id),
        ):
            if stored != expected:
                yield Problem(
                    (commitment.code, name),
                    _("is %(stored)s; according to the published updates it should be %(expected)s")
                    % {"stored": stored, "expected": expected},
                )
