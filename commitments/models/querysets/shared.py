"""Parts of queries that several query sets use."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, TypeVar

from django.db.models import (
    BooleanField,
    Case,
    Exists,
    Func,
    IntegerField,
    Max,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Greatest, Least, Length, NullIf, StrIndex

from commitments.choices import FindingResult, Source
from commitments.roles import is_staff, plan_limits
from commitments.texts.scripts import search_term
from commitments.texts.search_terms import SearchTerm

if TYPE_CHECKING:
    from commitments.roles import Person

Rows = TypeVar("Rows", bound="QuerySet[Model]")

# A power of two for each result, so that their sum says which results there are.
FINDING_BITS = {result: 2**place for place, result in enumerate(FindingResult)}


def contains_all(
    terms: Iterable[SearchTerm], indexes: Iterable[str], codes: Iterable[str] = ()
) -> Q:
    """Return the condition that each of these terms is found in one of the search indexes, or,
    unless it is a name, anywhere in one of the codes and addresses."""
    indexes, codes = list(indexes), list(codes)
    condition = Q()
    for term in terms:
        in_texts = [_in_index(index, term) for index in indexes]
        words = () if term.is_name else term.spellings
        in_codes = [Q((f"{code}__icontains", word)) for code in codes for word in words]
        condition &= reduce(or_, [*in_texts, *in_codes])
    return condition


def first_place(index: str, terms: Iterable[SearchTerm]) -> Combinable:
    """Return an expression for the position in a search index by which each of these terms has
    occurred; terms that it does not contain count as at its end."""
    end = Length(index) + 1

    def place(spelling: str) -> Combinable:
        return Coalesce(NullIf(StrIndex(index, Value(search_term(spelling))), 0), end)

    def earliest(term: SearchTerm) -> Combinable:
        return _chosen(Least, [place(spelling) for spelling in term.spellings])

    return _chosen(Greatest, [earliest(term) for term in terms])


def _chosen(function: type[Func], expressions: Sequence[Combinable]) -> Combinable:
    """Return the least or greatest of one or more expressions."""
    return function(*expressions) if len(expressions) > 1 else expressions[0]


def _in_index(index: str, term: SearchTerm) -> Q:
    """Return the condition that a search index has one of the spellings of a term. Each word of an
    index has a blank before it, so a whole word ends before a blank or at the end."""
    found = [search_term(spelling) for spelling in term.spellings]
    if not term.is_name:
        return reduce(or_, (Q((f"{index}__contains", words)) for words in found))
    whole = [Q((f"{index}__contains", f"{words} ")) for words in found]
    return reduce(or_, [*whole, *(Q((f"{index}__endswith", words)) for words in found)])


def related_rows(queryset: QuerySet[Model], path: str) -> QuerySet[Model]:
    """Return all rows of the table at the end of a path of relations, such as
    `updates__evidence`, for use in a subquery.

    The path leads there by the model's fields, since models import their query sets.
    """
    model: type[Model] = queryset.model
    for name in path.split("__"):
        related = model._meta.get_field(name).related_model
        if related is None:
            raise TypeError(f"{model.__name__}.{name} is not a relation")
        model = related
    return model._default_manager.all()


def narrowed(rows: QuerySet[Model], kind: type[Rows]) -> Rows:
    """Return the rows as the query set that their model has; raise TypeError if it is another."""
    if not isinstance(rows, kind):
        raise TypeError(f"{rows.model.__name__} has no {kind.__name__}")
    return rows


def related(queryset: QuerySet[Model], path: str, kind: type[Rows]) -> Rows:
    """Return `related_rows` as the query set of their model."""
    return narrowed(related_rows(queryset, path), kind)


def flag(condition: Q) -> Case:
    """Return whether a condition holds: true or false, never null."""
    return Case(
        When(condition, then=Value(True)), default=Value(False), output_field=BooleanField()
    )


def level_subquery(evidence: QuerySet[Model]) -> Coalesce:
    """Return the highest level of these rows of evidence, 1 to 3, or 0 if there are none, for an
    outer query."""
    level = Case(
        *(When(source=source, then=Value(source.level)) for source in Source),
        output_field=IntegerField(),
    )
    levels = evidence.annotate(level=level).order_by("-level").values("level")
    return Coalesce(Subquery(levels[:1]), 0)


def finding_bits(findings: QuerySet[Model]) -> Coalesce:
    """Return the results among these findings of one update as the sum of their `FINDING_BITS`, for
    an outer query."""
    bits: Combinable = Value(0)
    for result, bit in FINDING_BITS.items():
        bits += Max(Case(When(result=result, then=Value(bit)), default=Value(0)))
    found = findings.order_by().values("update").annotate(bits=bits)
    return Coalesce(Subquery(found.values("bits")), 0)


def shown_inside(user: Person, path: str) -> Q:
    """Return the condition that this person may see what is not public of the plan at the end of a
    path of relations, empty for plans themselves: staff may, but with an access token that is
    limited to plans only on these plans."""
    if not is_staff(user):
        return Q(pk__in=[])
    limits = plan_limits(user)
    code = f"{path}__code" if path else "code"
    return ~Q(pk__in=[]) if limits is None else Q((f"{code}__in", limits))


def of_offices(queryset: QuerySet[Model], offices: Collection[int], commitment: str = "") -> Q:
    """Return the condition that one of these offices leads or supports the commitment: the row
    itself, or its relation of this name."""
    prefix = f"{commitment}__" if commitment else ""
    supporting = related_rows(queryset, f"{prefix}supporting_offices").filter(
        supported_commitments=OuterRef(commitment or "pk"), pk__in=offices
    )
    return Q((f"{prefix}lead_office__in", offices)) | Q(Exists(supporting))
