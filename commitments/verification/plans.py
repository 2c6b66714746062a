"""Each commitment's wording and former wordings against the decisions that loaded and amended its
plan, and each current status against the published updates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from commitments import ledger
from commitments.choices import Action
from commitments.exceptions import Problem
from commitments.models import Commitment, Decision, Plan, WordingVersion
from commitments.verification.readable import readable

CHUNK = 500

# Digest of a wording and the decision that brought it.
Wording = tuple[str, Decision]
# By plan and number: the wordings that decisions hold, first to last.
Said = dict[tuple[int, str], list[Wording]]


def wording_differences() -> Iterator[Problem]:
    said: Said = defaultdict(list)
    for decision in _loads_and_amendments():
        place = f"decision {decision.seq}"
        yield from readable(place, partial(_collect, decision, said))
    rows = Commitment.objects.in_order().select_related("plan").prefetch_related("former_wordings")
    seen = set()
    for commitment in rows.iterator(chunk_size=CHUNK):
        key = (commitment.plan_id, commitment.number)
        seen.add(key)
        place = f"commitment {commitment.pk}"
        yield from readable(place, partial(_differences, commitment, said.get(key, [])))
    codes = dict(Plan.objects.values_list("pk", "code"))
    for plan, number in sorted(said.keys() - seen):
        code = f"{codes.get(plan, plan)}-{number}"
        yield Problem((code,), _("is gone; a decision holds its wording"))


def _loads_and_amendments() -> Iterator[Decision]:
    rows = Decision.objects.in_order().filter(action__in=(Action.LOAD, Action.AMEND))
    return rows.iterator(chunk_size=CHUNK)


def _collect(decision: Decision, said: Said) -> Iterator[Problem]:
    """Takes the wordings that a decision brought into account; finds nothing wrong itself."""
    for number, digest in decision.meta.get("wording", {}).items():
        said[decision.plan_id, number].append((digest, decision))
    yield from ()


def _differences(commitment: Commitment, said: list[Wording]) -> Iterator[Problem]:
    yield from _text(commitment, said)
    yield from _versions(commitment, said)


def _text(commitment: Commitment, said: list[Wording]) -> Iterator[Problem]:
    place = (commitment.code, "text")
    digest = ledger.wording_sha256(commitment.text_en, commitment.text_zh)
    if not said:
        yield Problem(place, _("no decision holds its wording"))
    elif digest != said[-1][0]:
        yield Problem(
            place,
            _("is not the wording whose digest decision %(seq)s holds") % {"seq": said[-1][1].seq},
        )
    if commitment.text_sha256 != digest:
        yield Problem((commitment.code, "text_sha256"), _("is not the digest of the text"))


def _versions(commitment: Commitment, said: list[Wording]) -> Iterator[Problem]:
    """Each wording but the last is kept as a version, by the decision that replaced it."""
    kept = {version.replaced_by_id: version for version in commitment.former_wordings.all()}
    for (digest, _loaded), (_new, decision) in pairwise(said):
        place = (commitment.code, _("wording replaced by decision %(seq)s") % {"seq": decision.seq})
        version = kept.pop(decision.pk, None)
        if version is None:
            yield Problem(place, _("is missing"))
        elif _digests(version) != {digest}:
            yield Problem(place, _("is not the wording whose digest was recorded"))
    for version in kept.values():
        yield Problem(
            (commitment.code, _("former wording %(id)s") % {"id": version.pk}),
            _("no decision replaced it"),
        )


def _digests(version: WordingVersion) -> set[str]:
    return {version.text_sha256, ledger.wording_sha256(version.text_en, version.text_zh)}


def claim_differences() -> Iterator[Problem]:
    rows: Any = Commitment.objects.in_order().select_related("plan").with_published_claim()
    for commitment in rows.iterator(chunk_size=CHUNK):
        for name, held, said in (
            ("status", commitment.status, commitment.claim_status),
            ("status_update", commitment.status_update_id, commitment.claim_id),
        ):
            if held != said:
                yield Problem(
                    (commitment.code, name),
                    _("is %(held)s; the published updates give %(said)s")
                    % {"held": held, "said": said},
                )
