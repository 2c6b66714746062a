"""Which forums and offices several plans use: one plan's file does not change these."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from commitments.importing.merge import SHARED_PARTS
from commitments.models import Commitment, Forum, Plan, PlanFile, ProgressUpdate


def other_users(plan: Plan) -> dict[tuple[str, str], list[str]]:
    """Return the codes of the plans besides this one that use a forum or an office, by part of a
    plan file and code; in six queries.

    A plan uses what its commitments and updates name or its last file lists, and the forums that
    these are part of or follow.
    """
    users: dict[tuple[str, str], set[str]] = defaultdict(set)
    for part, code, other in (*_by_forum(), *_by_office(), *_by_file()):
        if other != plan.code:
            users[part, code].add(other)
    return {name: sorted(codes) for name, codes in users.items()}


def declared_codes(part: str, plan: Plan) -> list[str]:
    """Return the codes of the forums or offices that the last file of a plan lists."""
    items = plan.files.order_by("-pk").values_list(f"document__{part}", flat=True)[:1]
    return [item["code"] for found in items for item in found or ()]


def _by_forum() -> Iterable[tuple[str, str, str]]:
    named: dict[int, set[str]] = defaultdict(set)
    of_commitments = Forum.objects.filter(commitments__isnull=False)
    of_updates = ProgressUpdate.objects.filter(forums__isnull=False)
    for forum, plan in (
        *of_commitments.values_list("pk", "commitments__plan__code").distinct(),
        *of_updates.values_list("forums", "commitment__plan__code").distinct(),
    ):
        named[forum].add(plan)
    tree = Forum.objects.tree()
    for pk, code in Forum.objects.values_list("pk", "code"):
        for below in tree.activity_through(pk):
            yield from (("forums", code, plan) for plan in named.get(below, ()))


def _by_office() -> Iterable[tuple[str, str, str]]:
    for relation in ("lead_office", "supporting_offices"):
        rows = Commitment.objects.filter(**{f"{relation}__isnull": False})
        pairs = rows.values_list(f"{relation}__code", "plan__code").distinct()
        yield from (("offices", code, plan) for code, plan in pairs)


def _by_file() -> Iterable[tuple[str, str, str]]:
    for part in SHARED_PARTS:
        files = PlanFile.objects.order_by("plan", "pk")
        # Sorted by id, so the dict keeps the last file of each plan.
        listed = dict(files.values_list("plan__code", f"document__{part}"))
        for plan, items in listed.items():
            yield from ((part, item["code"], plan) for item in items or ())
