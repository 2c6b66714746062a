"""What the tests of the two clocks share."""

from datetime import UTC, date, datetime, timedelta

from commitments.clocks import Clock
from commitments.models import Commitment
from tests.steps import NOW
from tests.words import en_zh

JUNE_30, JULY_1 = date(2026, 6, 30), date(2026, 7, 1)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
LOOKED = en_zh("Looked through the records of the assembly.")


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def stands(commitment, now=NOW, **clock):
    """The commitment under the clock."""
    return Commitment.objects.at(Clock(now, **clock)).get(pk=commitment.pk)
