"""The filters of the commitments of one plan."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django import forms
from django.http import QueryDict
from django.utils.functional import cached_property

from commitments.filters.commitments import CommitmentFilter
from commitments.filters.fields import NONE
from commitments.form_fields import PartsField, SearchTermsField
from commitments.models.plan_parts import PartGroup, PlanPart, PlanParts
from commitments.models.querysets.forum_tree import ForumTree
from commitments.roles import ANONYMOUS

# Filters by number, each with its group of plan parts and the special values that it accepts.
NUMBERED: dict[str, tuple[PartGroup, tuple[str, ...]]] = {
    "goal": ("goals", (NONE,)),
    "serves": ("goals", ()),
    "area": ("areas", (NONE,)),
}


class PlanCommitmentFilter(CommitmentFilter):
    """The same filters for readers of one plan. They know its `parts`, and so need no queries to
    understand what is chosen, however much that is. Plans, goals and areas other than its own are
    errors."""

    def __init__(self, query: QueryDict, parts: PlanParts, *, now: datetime) -> None:
        rows = parts.plan.commitments.order_by("position", "id")
        super().__init__(query, rows, now=now, user=ANONYMOUS, plans=[parts.plan])
        self.parts = parts

    @cached_property
    def forums(self) -> Mapping[str, PlanPart]:
        return self.parts.by_code("forums")

    @cached_property
    def tree(self) -> ForumTree:
        return self.parts.tree

    def get_form_class(self) -> type[forms.Form]:
        form: type[forms.Form] = super().get_form_class()
        # Only the fields of filters that the query names; the others need no parts.
        for name, field in form.base_fields.items():
            form.base_fields[name] = self._without_query(name) or field
        return form

    def _without_query(self, name: str) -> forms.Field | None:
        """Return a field that needs no query for the filter of this name, None if the filter needs
        no such field."""
        plan = self.parts.plan
        if name == "plan":
            this = PlanPart(plan.pk, plan.code, plan.title)
            return PartsField({plan.code: this}, required=False)
        if name == "q":
            return SearchTermsField(find_terms=self.parts.search_terms, required=False)
        if name == "office":
            return PartsField(self.parts.by_code("offices"), (NONE,), required=False)
        if name in NUMBERED:
            group, others = NUMBERED[name]
            numbers = (*self.parts.by_code(group), *others)
            choices = [(number, number) for number in numbers]
            return forms.MultipleChoiceField(choices=choices, required=False)
        return None
