"""Load a checked update file: create and submit its new updates by the rules of the workflow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from commitments import workflow
from commitments.access import policies
from commitments.choices import Action, State
from commitments.curation.recording import ChangeReason, record_edits
from commitments.exceptions import (
    InvalidInput,
    NotPermitted,
    Problem,
    ProblemPath,
    TrackerError,
    UpdateFileError,
)
from commitments.importing import comparison, plan_write, update_file
from commitments.ledger.documents import Document
from commitments.models import Commitment, Forum, Plan, ProgressUpdate, Publisher
from commitments.models.querysets import CONTENT_RELATIONS
from commitments.texts.lists import ITEMS, join_list
from commitments.texts.text import NO_TEXT, Text
from commitments.workflow import FindingFields
from commitments.workflow.locks import locked_plans

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from commitments.importing.yaml_file import YamlFile


@dataclass
class UpdateLoadResult:
    """What a load did.

    `updates` and `forums` count what was added, `notice` is true if the plan's notice was set.
    `present` counts the updates that were already in the tracker, by state. `differences` lists
    what differs between file and tracker; the tracker keeps its values.
    """

    plan: Plan
    updates: int = 0
    present: Counter[State] = field(default_factory=Counter)
    forums: int = 0
    notice: bool = False
    differences: list[Problem] = field(default_factory=list)


def load_updates(
    file: YamlFile,
    *,
    author: User,
    publisher: User | None,
    at: datetime,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> UpdateLoadResult:
    """Create and submit, as `author`, each update whose external reference is new in the plan.

    Publish them too, as `publisher`, if there is one. Add the forums and the plan's notice if they
    are missing. Each decision records the digest of the file. `file` comes from
    `update_file.read_update_file`; `progress` is called after each new update with the number done
    and their total. Raise NotPermitted, or UpdateFileError with everything that the workflow
    refuses and its place in the file; then nothing is written.
    """
    with transaction.atomic():
        plans = locked_plans()
        loader = _UpdateLoader(file, plans[file.value["plan"]], author, publisher, at)
        loader.compare()
        if loader.new or loader.missing_forums or loader.notice:
            _check_permissions(author, publisher)
        loader.add_forums_and_notice()
        loader.write_updates(progress)
    return loader.result


def _check_permissions(author: User, publisher: User | None) -> None:
    if not policies.is_reporter(author):
        raise NotPermitted(_("“%(user)s” is not a reporter.") % {"user": author.get_username()})
    if publisher is None:
        return
    if publisher == author:
        raise NotPermitted(_("Nobody may publish their own updates: choose two different people."))
    if not policies.is_reviewer(publisher):
        raise NotPermitted(_("“%(user)s” is not a reviewer.") % {"user": publisher.get_username()})


class _UpdateLoader:
    """Loads one file, inside a transaction that holds the locks of all plans.

    `new` has the positions in the file of the updates that are not in the tracker yet.
    """

    def __init__(
        self, file: YamlFile, plan: Plan, author: User, publisher: User | None, at: datetime
    ) -> None:
        self.document: Document = file.value
        self.meta = {"import": file.sha256}
        self.plan, self.author, self.publisher, self.at = plan, author, publisher, at
        self.evidence = update_file.evidence_of(self.document, plan)
        self.change_reason = ChangeReason(None, at, _("Loaded with a file of updates."), self.meta)
        self.result = UpdateLoadResult(plan)
        self.new: list[int] = []
        self.forums = {row.code: row for row in Forum.objects.all()}
        forums = self.document.get("forums", [])
        self.missing_forums = [row for row in forums if row["code"] not in self.forums]
        notice = Text(self.document.get("notice")).ordered(plan.languages)
        self.notice = NO_TEXT if plan.notice else notice

    def compare(self) -> None:
        """Find the new updates, and the differences between the others and the tracker."""
        self.result.differences += comparison.shared_problems(self.document)
        notice = Text(self.document.get("notice"))
        if notice and self.plan.notice and notice != self.plan.notice:
            self.result.differences.append(
                Problem(("notice",), _("the plan already has a different notice"))
            )
        rows = ProgressUpdate.objects.filter(
            commitment__plan=self.plan, external_ref__isnull=False
        ).select_related("commitment", "corrects")
        rows = rows.prefetch_related(*CONTENT_RELATIONS, "evidence", "bases__event")
        publishers = Publisher.objects.keys()
        self.present = {str(row.external_ref): row for row in rows}
        for index, item in enumerate(self.document["updates"]):
            row = self.present.get(item["external_ref"])
            if row is None:
                self.new.append(index)
                continue
            self.result.present[State(row.state)] += 1
            keys = update_file.content_differences(item, self.evidence[index], row, publishers)
            if keys:
                values = {"id": row.pk, "keys": join_list(keys, ITEMS)}
                message = _("update %(id)s has this reference but differs in: %(keys)s")
                self.result.differences.append(Problem(("updates", index), message % values))

    def add_forums_and_notice(self) -> None:
        if self.missing_forums:
            self.forums = plan_write.write_forums(self.missing_forums)
            added = [self.forums[item["code"]] for item in self.missing_forums]
            record_edits(added, self.change_reason)
            self.result.forums = len(added)
        if self.notice:
            self.plan.notice, self.result.notice = self.notice, True
            self.plan.save()
            record_edits([self.plan], self.change_reason)

    def write_updates(self, progress: Callable[[int, int], None]) -> None:
        commitments = {row.number: row for row in self.plan.commitments.all()}
        problems: list[Problem] = []
        for done, index in enumerate(self.new, start=1):
            commitment = commitments[self.document["updates"][index]["commitment"]]
            problems += self._write_update(index, commitment)
            progress(done, len(self.new))
        self.result.updates = len(self.new)
        if problems:
            raise UpdateFileError(_("The file cannot be loaded."), problems)

    def _write_update(self, index: int, commitment: Commitment) -> Iterator[Problem]:
        """Write one update; yield the errors if the workflow refuses it."""
        try:
            with transaction.atomic():
                self._perform_actions(index, commitment)
        except TrackerError as error:
            path: ProblemPath = ("updates", index)
            for problem in error.problems or [Problem((), str(error))]:
                yield Problem((*path, *problem.path), problem.message_with_codes)

    def _check_not_to_be_rated(self, item: Document) -> None:
        """Refuse to publish an assessment that a second person has to rate first."""
        if self.publisher is not None and self.plan.rates_blind and item.get("status"):
            message = _(
                "Assessments of this plan are rated blind by a second person, so they cannot be "
                "loaded as published."
            )
            raise InvalidInput(message, [Problem(("status",), message)])

    def _perform_actions(self, index: int, commitment: Commitment) -> None:
        item = self.document["updates"][index]
        self._check_not_to_be_rated(item)
        evidence = [_evidence(piece) for piece in self.evidence[index]]
        update = workflow.create_draft(
            commitment, by=self.author, at=self.at, evidence=evidence, **self._fields(item)
        )
        update = self._perform(update, Action.SUBMIT, self.author)
        if self.publisher is not None:
            update = self._perform(update, Action.PUBLISH, self.publisher)
        self.present[item["external_ref"]] = update

    def _perform(self, update: ProgressUpdate, action: Action, by: User) -> ProgressUpdate:
        return workflow.perform(
            update, action, by=by, at=self.at, expected_revision=update.revision, meta=self.meta
        )

    def _fields(self, item: Document) -> dict[str, Any]:
        fields: dict[str, Any] = {
            key: item[key] for key in (*update_file.PLAIN_FIELDS, "date_precision") if key in item
        }
        fields["effective_on"] = date.fromisoformat(item["effective_on"])
        fields["summary"] = Text(item["summary"])
        fields["search_note"] = Text(item.get("search_note"))
        fields["forums"] = [self.forums[code] for code in item.get("forums", [])]
        fields["criteria"] = item.get("criteria", [])
        fields["meets"] = item.get("meets", [])
        if "covers_from" in item:
            fields["covers_from"] = date.fromisoformat(item["covers_from"])
        if "corrects" in item:
            fields["corrects"] = self._update(item["corrects"], ("corrects",))
        ids = {
            reference: self._update(reference, path).pk
            for path, reference in update_file.event_references(item)
        }
        fields["rests_on"] = [ids[reference] for reference in item.get("rests_on", [])]
        fields["findings"] = {
            key: FindingFields(
                finding["result"], [ids[reference] for reference in finding.get("events", [])]
            )
            for key, finding in item.get("findings", {}).items()
        }
        return fields

    def _update(self, reference: str, path: ProblemPath) -> ProgressUpdate:
        """Return the update with this reference.

        Raise InvalidInput if it is missing, because it comes earlier in the file and was refused.
        """
        update = self.present.get(reference)
        if update is None:
            message = _("“%(key)s” could not be loaded") % {"key": reference}
            raise InvalidInput(message, [Problem(path, message)])
        return update


def _evidence(piece: Document) -> Document:
    day = piece.get("dated_on")
    return piece | {"dated_on": day and date.fromisoformat(day)}
