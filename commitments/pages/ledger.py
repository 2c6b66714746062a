"""The ledger explained to people: what it shows, its latest entry to note down, and how to check
it."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from commitments.ledger.proofs.checkpoints import latest_checkpoint, witness_names
from commitments.models import Decision, LedgerCheck, LedgerHead
from commitments.pages.base import SitePage

# `changes/` in the API lists all of them.
MAX_ERASURES = 20


class LedgerPage(SitePage):
    template_name = "commitments/ledger.html"

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        erasures, checkpoint = Decision.objects.erasures(), latest_checkpoint()
        return super().get_context_data(
            checkpoint=checkpoint,
            witnesses=witness_names(checkpoint) if checkpoint else [],
            head=LedgerHead.objects.get(),
            last_check=LedgerCheck.objects.order_by("pk").last(),
            public_count=Decision.objects.public().count(),
            erasure_count=erasures.count(),
            erasures=erasures.select_related("plan")[:MAX_ERASURES],
            site_address=self.request.build_absolute_uri(reverse("home")),
            description=_("What the ledger shows, its latest entry, and how to check it."),
            **kwargs,
        )
