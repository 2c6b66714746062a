"""What the tests of the planning table share."""

from commitments.models import Commitment

ADDRESS = "/admin/planning/PLAN/"
REASON = "As the council decided."
# Reasons that cannot be published, and what pages that take a sheet say of them.
REFUSED_REASONS = [
    ("As\x07 decided.", "Control characters other than tabs and line breaks are not allowed."),
    ("As \u202edecided.", "Signs that override the direction of text"),
    ("x" * 2001, "Ensure this value has at most 2000 characters (it has 2001)."),
]


def stored(commitment):
    """Return the planned values of a commitment: lead, supporting offices, due and end dates."""
    row = Commitment.objects.get(pk=commitment.pk)
    supporting = sorted(office.code for office in row.supporting_offices.all())
    return row.lead_office and row.lead_office.code, supporting, row.due_on, row.ends_on
