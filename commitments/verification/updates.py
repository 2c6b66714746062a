"""Verification of progress updates against their decisions, and of stored files against their
digests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial

from django.db.models import Exists, Max, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments import ledger
from commitments.choices import EDITABLE_STATES, PUBLIC_STATES, Action, State
from commitments.clocks import local_day
from commitments.exceptions import Problem, StorageUnavailable, StoredFileUnreadable
from commitments.files.storage import digest_and_size
from commitments.models import Decision, Evidence, ProgressUpdate
from commitments.verification.erasures import left_of_erased
from commitments.verification.reading import SharedRows, StoredUpdate, stored_updates
from commitments.verification.rows import check_row
from commitments.workflow.findings import changes_event, counting_bases
from commitments.workflow.transitions import TRANSITIONS

# The source states and the target of each action; with target None the state stays. Superseding
# follows from another action and an erasure from a request, so the table of transitions does not
# have them.
MOVES: dict[str, tuple[tuple[State, ...], State | None]] = {
    **{action: (row.sources, row.target) for action, row in TRANSITIONS.items()},
    Action.SUPERSEDE: ((State.PUBLISHED,), State.SUPERSEDED),
    Action.ERASE: ((*PUBLIC_STATES, State.DISCARDED), None),
}
DIFFERS_FROM_DECISIONS = gettext_lazy(
    "is %(stored)s; according to its decisions it should be %(expected)s"
)
# The actions that leave the update as it is, so that its time of change stays.
CHANGING_NOTHING = [action for action, row in TRANSITIONS.items() if not row.changes_update]


@dataclass
class _Expected:
    """The columns of an update that follow from its decisions.

    `submitters` are who submitted it, `submission` is the last submission, `archived` are the
    archived addresses by evidence id. `frozen` are the decisions since the update was last
    editable or something of it was erased: all must record the digest of its content.
    """

    current_state: State = State.DRAFT
    publisher: int | None = None
    published_at: datetime | None = None
    superseded_at: datetime | None = None
    retracted_at: datetime | None = None
    archived: dict[int, str] = field(default_factory=dict)
    frozen: list[Decision] = field(default_factory=list)
    submitters: set[int | None] = field(default_factory=set)
    submission: Decision | None = None


def update_differences(shared: SharedRows) -> Iterator[Problem]:
    for stored in stored_updates(shared):
        yield from check_row(f"update {stored.update.pk}", partial(_differences, stored))


def lost_updates() -> Iterator[Problem]:
    """Yield the updates that are missing though decisions or evidence refer to them."""
    # For "not in", PostgreSQL would look through all updates for each decision.
    is_lost = ~Exists(ProgressUpdate.objects.filter(pk=OuterRef("update_id")))
    lost = Decision.objects.filter(is_lost, update__isnull=False)
    for pk, seq in lost.order_by("update").values_list("update").annotate(last=Max("seq")):
        place = f"update {pk}"
        yield Problem((place,), _("is missing, but decision %(seq)s refers to it") % {"seq": seq})
    orphans = Evidence.objects.filter(is_lost).order_by("pk")
    for pk, update in orphans.values_list("pk", "update"):
        yield Problem((f"evidence {pk}",), _("its update %(id)s is missing") % {"id": update})


def _differences(stored: StoredUpdate) -> Iterator[Problem]:
    place = f"update {stored.update.pk}"
    expected = _Expected()
    for decision in stored.decisions:
        yield from _apply(decision, expected, place)
    yield from _column_differences(stored, expected, place)
    yield from _changed_at_differences(stored, expected, place)
    yield from _content_differences(stored, expected, place)
    yield from left_of_erased(stored)
    yield from _derived_differences(stored, expected, place)
    yield from _writer_differences(stored, expected, place)
    yield from _four_eyes_violations(stored, expected, place)
    for item in stored.evidence:
        yield from _archived_url_differences(item, expected)
        yield from check_row(f"evidence {item.pk}", partial(file_differences, item))


def _apply(decision: Decision, expected: _Expected, place: str) -> Iterator[Problem]:
    """Apply one decision to the expected columns; yield a problem if its action is impossible."""
    sources, target = MOVES.get(decision.action, ((), None))
    if expected.current_state not in sources:
        yield Problem(
            (place,),
            _("decision %(seq)s, “%(action)s”, is not possible from “%(state)s”")
            % {
                "seq": decision.seq,
                "action": decision.action,
                "state": expected.current_state.value,
            },
        )
    expected.current_state = target or expected.current_state
    match decision.action:
        case Action.SUBMIT:
            expected.submitters.add(decision.actor_id)
            expected.submission = decision
        case Action.PUBLISH:
            expected.publisher, expected.published_at = decision.actor_id, decision.at
        case Action.SUPERSEDE:
            expected.superseded_at = decision.at
        case Action.RETRACT:
            expected.retracted_at = decision.at
        case Action.ARCHIVE:
            if not decision.entry_is_erased:
                evidence = decision.meta.get("evidence")
                expected.archived[evidence] = decision.meta.get("archived_url")
    if decision.action == Action.ERASE:
        yield from _former_digest_differences(decision, expected, place)
        expected.frozen.clear()
    if expected.current_state in EDITABLE_STATES:
        expected.frozen.clear()
    else:
        expected.frozen.append(decision)


def _former_digest_differences(
    erasure: Decision, expected: _Expected, place: str
) -> Iterator[Problem]:
    """Yield a problem if the decisions before an erasure record a content other than the one it
    names."""
    former = erasure.meta.get("former_sha256")
    for decision in expected.frozen:
        if decision.content_sha256 != former:
            message = _("decision %(seq)s erases another content than decision %(earlier)s records")
            values = {"seq": erasure.seq, "earlier": decision.seq}
            yield Problem((place, "content"), message % values)
            return


def _column_differences(stored: StoredUpdate, expected: _Expected, place: str) -> Iterator[Problem]:
    update, zone = stored.update, stored.shared.time_zones[stored.update.commitment_id]
    published_on: date | None = expected.published_at and local_day(expected.published_at, zone)
    for name, column, value in (
        ("state", update.state, expected.current_state.value),
        ("publisher", update.publisher_id, expected.publisher),
        ("published_at", update.published_at, expected.published_at),
        ("published_on", update.published_on, published_on),
        ("superseded_at", update.superseded_at, expected.superseded_at),
        ("retracted_at", update.retracted_at, expected.retracted_at),
    ):
        if column != value:
            values = {"stored": column, "expected": value}
            yield Problem((place, name), DIFFERS_FROM_DECISIONS % values)


def _changed_at_differences(
    stored: StoredUpdate, expected: _Expected, place: str
) -> Iterator[Problem]:
    """Compare the time of the last change, by which programs ask for what is new, with the last
    decision that changed the update; a draft changes without decisions."""
    changes = [row.at for row in stored.decisions if row.action not in CHANGING_NOTHING]
    if expected.current_state in EDITABLE_STATES or not changes:
        return
    # Former releases stored the server's time, which may be this much before that of a decision.
    if not changes[-1] - ledger.TOLERANCE <= stored.update.changed_at <= changes[-1]:
        values = {"stored": stored.update.changed_at, "expected": changes[-1]}
        yield Problem((place, "changed_at"), DIFFERS_FROM_DECISIONS % values)


def _content_differences(
    stored: StoredUpdate, expected: _Expected, place: str
) -> Iterator[Problem]:
    """Yield a problem for the first decision whose digest is not that of the content."""
    versions = {decision.content_version for decision in expected.frozen}
    digests = {version: _digest(stored.content, version) for version in versions}
    for decision in expected.frozen:
        if decision.content_sha256 != digests[decision.content_version]:
            yield Problem(
                (place, "content"),
                _("differs from the content recorded by decision %(seq)s (“%(action)s”)")
                % {"seq": decision.seq, "action": decision.action},
            )
            return


def _derived_differences(
    stored: StoredUpdate, expected: _Expected, place: str
) -> Iterator[Problem]:
    """Compare the columns that the workflow derives from the content with what follows from it."""
    update, corrects = stored.update, stored.update.corrects
    changes = bool(expected.published_at and corrects and changes_event(update, corrects))
    compared = (update, corrects) if corrects else ()
    if any(item.is_erased for each in compared for item in each.evidence.all()):
        # It was derived from content that has been erased since.
        changes = update.changes_event
    counting = counting_bases(update.pk, stored.named.rests_on, stored.findings.values())
    for name, column, value in (
        ("chain", update.chain_id, corrects.chain_id if corrects else update.pk),
        ("changes_event", update.changes_event, changes),
        ("bases", stored.bases, counting),
    ):
        if column != value:
            yield Problem(
                (place, name),
                _("is %(stored)s; according to its content it should be %(expected)s")
                % {"stored": column, "expected": value},
            )


def _digest(content: ledger.ContentRows, version: int | None) -> str:
    """Return the digest of an update's content, "" if it cannot be computed."""
    try:
        return ledger.sha256_of(ledger.content_of_rows(content, version or 0))
    except (ValueError, KeyError):
        return ""


def _writer_differences(stored: StoredUpdate, expected: _Expected, place: str) -> Iterator[Problem]:
    """Compare author and editors with the digests in the last submission, while the content is
    frozen: until it is submitted again, others may write it."""
    submission = expected.submission
    if submission is None or expected.current_state in EDITABLE_STATES:
        return
    recorded = ledger.writer_digests(submission, stored.update.author_id, stored.editors)
    for name, column in (("author_commit", "author"), ("editor_commits", "editors")):
        if submission.meta.get(name) != recorded[name]:
            message = _("differs from what decision %(seq)s records")
            yield Problem((place, column), message % {"seq": submission.seq})


def _four_eyes_violations(
    stored: StoredUpdate, expected: _Expected, place: str
) -> Iterator[Problem]:
    writers = {stored.update.author_id, *stored.editors}
    if expected.publisher in writers:
        yield Problem((place, "publisher"), _("is the author or an editor of the update"))
    elif expected.publisher in expected.submitters:
        yield Problem((place, "publisher"), _("submitted the update for review"))


def _archived_url_differences(item: Evidence, expected: _Expected) -> Iterator[Problem]:
    archived_url = expected.archived.get(item.pk, "")
    if item.archived_url != archived_url:
        yield Problem(
            (f"evidence {item.pk}", "archived_url"),
            _(
                "is %(stored)s; according to the decisions of update %(id)s it should be "
                "%(expected)s"
            )
            % {
                "stored": item.archived_url or "–",
                "id": item.update_id,
                "expected": archived_url or "–",
            },
        )


def file_differences(item: Evidence) -> Iterator[Problem]:
    """Yield a problem if the stored file of a piece of evidence is missing, cannot be read or is
    not the one that was recorded. Raise StorageUnavailable if the store cannot be used."""
    if not item.file_sha256 or (item.is_erased and not item.file):
        return
    place = (f"evidence {item.pk}", "file")
    try:
        with item.file.open("rb") as stored:
            found = digest_and_size(stored)
    except StoredFileUnreadable as error:
        yield Problem(place, _("cannot be read: %(error)s") % {"error": error})
        return
    except StorageUnavailable:
        raise
    except OSError:
        yield Problem(place, _("is missing from storage"))
        return
    if found != (item.file_sha256, item.file_size):
        yield Problem(place, _("does not match the recorded digest and size"))
