"""The rows of an update, unsaved, with all that the ledger's content of it needs at hand."""

import hashlib
import secrets
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from unittest.mock import patch

from commitments.models import (
    Basis,
    Commitment,
    Criterion,
    Evidence,
    Finding,
    Forum,
    LinkCheck,
    Milestone,
    Plan,
    ProgressUpdate,
    Publisher,
)
from commitments.texts.text import Text
from commitments.workflow.findings import FindingFields, changes_event, counting_bases
from tests.performance import plans
from tests.performance.histories import MAX_PIECES
from tests.performance.sizes import SEED

MAX_FINDINGS = 6
# One update in so many has a word that readers search for and rarely find.
RARE = 400
EVIDENCE_KINDS = {"statement": "statement", "official": "agreement", "independent": "report"}
SENTENCES = {
    "statement": ("declared its support for", "表示支持"),
    "participation": ("took part in a workshop on", "参加研讨会"),
    "contribution": ("sent trainers and money for", "提供培训和资金"),
    "instrument": ("adopted a decision on", "通过决定"),
    "outcome": ("could show an effect on", "取得成效"),
    "contrary": ("stopped the work on", "停止工作"),
    "context": ("was criticised for the delay of", "因拖延受到批评"),
}


def salt(name, number):
    """Return the salt of a row: 32 bytes that are the same whenever the record is generated."""
    return hashlib.sha256(f"{SEED}/{name}/{number}".encode()).hexdigest()


@contextmanager
def seeded_salts(name):
    """Let the salts that the product makes in this block be the same in each generation."""
    rng = Random(f"{SEED}/{name}")
    with patch.object(secrets, "token_hex", lambda size: rng.randbytes(size).hex()):
        yield


@dataclass
class PlanRows:
    """A plan as stored, with its `commitments` in their order, and what plans share."""

    plan: Plan
    commitments: list[Commitment]
    forums: list[Forum]
    publishers: list[Publisher]
    reporters: list
    reviewers: list

    @classmethod
    def read(cls, plan, reporters, reviewers):
        row = Plan.objects.get(code=plans.plan_code(plan))
        commitments = row.commitments.order_by("position").prefetch_related(
            "criteria", "milestones"
        )
        found = list(commitments)
        for commitment in found:
            commitment.plan = row
        codes = {forum.code: forum for forum in Forum.objects.all()}
        forums = [codes[plans.forum_code(number)] for number in range(plans.FORUMS)]
        publishers = list(Publisher.objects.order_by("pk"))
        return cls(row, found, forums, publishers, reporters, reviewers)


@dataclass
class UpdateRows:
    """An update and the rows that belong to it."""

    update: ProgressUpdate
    evidence: list[Evidence] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    bases: list[Basis] = field(default_factory=list)
    criteria: list[Criterion] = field(default_factory=list)
    meets: list[Milestone] = field(default_factory=list)
    forums: list[Forum] = field(default_factory=list)
    editors: list = field(default_factory=list)
    link_checks: list[LinkCheck] = field(default_factory=list)

    def keep_related(self):
        """Keep the rows where `prefetch_related` keeps them, since the ledger reads them there."""
        self.update._prefetched_objects_cache = {
            name: getattr(self, name)
            for name in ("evidence", "findings", "bases", "criteria", "meets", "forums", "editors")
        } | {"decisions": []}


def build(fields, number, world, written_at, chains):
    """Return the rows of an update of the commitment with this number in the plan. `chains` are the
    chains of the updates of the commitment."""
    pk, commitment = fields.id, world.commitments[number]
    author = world.reporters[pk % len(world.reporters)]
    chain = chains.get(fields.corrects, pk)
    update = ProgressUpdate(
        id=pk,
        commitment=commitment,
        effective_on=fields.effective_on,
        date_precision=fields.precision,
        event_type=fields.event_type,
        status=fields.status,
        covers_from=fields.covers_from,
        summary=_summary(fields, commitment),
        search_note=_search_note(fields, commitment),
        external_ref=f"record-{pk}" if pk % 2 else None,
        corrects_id=fields.corrects,
        chain_id=chain,
        author=author,
        created_at=written_at,
        changed_at=written_at,
        revision=1,
        internal_salt=salt("update", pk),
    )
    rows = UpdateRows(update, editors=[author])
    if pk % 7 == 0:
        rows.editors.append(world.reporters[(pk + 1) % len(world.reporters)])
    criteria = {row.key: row for row in commitment.criteria.all()}
    milestones = {row.key: row for row in commitment.milestones.all()}
    rows.criteria = [criteria[key] for key in fields.criteria]
    rows.meets = [milestones[key] for key in fields.meets]
    rows.forums = [] if fields.forum is None else [world.forums[fields.forum]]
    rows.evidence = [
        _evidence(update, place, piece, world) for place, piece in enumerate(fields.pieces)
    ]
    rows.findings = [
        _finding(update, place, criteria[key], result, events)
        for place, (key, result, events) in enumerate(fields.findings)
    ]
    findings = [FindingFields(result, events) for _key, result, events in fields.findings]
    rows.bases = [
        Basis(update=update, event_id=event, counts=counts)
        for event, counts in counting_bases(pk, fields.rests_on, findings).items()
    ]
    rows.link_checks = _link_checks(rows, number, written_at)
    rows.keep_related()
    return rows


def compare_with_corrected(rows, corrected):
    """Set what a published correction says of itself."""
    rows.update.changes_event = changes_event(rows.update, corrected.update)


def _summary(fields, commitment):
    kind = fields.event_type
    deed, deed_zh = SENTENCES[kind] if kind else ("was assessed on", "接受评估")
    rare = fields.id % RARE == 0
    title, place = commitment.title, f"series {fields.id}"
    return Text(
        {
            "en": f"On the day named the ministry {deed} “{title['en'].lower()}”, {place}. "
            "Delegates met, the minutes were printed, and what was left open goes to the next "
            f"meeting{' at the lighthouse' if rare else ''}.",
            "zh": f"主管部门就“{title['zh']}”{deed_zh}，第{fields.id}号。代表举行会议，印发纪要，"
            f"未决事项留待下次会议{'在灯塔' if rare else ''}讨论。",
        }
    )


def _search_note(fields, commitment):
    if not fields.needs_note:
        return Text()
    return Text(
        {
            "en": f"The gazette and the press were searched for {commitment.code}; "
            "what was found says nothing of it.",
            "zh": f"查阅公报和新闻中关于{commitment.code}的内容，未见相关记载。",
        }
    )


def _evidence(update, place, piece, world):
    pk = (update.pk - 1) * MAX_PIECES + place + 1
    publisher = world.publishers[piece.publisher % len(world.publishers)]
    address = f"https://source-{publisher.pk}.example.org/records/{pk}"
    return Evidence(
        id=pk,
        update=update,
        title=Text({"en": f"Record {pk} of the proceedings", "zh": f"第{pk}号会议记录"}),
        publisher=publisher,
        url=address if piece.is_link else "",
        citation="" if piece.is_link else f"Proceedings, volume {pk}, page {pk % 300 + 1}",
        language="en",
        dated_on=update.effective_on,
        kind=EVIDENCE_KINDS[piece.source],
        source=piece.source,
        public=piece.public,
    )


def _finding(update, place, criterion, result, events):
    row = Finding(
        id=(update.pk - 1) * MAX_FINDINGS + place + 1,
        update=update,
        criterion=criterion,
        result=result,
    )
    row._prefetched_objects_cache = {"events": [ProgressUpdate(id=pk) for pk in events]}
    return row


def _link_checks(rows, number, at):
    """Return the checks of two links of three. Of one commitment in thirty all links are dead."""
    checks = []
    for row in rows.evidence:
        if not row.url or not row.public or (row.pk % 3 == 0 and number % 30 != 4):
            continue
        status = "gone" if number % 30 == 4 or row.pk % 40 == 1 else "ok"
        status = "moved" if status == "ok" and row.pk % 25 == 2 else status
        detail = {"gone": "404", "ok": "200", "moved": "301"}[status]
        moved_to = f"{row.url}/moved" if status == "moved" else ""
        checks.append(
            LinkCheck(
                evidence=row,
                url=row.url,
                status=status,
                detail=detail,
                moved_to=moved_to,
                first_at=at + timedelta(days=1),
                last_at=at + timedelta(days=30),
                checks=5,
            )
        )
    return checks
