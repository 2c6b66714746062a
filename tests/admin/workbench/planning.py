"""What the tests of the planning table share."""

from commitments.models import Commitment

ADDRESS = "/admin/planning/PLAN/"
REASON = "As the council decided."


def stored(commitment):
    """Return the planned values of a commitment: lead, supporting offices, due and end dates."""
    row = Commitment.objects.get(pk=commitment.pk)
    supporting = sorted(office.code for office in row.supporting_offices.all())
    return row.lead_office and row.lead_office.code, supporting, row.due_on, row.ends_on
