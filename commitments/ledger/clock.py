"""The clock that dates decisions. A wrong clock would misdate the public record for good."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from commitments.exceptions import TimeRefused
from commitments.models import LedgerHead

logger = logging.getLogger(__name__)

# How much later than the clock the latest entry may be: the clocks of several machines differ.
TOLERANCE = timedelta(minutes=1)
# How long the ledger may be without an entry: more than a year, so that a record maintained yearly
# does not look like a wrong clock.
MAX_SILENCE = timedelta(days=400)


def disagreement(head: LedgerHead, clock: datetime) -> str:
    """Return why nothing can be recorded after this head at this time: the head is later than the
    clock, or the clock is far ahead of it. Return "" if they agree."""
    if head.at is None:
        return ""
    values = {"clock": clock.isoformat(), "head": head.at.isoformat()}
    if head.at - clock > TOLERANCE:
        return (
            _(
                "The clock says %(clock)s, but the latest entry of the ledger is dated %(head)s. "
                "Nothing can be recorded until the clock is right or an administrator confirms it."
            )
            % values
        )
    if clock - head.at > MAX_SILENCE:
        return (
            _(
                "The clock says %(clock)s, long after the latest entry of the ledger, dated "
                "%(head)s. Nothing can be recorded until an administrator confirms that the clock "
                "is right."
            )
            % values
        )
    return ""


def check_time(clock: datetime) -> None:
    """Raise TimeRefused if nothing can be recorded at this time."""
    time_after(LedgerHead.objects.get(), clock)


def time_after(head: LedgerHead, clock: datetime) -> datetime:
    """Return the time of a decision that follows the head: that of the clock, but never before the
    head's. Raise TimeRefused if the two disagree, until the clock is corrected or an administrator
    confirms it with `workflow.confirm_time`."""
    refusal = disagreement(head, clock)
    if refusal:
        logger.critical("Refused: the clock says %s, the ledger's head %s.", clock, head.at)
        raise TimeRefused(refusal)
    return max(clock, head.at) if head.at else clock
