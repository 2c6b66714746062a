"""Brings a checked plan file into the tracker: a new plan at once, changes only as an amendment."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from commitments import ledger, planfile, policies
from commitments.bilingual import LANGUAGES, Text
from commitments.choices import SYSTEM_ROLE, Action, Role
from commitments.exceptions import NotPermitted, Path, PlanDiffers, PlanFileError, Problem
from commitments.history import Signature
from commitments.locks import locked_plans
from commitments.models import (
    ActionArea,
    Commitment,
    Forum,
    Milestone,
    Office,
    Partnership,
    Plan,
    ProgressUpdate,
    StrategicGoal,
    WordingVersion,
)
from commitments.planfile import Document

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def load(document: Document, *, at: datetime) -> Plan:
    """Creates the plan of a checked document, all or nothing.

    Raises PlanDiffers, with every difference, if the plan is there and differs from the document;
    if it agrees, gives it unchanged. What the document does not mention is no difference.
    """
    with transaction.atomic():
        code = document["plan"]["code"]
        plan = Plan.objects.select_for_update().filter(code=code).first()
        if plan is None:
            # Two that load a new plan at once meet at the ledger's head.
            at = ledger.next_at(at)
            plan = Plan.objects.filter(code=code).first()
        if plan is not None:
            found = differences(document, plan)
            if found:
                raise PlanDiffers(
                    _("Plan %(code)s is loaded already and differs from the file.")
                    % {"code": code},
                    found,
                )
            return plan
        _refuse(shared_problems(document))
        plan = Plan(code=code)
        signature = Signature(None, at)
        done = _Writing(plan, signature).write(document)
        ledger.append(
            Action.LOAD,
            at=at,
            by=None,
            role=SYSTEM_ROLE,
            plan=plan,
            meta={"wording": done.wordings},
        )
    return plan


def amend(document: Document, *, reason: str, by: User, at: datetime) -> Plan:
    """Applies every difference between a checked document and the loaded plan.

    Keeps each replaced wording as a version and records the reason publicly, with its author's
    role. Raises NotPermitted, or PlanFileError if there is no such plan, nothing differs, or the
    kind of a commitment with a published claim or the time zone of a plan with a published update
    would change, or if what stays would not fit what is new.
    """
    if not policies.may_curate(by):
        raise NotPermitted(_("Only a curator may amend a plan."))
    if not reason.strip():
        raise PlanFileError(_("An amendment needs a reason."))
    code = document["plan"]["code"]
    with transaction.atomic():
        # All of them: forums and offices are shared, so in the end all revisions move.
        plan = locked_plans().get(code)
        if plan is None:
            raise PlanFileError(_("There is no plan %(code)s to amend.") % {"code": code})
        if not differences(document, plan):
            raise PlanFileError(_("Nothing differs from plan %(code)s.") % {"code": code})
        list(plan.commitments.select_for_update().order_by("pk"))
        _refuse([*_zone_problems(document, plan), *_kind_problems(document, plan)])
        _refuse(planfile.check(_merged(document, _held(plan))))
        signature = Signature(by, ledger.next_at(at), reason.strip())
        done = _Writing(plan, signature).write(document)
        decision = ledger.append(
            Action.AMEND,
            at=signature.at,
            by=by,
            role=Role.CURATOR,
            plan=plan,
            note=signature.reason,
            meta={"wording": done.wordings},
        )
        WordingVersion.objects.bulk_create(
            WordingVersion(
                commitment=old, text_en=en, text_zh=zh, text_sha256=digest, replaced_by=decision
            )
            for old, en, zh, digest in done.replaced
        )
        # Forums and offices are shared: their readers see the change under other plans too.
        Plan.objects.all().move_revision()
    return plan


def differences(document: Document, plan: Plan) -> list[Problem]:
    """Where the document says something else than the tracker does, each with its place."""
    return list(_differences(document, _held(plan), ()))


def _differences(said: Any, held: Any, path: Path) -> Iterable[Problem]:
    if isinstance(said, dict) and isinstance(held, dict):
        for key, value in said.items():
            yield from _differences(value, held.get(key), (*path, key))
    elif _is_keyed(said) or _is_keyed(held):
        rows = {_key(row): row for row in held or []}
        for index, row in enumerate(said):
            if _key(row) in rows:
                yield from _differences(row, rows[_key(row)], (*path, index))
            else:
                yield Problem(
                    (*path, index), _("%(key)s is not in the tracker") % {"key": _named(row)}
                )
    elif _in_any_order(said) != _in_any_order(held):
        yield Problem(
            path,
            _("the file says %(said)s, the tracker %(held)s")
            % {"said": _shown(said), "held": _shown(held)},
        )


def _is_keyed(value: Any) -> bool:
    """A list of things that have a key of their own; an empty list says nothing of such."""
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _merged(said: Any, held: Any) -> Any:
    """What would be in the tracker once all that the document says is taken over."""
    if isinstance(said, dict) and isinstance(held, dict):
        return held | {key: _merged(value, held.get(key)) for key, value in said.items()}
    if _is_keyed(said) or _is_keyed(held):
        present = {_key(row): row for row in held or []}
        # The file's rows first: what is wrong with one is told by its place in the file.
        rows = {_key(row): _merged(row, present.get(_key(row))) for row in said}
        return list((rows | {key: row for key, row in present.items() if key not in rows}).values())
    return said


def _in_any_order(value: Any) -> Any:
    """Lists of numbers and codes are sets; an empty one says nothing."""
    if isinstance(value, list):
        return sorted(value) or None
    return value or None


def _key(row: Document) -> Any:
    """What tells rows of one list apart: a number, a code, or a milestone's title."""
    if "number" in row:
        return row["number"]
    return row["code"] if "code" in row else tuple(sorted(row["title"].items()))


def _named(row: Document) -> str:
    """A row's key for the reader; of a milestone its title."""
    return str(Text.of(row["title"])) if "due_on" in row else str(_key(row))


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if value is not None else _("nothing")


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise PlanFileError(_("The file cannot be loaded."), problems)


def shared_problems(document: Document) -> list[Problem]:
    """Forums and offices that are there already must agree with the file."""
    problems: list[Problem] = []
    held = {
        part: {item["code"]: item for item in items} for part, items in _shared_documents().items()
    }
    for part, rows in held.items():
        for index, item in enumerate(document.get(part, [])):
            if item["code"] in rows:
                # A shared thing is stated whole: without a parent in the file it has none.
                said = {"parent": None, **item} if part == "forums" else item
                problems += _differences(said, rows[item["code"]], (part, index))
    return problems


def _held(plan: Plan) -> Document:
    """What the tracker has of a plan, with all forums and offices."""
    return planfile.document_of(plan) | _shared_documents()


def _shared_documents() -> dict[str, list[Document]]:
    """All forums and offices, as a plan file would have them."""
    forums = Forum.objects.select_related("parent", "successor_of")
    return {
        "forums": [planfile.forum_document(row) for row in forums],
        "offices": [planfile.office_document(row) for row in Office.objects.all()],
    }


def _zone_problems(document: Document, plan: Plan) -> list[Problem]:
    """Days that were published are days in the plan's time zone: it stays."""
    public = ProgressUpdate.objects.filter(commitment__plan=plan, published_at__isnull=False)
    if document["plan"]["time_zone"] == plan.time_zone or not public.exists():
        return []
    sentence = _("the time zone cannot change any more: an update has been published")
    return [Problem(("plan", "time_zone"), sentence)]


def _kind_problems(document: Document, plan: Plan) -> list[Problem]:
    rows = {row.number: row for row in plan.commitments.all()}
    return [
        Problem(
            ("commitments", index, "kind"),
            _("the kind cannot change any more: a claim on it has been published"),
        )
        for index, item in enumerate(document["commitments"])
        if (row := rows.get(item["number"]))
        and row.kind != item["kind"]
        and policies.kind_is_fixed(row)
    ]


@dataclass
class _Writing:
    """One pass over a document that makes what is missing and changes what differs, all of it
    under one signature in its history.

    `wordings` gives the digest of each new or changed wording by number; `replaced` the old ones.
    """

    plan: Plan
    signature: Signature
    wordings: dict[str, str] = field(default_factory=dict)
    replaced: list[tuple[Commitment, str, str, str]] = field(default_factory=list)

    def write(self, document: Document) -> _Writing:
        _assign(self.plan, _columns(document["plan"], skip=("code",)))
        self.plan.full_clean(exclude=["code"] if self.plan.pk else None)
        self.signature.on(self.plan)
        self.plan.save()
        self.goals = self._numbered(StrategicGoal, document.get("goals", []))
        self.areas = self._numbered(ActionArea, document.get("areas", []))
        self.forums = write_forums(document.get("forums", []), self.signature)
        self.offices = _write_shared(Office, document.get("offices", []), self.signature)
        self._commitments(document["commitments"])
        return self

    def _numbered(self, model: Any, items: list[Document]) -> dict[int, Any]:
        rows = {row.number: row for row in model.objects.filter(plan=self.plan)}
        for item in items:
            row = rows.setdefault(item["number"], model(plan=self.plan))
            _store(self.signature, row, _columns(item))
        return rows

    def _commitments(self, items: list[Document]) -> None:
        rows = {row.number: row for row in self.plan.commitments.all()}
        next_position = 1 + max((row.position for row in rows.values()), default=0)
        for item in items:
            row = rows.get(item["number"])
            if row is None:
                row = Commitment(plan=self.plan, position=next_position)
                next_position += 1
            self._commitment(row, item)

    def _commitment(self, row: Commitment, item: Document) -> None:
        columns = _columns(
            item,
            skip=(
                "area",
                "goal",
                "lead_office",
                "supporting_goals",
                "supporting_offices",
                "forums",
                "milestones",
            ),
        )
        for name, known in (
            ("area", self.areas),
            ("goal", self.goals),
            ("lead_office", self.offices),
        ):
            if name in item:
                columns[name] = known[item[name]]
        self._wording(row, columns)
        _store(self.signature, row, columns)
        if "supporting_goals" in item:
            row.supporting_goals.set([self.goals[number] for number in item["supporting_goals"]])
        if "supporting_offices" in item:
            row.supporting_offices.set([self.offices[code] for code in item["supporting_offices"]])
        partners = {partner.forum_id: partner for partner in row.partnerships.all()}
        for partner in item.get("forums", []):
            forum = self.forums[partner["code"]]
            link = partners.get(forum.pk) or Partnership(commitment=row, forum=forum)
            _store(self.signature, link, _columns(partner, skip=("code",)))
        steps = {_key(planfile.milestone_document(step)): step for step in row.milestones.all()}
        for step in item.get("milestones", []):
            kept = steps.get(_key(step)) or Milestone(commitment=row)
            _store(self.signature, kept, _columns(step))

    def _wording(self, row: Commitment, columns: dict[str, Any]) -> None:
        """Notes a new digest, and the old wording where there was another."""
        en, zh = (columns.get(f"text_{code}", getattr(row, f"text_{code}")) for code in LANGUAGES)
        digest = ledger.wording_sha256(en, zh)
        if digest == row.text_sha256:
            return
        if row.pk is not None:
            self.replaced.append((row, row.text_en, row.text_zh, row.text_sha256))
        columns["text_sha256"] = digest
        self.wordings[columns["number"]] = digest


def write_forums(items: list[Document], signature: Signature) -> dict[str, Forum]:
    """Makes what is missing and changes what differs; gives all forums by code."""
    forums: dict[str, Forum] = _write_shared(Forum, items, signature)
    for item in items:
        links: dict[str, Any] = {
            link: forums[item[link]] for link in ("parent", "successor_of") if link in item
        }
        _store(signature, forums[item["code"]], links)
    return forums


def _write_shared(model: Any, items: list[Document], signature: Signature) -> dict[str, Any]:
    rows = {row.code: row for row in model.objects.all()}
    for item in items:
        row = rows.setdefault(item["code"], model())
        _store(signature, row, _columns(item, skip=("parent", "successor_of")))
    return rows


def _store(signature: Signature, row: models.Model, columns: dict[str, Any]) -> None:
    signature.on(row)
    if _assign(row, columns) or row.pk is None:
        row.save()


def _columns(item: Document, skip: Iterable[str] = ()) -> dict[str, Any]:
    """A file's item as a row's columns: texts become a pair, days become dates."""
    columns: dict[str, Any] = {}
    for key, value in item.items():
        if key in skip:
            continue
        if isinstance(value, dict):
            columns |= {f"{key}_{language}": text for language, text in value.items()}
        else:
            columns[key] = date.fromisoformat(value) if key.endswith("_on") else value
    return columns


def _assign(row: models.Model, columns: dict[str, Any]) -> bool:
    """Whether anything is new."""
    changed = {name: value for name, value in columns.items() if getattr(row, name) != value}
    for name, value in changed.items():
        setattr(row, name, value)
    return bool(changed)
