"""What a draft must hold to be saved, and what an update needs before it can be submitted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from commitments import storage
from commitments.choices import DatePrecision, Source, State, Status, statuses_for
from commitments.clocks import period, stored_day
from commitments.exceptions import (
    DuplicateReference,
    FileRefused,
    FileTooLarge,
    Path,
    Problem,
)
from commitments.models import Commitment, Evidence, ProgressUpdate

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

# What an author sets; `summary` and `search_note` are `Text`, `forums` is a list of forums.
FIELDS = (
    "effective_on",
    "date_precision",
    "status",
    "summary",
    "search_note",
    "forums",
    "external_ref",
    "corrects",
)
# `file`, an upload, is taken for new pieces only.
EVIDENCE_FIELDS = (
    "title",
    "publisher",
    "url",
    "citation",
    "language",
    "dated_on",
    "kind",
    "source",
    "public",
)


@dataclass(frozen=True)
class EvidenceChanges:
    """What `workflow.write` does to an update's evidence: fields of new pieces, new fields of
    present ones by id, and ids to take away."""

    add: Sequence[Mapping[str, Any]] = ()
    change: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    remove: Collection[int] = ()

    def __bool__(self) -> bool:
        return bool(self.add or self.change or self.remove)


def settle_day(update: ProgressUpdate, today: date) -> list[Problem]:
    """Sets `effective_on` to the day that stands for its period; refuses the future."""
    if update.effective_on is None:
        return [Problem(("effective_on",), _("Say when it took effect."))]
    if update.date_precision not in DatePrecision.values():
        return []
    first, _last = period(update.effective_on, update.date_precision)
    if first > today:
        return [
            Problem(
                ("effective_on",),
                _("%(date)s is in the future; today is %(today)s.")
                % {"date": update.effective_on, "today": today},
            )
        ]
    update.effective_on = stored_day(update.effective_on, update.date_precision, today)
    return []


def sharper_than_known(
    update: ProgressUpdate, was_on: date | None, was_precision: str
) -> list[Problem]:
    """A date that is to be known more precisely than it was must be given anew: the day that is
    stored stands for its whole month or year."""
    order = DatePrecision.values()
    known = update.date_precision in order and was_precision in order
    if not known or update.effective_on != was_on:
        return []
    if order.index(update.date_precision) >= order.index(was_precision):
        return []
    sentence = _("Give the date anew: so far only its %(precision)s is known.")
    label = DatePrecision(was_precision).label
    return [Problem(("effective_on",), sentence % {"precision": str(label).lower()})]


def problems_of(update: ProgressUpdate) -> list[Problem]:
    """Why this draft cannot be saved, apart from its day: see `settle_day`."""
    problems = list(_field_problems(update))
    problems += _kind_problems(update)
    problems += _correction_problems(update)
    return problems


def evidence_problems(item: Evidence, path: Path = ()) -> list[Problem]:
    """Why this piece of evidence cannot be saved."""
    return _cleaned(item, path, exclude={"update"})


def missing_for_submission(update: ProgressUpdate) -> list[Problem]:
    """What the update still lacks before it can be submitted, and again before it is published."""
    problems = _kind_problems(update) + _correction_problems(update)
    if not update.summary:
        problems.append(Problem(("summary",), _("Say what happened, in English or in Chinese.")))
    if update.status:
        problems += _claim_problems(update, Status(update.status))
    return problems


def evidence_level(evidence: Iterable[Evidence]) -> int:
    """The highest level of the public evidence, 0 to 3."""
    return max((Source(item.source).level for item in evidence if item.public), default=0)


def evidence_after(
    update: ProgressUpdate, changes: EvidenceChanges
) -> tuple[list[Evidence], list[Problem]]:
    """The pieces of evidence to save, changed as asked, and why they cannot be saved."""
    present = {item.pk: item for item in update.evidence.all()} if update.pk else {}
    items: list[tuple[Path, Evidence]] = []
    problems = [
        Problem(("evidence",), _("This update has no evidence %(id)s.") % {"id": pk})
        for pk in (*changes.change, *changes.remove)
        if pk not in present
    ]
    for pk, fields in changes.change.items():
        if pk in present:
            items.append((("evidence", str(pk)), _with(present[pk], fields)))
    for index, fields in enumerate(changes.add):
        path: Path = ("evidence", index)
        upload = fields.get("file")
        item = _with(Evidence(), {key: fields[key] for key in fields if key != "file"})
        items.append((path, item))
        if upload is not None:
            problems += take_file(item, upload, path)
    refused = {problem.path[:2] for problem in problems}
    for path, item in items:
        if path not in refused:
            problems += evidence_problems(item, path)
    staying = [item for pk, item in present.items() if pk not in changes.remove]
    problems += same_file_problems(items, staying)
    return [item for _path, item in items], problems


def take_file(item: Evidence, upload: UploadedFile[Any], path: Path = ()) -> list[Problem]:
    """Makes the upload the file of a new piece of evidence; why it is refused, if it is.

    Raises FileTooLarge.
    """
    try:
        columns = storage.described(upload)
    except FileTooLarge as error:
        raise FileTooLarge(str(error), [Problem((*path, "file"), str(error))]) from error
    except FileRefused as error:
        return [Problem((*path, "file"), str(error))]
    item.file = upload
    for name, value in columns.items():
        setattr(item, name, value)
    return []


def same_file_problems(
    items: Iterable[tuple[Path, Evidence]], staying: Iterable[Evidence] = ()
) -> list[Problem]:
    """Files that an update would have twice: among these, or here and among those that stay."""
    first = {item.file_sha256: item for item in staying if item.file_sha256}
    problems = []
    for path, item in items:
        if item.file_sha256 and first.setdefault(item.file_sha256, item) is not item:
            title = first[item.file_sha256].title
            sentence = _("This update has the same file already, as “%(title)s”.")
            problems.append(Problem((*path, "file"), sentence % {"title": title}))
    return problems


def _with(item: Evidence, fields: Mapping[str, Any]) -> Evidence:
    unknown = set(fields) - set(EVIDENCE_FIELDS)
    if unknown:
        raise TypeError(f"not a field of evidence: {', '.join(sorted(unknown))}")
    for name, value in fields.items():
        setattr(item, name, value)
    return item


def check_reference(update: ProgressUpdate) -> None:
    """Raises DuplicateReference if the plan has another update with this `external_ref`."""
    if update.external_ref is None:
        return
    existing = (
        ProgressUpdate.objects.filter(
            commitment__plan=update.commitment.plan_id, external_ref=update.external_ref
        )
        .exclude(pk=update.pk)
        .first()
    )
    if existing is not None:
        raise DuplicateReference(
            _("This plan already has an update with the external reference “%(ref)s”.")
            % {"ref": update.external_ref},
            existing,
        )


def _field_problems(update: ProgressUpdate) -> list[Problem]:
    exclude = {"commitment", "corrects", "author", "publisher", "effective_on"}
    return _cleaned(update, (), exclude=exclude)


def _cleaned(instance: Any, path: Path, exclude: set[str]) -> list[Problem]:
    """Django's own validation of fields and constraints, as problems."""
    try:
        instance.full_clean(exclude=exclude)
    except ValidationError as error:
        return [
            Problem(path if name == "__all__" else (*path, name), message)
            for name, messages in error.message_dict.items()
            for message in messages
        ]
    return []


def _kind_problems(update: ProgressUpdate) -> list[Problem]:
    kind = update.commitment.kind
    fitting = statuses_for(kind)
    if not update.status or update.status in fitting or update.status not in Status.values():
        return []
    return [
        Problem(
            ("status",),
            _("“%(status)s” does not fit %(code)s (%(kind)s). Choose one of: %(choices)s.")
            % {
                "status": Status(update.status).label,
                "code": update.commitment.code,
                "kind": update.commitment.get_kind_display(),
                "choices": ", ".join(f"{status.label} ({status})" for status in fitting),
            },
        )
    ]


def _correction_problems(update: ProgressUpdate) -> list[Problem]:
    target = update.corrects
    if target is None:
        return []
    path: Path = ("corrects",)
    if target.pk == update.pk:
        return [Problem(path, _("An update cannot correct itself."))]
    if target.commitment_id != update.commitment_id:
        return [Problem(path, _("A correction is for the same commitment as what it corrects."))]
    if target.state != State.PUBLISHED:
        return [
            Problem(
                path,
                _("Update %(id)s is not published (%(state)s), so it cannot be corrected.")
                % {"id": target.pk, "state": State(target.state).label},
            )
        ]
    return []


def _claim_problems(update: ProgressUpdate, status: Status) -> list[Problem]:
    problems = []
    level = evidence_level(update.evidence.all())
    if level < status.rule.least_evidence:
        problems.append(
            Problem(
                ("evidence",),
                _(
                    "“%(status)s” needs public evidence of level %(least)s at least "
                    "(%(source)s); there is level %(level)s."
                )
                % {
                    "status": status.label,
                    "least": status.rule.least_evidence,
                    "source": list(Source)[status.rule.least_evidence - 1].label,
                    "level": level,
                },
            )
        )
    if status.rule.search_note and not update.search_note:
        problems.append(
            Problem(
                ("search_note",),
                _(
                    "“%(status)s” needs a search note: what was looked for, where, and why "
                    "nothing counts."
                )
                % {"status": status.label},
            )
        )
    if status is Status.NOT_ACHIEVED and not _past_due(update.commitment, update.effective_on):
        problems.append(
            Problem(
                ("status",),
                _("“%(status)s” needs a due date of the commitment that lies before %(date)s.")
                % {"status": status.label, "date": update.effective_on},
            )
        )
    return problems


def _past_due(commitment: Commitment, day: date) -> bool:
    return commitment.due_on is not None and commitment.due_on < day
