"""The stored copies that the workflow keeps of what follows from the updates.

Each copy that the models gain is written here, from the product's own query for it, so that
`verify_ledger` finds the generated rows as the workflow would have left them.
"""

from django.db.models import OuterRef, Subquery

from commitments.choices import PUBLIC_ACTIONS, Status
from commitments.models import Commitment, Plan, ProgressUpdate


def write_copies(plan):
    """Write the copies of a plan whose updates are complete: the current assessment of each
    commitment, and the revision of the plan."""
    published = ProgressUpdate.objects.published().filter(commitment=OuterRef("pk"))
    current = published.assessments()
    commitments = Commitment.objects.filter(plan=plan)
    commitments.filter(updates__state="published", updates__status__isnull=False).update(
        status=Subquery(current.values("status")[:1]),
        status_update=Subquery(current.values("pk")[:1]),
    )
    public = plan.decisions.filter(action__in=PUBLIC_ACTIONS)
    Plan.objects.filter(pk=plan.pk).update(revision=1 + public.count())
    assert not commitments.filter(status=Status.UNASSESSED, status_update__isnull=False).exists()
