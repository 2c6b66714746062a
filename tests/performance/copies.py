"""The stored copies that the workflow keeps of what follows from the updates.

Each copy that the models gain is written here, from the product's own query for it, so that
`verify_ledger` finds the generated rows as the workflow would have left them.
"""

from commitments.choices import PUBLIC_ACTIONS
from commitments.models import Commitment, Plan
from commitments.models.querysets import CURRENT_STATE


def write_copies(plan):
    """Write the copies of a plan whose updates are complete: the current state of each commitment,
    and the revision of the plan."""
    commitments = list(Commitment.objects.filter(plan=plan).with_published_state())
    for commitment in commitments:
        for name, column in CURRENT_STATE.items():
            setattr(commitment, column, getattr(commitment, name))
    columns = [name.removesuffix("_id") for name in CURRENT_STATE.values()]
    Commitment.objects.bulk_update(commitments, columns, batch_size=100)
    public = plan.decisions.filter(action__in=PUBLIC_ACTIONS)
    Plan.objects.filter(pk=plan.pk).update(revision=1 + public.count())
