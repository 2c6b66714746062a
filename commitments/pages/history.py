"""The edits of a commitment, goal, area, forum, office or plan, with their reasons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse

from commitments.choices import SubjectType
from commitments.curation import history
from commitments.ledger import Subject, numbered_subject, subject_of
from commitments.models import Forum, Office, Plan
from commitments.pages.base import PlanPage
from commitments.texts.text import Text


@dataclass(frozen=True)
class Edited:
    """The subject of a history: the code or number by which readers know it, its title or name,
    None if only the record has it any more, and the arguments of its page."""

    subject: Subject
    code: str
    name: Text | None
    arguments: tuple[object, ...] = ()


def _commitment(plan: Plan, number: str) -> Edited:
    row = get_object_or_404(plan.commitments, number=number)
    return Edited(subject_of(row), row.code, row.title, (number,))


def _goal(plan: Plan, number: int) -> Edited:
    row = plan.goals.filter(number=number).first()
    subject = numbered_subject(SubjectType.GOAL, plan, number)
    return Edited(subject, str(number), row.title if row else None, (number,))


def _area(plan: Plan, number: int) -> Edited:
    row = plan.areas.filter(number=number).first()
    subject = numbered_subject(SubjectType.AREA, plan, number)
    return Edited(subject, str(number), row.title if row else None, (number,))


def _forum(plan: Plan, code: str) -> Edited:
    row = get_object_or_404(Forum, code=code)
    return Edited(subject_of(row), code, row.name, (code,))


def _office(plan: Plan, code: str) -> Edited:
    row = get_object_or_404(Office, code=code)
    return Edited(subject_of(row), code, row.name, (code,))


def _plan(plan: Plan) -> Edited:
    return Edited(subject_of(plan), plan.code, plan.title)


# By type: how to find the subject from the page's address, and the route of its own page.
FINDERS: Mapping[SubjectType, tuple[Callable[..., Edited], str]] = {
    SubjectType.COMMITMENT: (_commitment, "commitment"),
    SubjectType.GOAL: (_goal, "goal"),
    SubjectType.AREA: (_area, "area"),
    SubjectType.FORUM: (_forum, "forum"),
    SubjectType.OFFICE: (_office, "office"),
    SubjectType.PLAN: (_plan, "overview"),
}


class HistoryPage(PlanPage):
    """The edits of one subject of a plan, newest first."""

    template_name = "commitments/history.html"
    subject_type: SubjectType = SubjectType.COMMITMENT

    def get_context_data(self, **kwargs: Any) -> dict[str, object]:
        find, route = FINDERS[self.subject_type]
        arguments = {name: value for name, value in self.kwargs.items() if name != "plan"}
        edited = find(self.plan, **arguments)
        subject = edited.subject
        entries = history.entries_of(subject, self.plan.languages)
        if edited.name is None and not entries:
            raise Http404
        query = urlencode({"type": subject.type.value, "key": subject.key})
        return super().get_context_data(
            edited=edited,
            name=entries[0].name if edited.name is None else edited.name,
            page=reverse(f"pages:{route}", args=[self.plan.code, *edited.arguments]),
            entries=entries,
            is_commitment=self.subject_type is SubjectType.COMMITMENT,
            contents=f"{reverse('api:content-list')}?{query}",
            **kwargs,
        )
