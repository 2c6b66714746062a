"""Roll-ups of all commitments."""

from commitments import rollups
from commitments.models import Commitment, ProgressUpdate


def report_at(clock, group_by, commitments=None):
    """Return the roll-up of these commitments, or of all, under a clock."""
    rows = Commitment.objects.all() if commitments is None else commitments
    activity = ProgressUpdate.objects.activity(clock)
    return rollups.report(rows.at(clock), group_by, activity)
