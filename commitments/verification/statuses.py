"""Verification of the current state that commitments keep, against the published updates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from commitments.exceptions import Problem
from commitments.models import Commitment
from commitments.models.querysets import CURRENT_STATE
from commitments.verification.rows import ROWS_PER_CHUNK


def status_differences() -> Iterator[Problem]:
    rows: Any = Commitment.objects.in_order().select_related("plan").with_published_state()
    for commitment in rows.iterator(chunk_size=ROWS_PER_CHUNK):
        for name, column in CURRENT_STATE.items():
            stored, expected = getattr(commitment, column), getattr(commitment, name)
            if stored != expected:
                yield Problem(
                    (commitment.code, column.removesuffix("_id")),
                    _("is %(stored)s; according to the published updates it should be %(expected)s")
                    % {"stored": stored, "expected": expected},
                )
