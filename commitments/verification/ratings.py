"""Verification of ratings against their decisions."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from django.utils.translation import gettext as _

from commitments import ledger
from commitments.choices import Action
from commitments.exceptions import Problem
from commitments.models import Decision, Rating
from commitments.verification.rows import ROWS_PER_CHUNK, check_row


def rating_differences() -> Iterator[Problem]:
    """Yield each rating that is not what its decision records, and each that is missing."""
    for rating in Rating.objects.select_related("decision").iterator(chunk_size=ROWS_PER_CHUNK):
        yield from check_row(f"rating {rating.pk}", partial(_differences, rating))
    lost = Decision.objects.filter(action=Action.RATE, rating__isnull=True).in_order()
    for seq, update in lost.values_list("seq", "update"):
        message = _("the rating that decision %(seq)s records is missing") % {"seq": seq}
        yield Problem((f"update {update}", "ratings"), message)


def _differences(rating: Rating) -> Iterator[Problem]:
    decision = rating.decision
    recorded = decision.action, decision.update_id, decision.actor_id
    same = recorded == (Action.RATE, rating.update_id, rating.rater_id)
    if not same or decision.meta.get("rating_commit") != ledger.rating_digest(rating):
        message = _("differs from what decision %(seq)s records")
        yield Problem((f"rating {rating.pk}",), message % {"seq": decision.seq})
