"""`manage.py ask_witnesses`: have witnesses cosign the latest checkpoint."""

from __future__ import annotations

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from commitments.ledger.proofs.checkpoints import latest_checkpoint
from commitments.ledger.proofs.notes import InvalidNote
from commitments.ledger.proofs.stored import EntriesMissing
from commitments.ledger.proofs.witnesses import (
    Witness,
    WitnessRefused,
    ask_witness,
    configured_witnesses,
    has_cosigned,
)
from commitments.links.connection import Unreachable
from commitments.links.probe import LinkProbe
from commitments.models import Checkpoint


class Command(BaseCommand):
    help = (
        "Sends the latest checkpoint of the ledger to each of the WITNESSES that has not cosigned "
        "it, and stores their cosignatures, which are published with it. Fails if one refuses or "
        "does not answer."
    )

    def handle(self, *args: str, **options: object) -> None:
        try:
            witnesses = configured_witnesses()
        except InvalidNote as error:
            raise CommandError(f"WITNESSES: {error}.") from error
        checkpoint = latest_checkpoint()
        if checkpoint is None or not witnesses:
            self.stdout.write("There is no checkpoint yet." if witnesses else "No WITNESSES.")
            return
        asked = [witness for witness in witnesses if not has_cosigned(witness, checkpoint)]
        failed = sum(not self._ask(witness, checkpoint) for witness in asked)
        self.stdout.write(
            f"Checkpoint of {checkpoint.size}: {len(witnesses) - failed} of {len(witnesses)} "
            "witnesses have cosigned it."
        )
        if failed:
            raise CommandError(f"Witnesses that did not cosign: {failed}.")

    def _ask(self, witness: Witness, checkpoint: Checkpoint) -> bool:
        """Ask one witness and return whether it cosigned; print the reason if it did not."""
        try:
            ask_witness(witness, checkpoint, _post, timezone.now())
        except (WitnessRefused, EntriesMissing, Unreachable) as error:
            self.stdout.write(f"{witness.key.name} {error}")
            return False
        return True


def _post(address: str, body: bytes) -> tuple[int, bytes]:
    hosts = frozenset(settings.LINK_CHECK_OPEN_HOSTS)
    probe = LinkProbe(address, settings.LINK_CHECK_AGENT, hosts)
    reply = probe.post(body, "text/plain; charset=utf-8")
    return reply.status, reply.body
