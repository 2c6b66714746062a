"""Brings a checked update file into the tracker: every new update through the workflow, by the
people named, all of them or none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from commitments import planload, policies, updatefile, workflow
from commitments.bilingual import Text
from commitments.choices import Action, State
from commitments.drafts import EvidenceChanges
from commitments.exceptions import (
    InvalidUpdate,
    NotPermitted,
    Path,
    Problem,
    TrackerError,
    UpdateFileError,
)
from commitments.history import Signature
from commitments.locks import locked_plans
from commitments.models import Commitment, Forum, Plan, ProgressUpdate
from commitments.planfile import Document

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from commitments.yamlfile import File


@dataclass
class Loaded:
    """What a load did. `present` counts what was there already by its state; `differing` tells what
    of that is otherwise in the file, and stays as it is."""

    plan: Plan
    updates: int = 0
    present: Counter[State] = field(default_factory=Counter)
    forums: int = 0
    notice: bool = False
    differing: list[Problem] = field(default_factory=list)


def load(
    file: File,
    *,
    author: User,
    publisher: User | None,
    at: datetime,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Loaded:
    """Writes and submits, as `author`, each update whose external reference the plan does not have
    yet, and publishes it as `publisher` if there is one. The digest of the file goes into every
    decision. Forums and the plan's notice are set where they are absent.

    `progress` is told after each update how many of the new ones are done. `file` is one that
    `updatefile.read` gave. Raises NotPermitted, or UpdateFileError with all that the workflow
    refuses, each with its place; then nothing has changed.
    """
    with transaction.atomic():
        plans = locked_plans()
        loading = _Loading(file, plans[file.value["plan"]], author, publisher, at)
        loading.compare()
        if loading.new or loading.missing or loading.notice:
            _check_people(author, publisher)
        loading.prepare()
        loading.bring_in(progress)
    return loading.done


def _check_people(author: User, publisher: User | None) -> None:
    if not policies.is_reporter(author):
        raise NotPermitted(_("“%(user)s” is not a reporter.") % {"user": author.get_username()})
    if publisher is None:
        return
    if publisher == author:
        raise NotPermitted(_("Nobody publishes their own updates: name two different people."))
    if not policies.is_reviewer(publisher):
        raise NotPermitted(_("“%(user)s” is not a reviewer.") % {"user": publisher.get_username()})


class _Loading:
    """One pass over a file, inside a transaction that holds the locks of all plans."""

    def __init__(
        self, file: File, plan: Plan, author: User, publisher: User | None, at: datetime
    ) -> None:
        self.document: Document = file.value
        self.meta = {"import": file.sha256}
        self.plan, self.author, self.publisher, self.at = plan, author, publisher, at
        self.evidence = updatefile.evidence_of(self.document)
        self.signature = Signature(None, at, f"load_updates {file.sha256}")
        self.done = Loaded(plan)
        self.new: list[int] = []
        self.forums = {row.code: row for row in Forum.objects.all()}
        forums = self.document.get("forums", [])
        self.missing = [row for row in forums if row["code"] not in self.forums]
        self.notice = Text() if plan.notice else Text.of(self.document.get("notice"))

    def compare(self) -> None:
        """Finds what is new, and what is there already but otherwise."""
        self.done.differing += planload.shared_problems(self.document)
        notice = Text.of(self.document.get("notice"))
        if notice and self.plan.notice and notice != self.plan.notice:
            self.done.differing.append(Problem(("notice",), _("the plan has another notice")))
        rows = ProgressUpdate.objects.filter(
            commitment__plan=self.plan, external_ref__isnull=False
        ).select_related("commitment", "corrects")
        rows = rows.prefetch_related("forums", "evidence")
        self.present = {str(row.external_ref): row for row in rows}
        for index, item in enumerate(self.document["updates"]):
            row = self.present.get(item["external_ref"])
            if row is None:
                self.new.append(index)
                continue
            self.done.present[State(row.state)] += 1
            keys = updatefile.differences(item, self.evidence[index], row)
            if keys:
                said = {"id": row.pk, "keys": ", ".join(keys)}
                sentence = _("update %(id)s has this reference and differs in: %(keys)s")
                self.done.differing.append(Problem(("updates", index), sentence % said))

    def prepare(self) -> None:
        """Forums and notice, where they are absent."""
        if self.missing:
            self.forums = planload.write_forums(self.missing, self.signature)
            self.done.forums = len(self.missing)
            Plan.objects.all().move_revision()
        if self.notice:
            self.plan.notice, self.done.notice = self.notice, True
            self.signature.on(self.plan)
            self.plan.save()
            Plan.objects.filter(pk=self.plan.pk).move_revision()

    def bring_in(self, progress: Callable[[int, int], None]) -> None:
        commitments = {row.number: row for row in self.plan.commitments.all()}
        problems: list[Problem] = []
        for done, index in enumerate(self.new, start=1):
            commitment = commitments[self.document["updates"][index]["commitment"]]
            problems += self._withdrawn(index)
            problems += self._bring_in(index, commitment)
            progress(done, len(self.new))
        self.done.updates = len(self.new)
        if problems:
            raise UpdateFileError(_("The file cannot be loaded."), problems)

    def _withdrawn(self, index: int) -> Iterator[Problem]:
        """Nothing new rests on what is no longer held up."""
        for place, reference in enumerate(self.document["updates"][index].get("based_on", [])):
            row = self.present.get(reference)
            if row is not None and row.state in (State.RETRACTED, State.DISCARDED):
                said = {"key": reference, "state": State(row.state).label}
                path: Path = ("updates", index, "based_on", place)
                yield Problem(path, _("“%(key)s” is “%(state)s” in the tracker") % said)

    def _bring_in(self, index: int, commitment: Commitment) -> Iterator[Problem]:
        """Why the workflow refuses this update, if it does."""
        try:
            with transaction.atomic():
                self._through_workflow(index, commitment)
        except TrackerError as error:
            at: Path = ("updates", index)
            for problem in error.problems or [Problem((), str(error))]:
                yield from self._placed(problem, at, index)

    def _placed(self, problem: Problem, at: Path, index: int) -> Iterator[Problem]:
        """By its place in the file. What is wrong with evidence that comes from another new update
        is told there."""
        item = self.document["updates"][index]
        match problem.path:
            case ("evidence", int(place), *_rest) if place >= len(item.get("evidence", [])):
                if any(reference in self.present for reference in item["based_on"]):
                    yield Problem((*at, "based_on"), problem.message)
            case _:
                yield Problem((*at, *problem.path), problem.message)

    def _through_workflow(self, index: int, commitment: Commitment) -> None:
        item = self.document["updates"][index]
        draft = ProgressUpdate(commitment=commitment)
        changes = EvidenceChanges(add=[_evidence(piece) for piece in self.evidence[index]])
        update = workflow.write(
            draft, by=self.author, at=self.at, evidence=changes, **self._fields(item)
        )
        update = self._perform(update, Action.SUBMIT, self.author)
        if self.publisher is not None:
            self._perform(update, Action.PUBLISH, self.publisher)

    def _perform(self, update: ProgressUpdate, action: Action, by: User) -> ProgressUpdate:
        return workflow.perform(
            update, action, by=by, at=self.at, seen=update.revision, meta=self.meta
        )

    def _fields(self, item: Document) -> dict[str, Any]:
        fields: dict[str, Any] = {
            key: item[key] for key in ("external_ref", "date_precision", "status") if key in item
        }
        fields["effective_on"] = date.fromisoformat(item["effective_on"])
        fields["summary"] = Text.of(item["summary"])
        fields["search_note"] = Text.of(item.get("search_note"))
        fields["forums"] = [self.forums[code] for code in item.get("forums", [])]
        if "corrects" in item:
            fields["corrects"] = self._corrected(item["corrects"])
        return fields

    def _corrected(self, reference: str) -> ProgressUpdate:
        """It may be earlier in the file, and then refused."""
        rows = ProgressUpdate.objects.filter(commitment__plan=self.plan)
        found = rows.filter(external_ref=reference).first()
        if found is None:
            sentence = _("“%(key)s” could not be loaded") % {"key": reference}
            raise InvalidUpdate(sentence, [Problem(("corrects",), sentence)])
        return found


def _evidence(piece: Document) -> dict[str, Any]:
    day = piece.get("dated_on")
    return piece | {"dated_on": day and date.fromisoformat(day)}
