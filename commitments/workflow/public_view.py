"""What a person may see of an update.

Every interface reads updates through this list of fields; a field that is not listed is never
disclosed. The public sees a withdrawn update as a tombstone, without content and evidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from django.utils.functional import cached_property

from commitments import ledger
from commitments.access import policies
from commitments.choices import Action
from commitments.models import Commitment, Decision, Evidence, Forum, ProgressUpdate
from commitments.models.base import rows_in
from commitments.texts.text import NO_TEXT, Text
from commitments.workflow.actions import allowed_actions, may_edit_now
from commitments.workflow.evidence import evidence_level
from commitments.workflow.findings import FindingFields, saved_events, saved_findings
from commitments.workflow.ratings import from_json, published_outcome

if TYPE_CHECKING:
    from commitments.roles import Person

View = TypeVar("View", bound="PublicView")


@dataclass(frozen=True)
class VisibleDecision:
    """A decision on an update; `note` is None if it was erased or this person may not see it."""

    at: datetime
    action: str
    role: str
    note: str | None
    note_is_erased: bool = False


@dataclass(frozen=True)
class VisibleErasure:
    """What was erased of an update, when, in which role and why; `parts` are in the text form of
    `ledger.Part`. `former_sha256` is the digest of the content that had them, `seq` the number of
    the ledger entry. `reason` is None if it was erased too."""

    seq: int
    at: datetime
    role: str
    reason: str | None
    parts: Sequence[str]
    former_sha256: str


@dataclass(frozen=True)
class VisibleRating:
    """What a second person found of an assessment, and what its author had found then. `commit` is
    the digest of both, made with `salt`, which the ledger records."""

    at: datetime
    basis_sha256: str
    findings: dict[str, FindingFields]
    status: str
    assessed_findings: dict[str, FindingFields]
    assessed_status: str
    salt: str
    commit: str


@dataclass(frozen=True)
class VisibleSecondRating:
    """The outcome of the second rating of an assessment, None before publication, and the ratings,
    the first one first."""

    outcome: str | None
    ratings: Sequence[VisibleRating]

    @property
    def first(self) -> VisibleRating:
        return self.ratings[0]

    @property
    def agreed(self) -> bool:
        """Return whether the first rating has the status that the author had then."""
        return self.first.status == self.first.assessed_status


# What is withheld from reviewers who have to rate an assessment first, by the names of the API.
WITHHELD_FIELDS = ("status", "summary", "search_note", "criteria", "findings", "evidence_level")


@dataclass(frozen=True)
class PublicView:
    """An update as one person may see it; `corrects` is an id.

    Relations are read on first access. Read the update `with_related_content` to avoid a query for
    each.
    """

    _update: ProgressUpdate = field(repr=False)
    _user: Person = field(repr=False)
    id: int
    commitment: Commitment
    effective_on: date
    date_precision: str
    status: str | None
    covers_from: date | None
    state: str
    corrects: int | None
    published_at: datetime | None
    published_on: date | None
    superseded_at: datetime | None
    retracted_at: datetime | None
    revision: int
    # Whether this person may not see yet what the assessment finds.
    is_withheld: bool
    # The content; a tombstone keeps the defaults.
    has_content: bool = False
    summary: Text = NO_TEXT
    search_note: Text = NO_TEXT
    external_ref: str | None = None
    event_type: str | None = None

    @cached_property
    def criteria(self) -> Sequence[str]:
        """Return the keys of the criteria that the event bears on, in order."""
        shown = self.has_content and not self.is_withheld
        return sorted(row.key for row in rows_in(self._update, "criteria")) if shown else ()

    @cached_property
    def meets(self) -> Sequence[str]:
        """Return the keys of the milestones that are met by the update, in order."""
        return sorted(row.key for row in rows_in(self._update, "meets")) if self.has_content else ()

    @cached_property
    def findings(self) -> dict[str, FindingFields]:
        """Return what the assessment finds, by the keys of criteria, in the order of the plan."""
        shown = self.has_content and not self.is_withheld
        return saved_findings(self._update) if shown else {}

    @cached_property
    def rests_on(self) -> Sequence[int]:
        """Return the ids of the events on which the assessment rests, in order."""
        return saved_events(self._update) if self.has_content else ()

    @cached_property
    def forums(self) -> Sequence[Forum]:
        """Return the forums in the order of their codes."""
        forums = rows_in(self._update, "forums") if self.has_content else ()
        return sorted(forums, key=lambda forum: forum.code)

    @cached_property
    def evidence(self) -> Sequence[Evidence]:
        """Return the pieces that this person may see, in the order of their ids."""
        return policies.visible_evidence(self._user, self._update) if self.has_content else ()

    @cached_property
    def evidence_level(self) -> int | None:
        shown = self.has_content and not self.is_withheld
        return evidence_level(self._update) if shown else None

    @property
    def withheld(self) -> Sequence[str]:
        """Return the names of the fields that this person may not see yet, apart from the notes of
        decisions."""
        return WITHHELD_FIELDS if self.is_withheld else ()

    @cached_property
    def second_rating(self) -> VisibleSecondRating | None:
        """Return what second persons found, None if this person may see none of it."""
        outcome = published_outcome(self._update)
        if not self.has_content or (self.published_at is not None and outcome is None):
            return None
        rows = policies.visible_ratings(self._user, self._update)
        decided_at = {row.pk: row.at for row in rows_in(self._update, "decisions")}
        shown = [
            VisibleRating(
                decided_at[row.decision_id],
                row.basis_sha256,
                from_json(row.findings),
                row.status,
                from_json(row.assessed_findings),
                row.assessed_status,
                row.salt,
                ledger.rating_digest(row),
            )
            for row in rows
        ]
        return VisibleSecondRating(outcome, shown) if shown else None

    @cached_property
    def decisions(self) -> Sequence[VisibleDecision]:
        """Return the decisions that this person may see, oldest first."""
        return [
            VisibleDecision(
                row.at,
                row.action,
                row.role,
                _note(row)
                if policies.may_see_note(self._user, self._update, row) and not self.is_withheld
                else None,
                row.note_is_erased,
            )
            for row in policies.visible_decisions(self._user, self._update)
        ]

    @cached_property
    def erasures(self) -> Sequence[VisibleErasure]:
        """Return what was erased of the update, the first erasure first."""
        return [
            VisibleErasure(
                row.seq,
                row.at,
                row.role,
                _note(row),
                row.meta[ledger.ERASED],
                row.meta["former_sha256"],
            )
            for row in policies.visible_decisions(self._user, self._update)
            if row.action == Action.ERASE
        ]

    @property
    def allowed_actions(self) -> list[str]:
        """Return the actions that this person may perform now; `write` stands for editing."""
        write = ["write"] if may_edit_now(self._user, self._update) else []
        return write + [action.value for action in allowed_actions(self._user, self._update)]

    @property
    def retraction(self) -> VisibleDecision | None:
        """Return the decision that withdrew the update, None if it is not withdrawn."""
        return next((row for row in self.decisions if row.action == Action.RETRACT), None)

    @property
    def methodology(self) -> int | None:
        """Return the version of the methodology by which the assessment was made, None for an
        event."""
        return ledger.methodology_of(self._update)

    @property
    def content_sha256(self) -> str | None:
        """Return the digest of the published content, or of what erasures have left of it; None
        before publication."""
        return ledger.published_digest(self._update)

    @property
    def loaded_from(self) -> str | None:
        """Return the digest of the file that the update was loaded from, None if it was not."""
        return ledger.import_digest(self._update)


def _note(decision: Decision) -> str | None:
    return None if decision.note_is_erased else decision.note


def public_view(
    update: ProgressUpdate,
    user: Person,
    view: type[View] = PublicView,  # type: ignore[assignment]
    **more: Any,
) -> View:
    """Return what a person may see of an update that is visible to them.

    `view` is `PublicView` or a subclass; `more` are the values of the fields that it adds.
    """
    content: dict[str, Any] = {}
    withheld = policies.is_withheld(user, update)
    if policies.may_see_content(user, update):
        content = {
            "has_content": True,
            "external_ref": update.external_ref,
            "event_type": update.event_type,
        }
    if policies.may_see_content(user, update) and not withheld:
        content |= {"summary": update.summary, "search_note": update.search_note}
    return view(
        _update=update,
        _user=user,
        id=update.pk,
        commitment=update.commitment,
        effective_on=update.effective_on,
        date_precision=update.date_precision,
        status=None if withheld else update.status,
        covers_from=update.covers_from,
        state=update.state,
        corrects=update.corrects_id,
        published_at=update.published_at,
        published_on=update.published_on,
        superseded_at=update.superseded_at,
        retracted_at=update.retracted_at,
        revision=update.revision,
        is_withheld=withheld,
        **content,
        **more,
    )
