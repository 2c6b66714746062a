"""Amend single wordings of a plan by the same steps as a whole file.

The amendment loads the last file again with the new words, so that nothing else differs: what
curators have changed since stays, and the next file is compared with these words.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from copy import deepcopy
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from commitments import ledger
from commitments.choices import SubjectType
from commitments.exceptions import PlanFileError, Problem, ProblemPath, StaleRevision
from commitments.importing import checks, plan_dump, plan_file
from commitments.importing.merge import Side, TakenSides
from commitments.importing.places import item_name
from commitments.importing.plan_load import amend_plan
from commitments.importing.report import PARTS
from commitments.ledger.documents import Document
from commitments.models import Plan
from commitments.texts.text import Text
from commitments.workflow.locks import locked_plans

if TYPE_CHECKING:
    from django.contrib.auth.models import User

# The texts that only an amendment can change.
WORDED = {
    SubjectType.PLAN: ("title", "issuer"),
    SubjectType.GOAL: ("title", "text"),
    SubjectType.AREA: ("title",),
    SubjectType.COMMITMENT: ("text",),
}
PART_OF = {subject_type: part for part, subject_type in PARTS.items()}


def wording(plan: Plan, subject_type: SubjectType, number: str = "") -> dict[str, Text] | None:
    """Return the texts of a plan, or of a goal, an area or a commitment by its number, as they are
    in the tracker; None if there is no such item."""
    row = plan if subject_type is SubjectType.PLAN else _row(plan, subject_type, number)
    return None if row is None else {name: getattr(row, name) for name in WORDED[subject_type]}


def _row(plan: Plan, subject_type: SubjectType, number: str) -> Model | None:
    rows = ledger.rows_of(subject_type, plan)
    # The numbers of goals and areas are integers; others have no row.
    is_number = subject_type is SubjectType.COMMITMENT or number.isdecimal()
    return rows.filter(number=number).first() if is_number else None


def amend_wording(
    plan: Plan,
    subject_type: SubjectType,
    number: str,
    texts: Mapping[str, Text],
    *,
    expected: Mapping[str, Text],
    reason: str,
    by: User,
    at: datetime,
    dry_run: bool = False,
) -> Sequence[str]:
    """Give an item of the plan these texts; return a line for each public change. A dry run changes
    nothing.

    `expected` are the texts that the caller read: raise StaleRevision if they have changed since.
    Other errors are those of `amend_plan`. The path of a problem begins with the name of the text
    that it is about; the message of any other problem names its place, and the path is empty.
    """
    with transaction.atomic():
        # Lock before reading; otherwise a concurrent amendment would be lost.
        locked_plans()
        if wording(plan, subject_type, number) != expected:
            raise StaleRevision(
                _("Someone else has changed this wording since you opened the page.")
            )
        if texts == expected:
            raise PlanFileError(_("Nothing would change."))
        last = plan.files.order_by("-pk").first()
        stored = plan_dump.plan_document(plan)
        document = deepcopy(last.document) if last else stored
        part, place = _place(document, subject_type, number)
        if part is None:
            part = deepcopy(_place(stored, subject_type, number)[0] or {})
            document[PART_OF[subject_type]].append(part)
        # What was wrong with the file before is not for whoever amends a wording.
        earlier = checks.problems_in(document, "plan.schema.json", plan_file.check_plan)
        part |= {name: text.as_dict() for name, text in texts.items()}
        problems = [
            problem
            for problem in checks.problems_in(document, "plan.schema.json", plan_file.check_plan)
            if problem not in earlier
        ]
        if problems:
            refusal = _("This wording cannot be accepted.")
            raise PlanFileError(refusal, _placed(problems, place, texts, document))
        taken = TakenSides({"": Side.FILE})
        try:
            result = amend_plan(document, reason=reason, by=by, at=at, taken=taken)
        except PlanFileError as error:
            found = _placed(error.problems, place, texts, document)
            raise PlanFileError(str(error), found) from error
        if not result.changes:
            raise PlanFileError(_("Nothing would change."))
        transaction.set_rollback(dry_run)
    return result.changes


def _place(
    document: Document, subject_type: SubjectType, number: str
) -> tuple[Document | None, ProblemPath]:
    """Return the part of a plan file that is about a subject, with its path; without such a part,
    the path that it would have."""
    if subject_type is SubjectType.PLAN:
        return document["plan"], ("plan",)
    part = PART_OF[subject_type]
    items = document.get(part, ())
    for index, item in enumerate(items):
        if str(item["number"]) == number:
            return item, (part, index)
    return None, (part, len(items))


def _placed(
    problems: Iterable[Problem], place: ProblemPath, texts: Container[str], document: Document
) -> list[Problem]:
    """Return these problems of a file as those of the texts of the item at this place. Quoted words
    must occur in the text of a commitment, so they are about that."""
    found = []
    for problem in problems:
        path = problem.path[len(place) :] if problem.path[: len(place)] == place else ()
        if "quote" in path:
            path = ("text", path[-1])
        if path and path[0] in texts:
            found.append(Problem(path, problem.message))
        else:
            about = item_name(problem.path, document)
            found.append(Problem((), ": ".join(filter(None, (about, problem.message)))))
    return found
