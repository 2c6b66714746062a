"""Verification of wordings against the decisions that loaded and amended plans, and of current
statuses against the published updates."""

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
from commitments.verification.rows import ROWS_PER_CHUNK, check_row

# The digest of a wording, and the decision that recorded it.
RecordedWording = tuple[str, Decision]
# By plan id and commitment number; the wordings of a commitment are in the ledger's order.
RecordedWordings = dict[tuple[int, str], list[RecordedWording]]


def wording_differences() -> Iterator[Problem]:
    recorded: RecordedWordings = defaultdict(list)
    for decision in _loads_and_amendments():
        place = f"decision {decision.seq}"
        yield from check_row(place, partial(_collect, decision, recorded))
    rows = Commitment.objects.in_order().select_related("plan").prefetch_related("former_wordings")
    present = set()
    for commitment in rows.iterator(chunk_size=ROWS_PER_CHUNK):
        key = (commitment.plan_id, commitment.number)
        present.add(key)
        place = f"commitment {commitment.pk}"
        yield from check_row(place, partial(_differences, commitment, recorded.get(key, [])))
    codes = dict(Plan.objects.values_list("pk", "code"))
    for plan, number in sorted(recorded.keys() - present):
        code = f"{codes.get(plan, plan)}-{number}"
        yield Problem((code,), _("is missing, but a decision records its wording"))


def _loads_and_amendments() -> Iterator[Decision]:
    rows = Decision.objects.in_order().filter(action__in=(Action.LOAD, Action.AMEND))
    return rows.iterator(chunk_size=ROWS_PER_CHUNK)


def _collect(decision: Decision, recorded: RecordedWordings) -> Iterator[Problem]:
    """Add the wordings that a decision recorded. An iterator of no problems, for `check_row`."""
    for number, digest in decision.meta.get("wording", {}).items():
        recorded[decision.plan_id, number].append((digest, decision))
    yield from ()


def _differences(commitment: Commitment, recorded: list[RecordedWording]) -> Iterator[Problem]:
    yield from _text_differences(commitment, recorded)
    yield from _version_differences(commitment, recorded)


def _text_differences(commitment: Commitment, recorded: list[RecordedWording]) -> Iterator[Problem]:
    place = (commitment.code, "text")
    digest = ledger.wording_sha256(commitment.text)
    if not recorded:
        yield Problem(place, _("no decision records its wording"))
    elif digest != recorded[-1][0]:
        yield Problem(
            place,
            _("differs from the wording recorded by decision %(seq)s")
            % {"seq": recorded[-1][1].seq},
        )
    if commitment.text_sha256 != digest:
        yield Problem((commitment.code, "text_sha256"), _("does not match the text"))


def _version_differences(
    commitment: Commitment, recorded: list[RecordedWording]
) -> Iterator[Problem]:
    """Check that each recorded wording but the last has a version, replaced by the decision that
    recorded the next one."""
    versions = {version.replaced_by_id: version for version in commitment.former_wordings.all()}
    for (digest, _decision), (_next_digest, decision) in pairwise(recorded):
        place = (commitment.code, _("wording replaced by decision %(seq)s") % {"seq": decision.seq})
        version = versions.pop(decision.pk, None)
        if version is None:
            yield Problem(place, _("is missing"))
        elif _digests(version) != {digest}:
            yield Problem(place, _("differs from the recorded wording"))
    for version in versions.values():
        yield Problem(
            (commitment.code, _("former wording %(id)s") % {"id": version.pk}),
            _("no decision replaced it"),
        )


def _digests(version: WordingVersion) -> set[str]:
    return {version.text_sha256, ledger.wording_sha256(version.text)}


def status_differences() -> Iterator[Problem]:
    rows: Any = Commitment.objects.in_order().select_related("plan").with_published_assessment()
    for commitment in rows.iterator(chunk_size=ROWS_PER_CHUNK):
        for name, stored, expected in (
            ("status", commitment.status, commitment.assessment_status),
            ("status_update", commitment.status_update_id, commitment.assessment_id),
        ):
            if stored != expected:
                yield Problem(
                    (commitment.code, name),
                    _("is %(stored)s; according to the published updates it should be %(expected)s")
                    % {"stored": stored, "expected": expected},
                )
