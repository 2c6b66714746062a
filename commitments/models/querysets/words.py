"""Which rows have what a query searches for, by the search indexes of their tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Count, Func, Model, Q, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Greatest, Least, Length, NullIf, StrIndex

from commitments.texts.scripts import search_term
from commitments.texts.search_terms import SearchTerm

# A term is frequent in a table if more than one row in `RARE` has it: then it takes less time to
# read all rows than to find each by the index of trigrams. The newest are asked, so many at most.
RARE, SAMPLE = 20, 500


def by_frequency(
    models: Sequence[type[Model]], terms: Sequence[SearchTerm]
) -> dict[type[Model], list[SearchTerm]]:
    """Return these terms for the table of each model, which has an index of trigrams: `unindexed`
    those that are frequent there. One query."""
    asked = [replace(term, unindexed=True) for term in terms]
    first, *others = (_counts_in_sample(model, asked) for model in models)
    counts = {table: numbers for table, *numbers in first.union(*others, all=True)}
    found = {}
    for model in models:
        size, *numbers = counts[model._meta.label]
        found[model] = [
            replace(term, unindexed=number * RARE > size)
            for term, number in zip(asked, numbers, strict=True)
        ]
    return found


def _counts_in_sample(
    model: type[Model], terms: Sequence[SearchTerm]
) -> QuerySet[Model, tuple[Any, ...]]:
    """Return the label of a model, and of its newest rows their number and how many of them have
    each of these terms."""
    # Not those above an id: PostgreSQL would take them for a third of the table and read all of it.
    newest = model._default_manager.order_by("-pk").values("pk")[:SAMPLE]
    numbers = {
        f"term_{place}": Count("pk", filter=_in_index("search_index", term))
        for place, term in enumerate(terms)
    }
    sample = model._default_manager.order_by().filter(pk__in=newest)
    sample = sample.annotate(table=Value(model._meta.label))
    counted: QuerySet[Model, Any] = sample.values("table").annotate(size=Count("pk"), **numbers)
    return counted.values_list("table", "size", *numbers)


def one_by_index(terms: Iterable[SearchTerm]) -> list[SearchTerm]:
    """Return these terms, `unindexed` all but one, the longest of those that may be indexed: to
    compare the rows that have it takes less time than to look up the others too."""
    terms = list(terms)
    indexed = [term for term in terms if not term.unindexed]
    longest = max(indexed, key=_length, default=None)
    return [term if term is longest else replace(term, unindexed=True) for term in terms]


def _length(term: SearchTerm) -> int:
    """Return the length of the shortest spelling, as each of them is looked up."""
    return min(len(search_term(spelling)) for spelling in term.spellings)


def contains_all(
    terms: Iterable[SearchTerm], indexes: Iterable[str], codes: Iterable[str] = ()
) -> Q:
    """Return the condition that each of these terms is found in one of the search indexes, or,
    unless it is a name, anywhere in one of the codes and addresses."""
    indexes, codes = list(indexes), list(codes)
    condition = Q()
    for term in one_by_index(terms):
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
    how = "_unindexed" if term.unindexed else ""
    contains, ends_with = f"{index}__contains{how}", f"{index}__endswith{how}"
    if not term.is_name:
        return reduce(or_, (Q((contains, words)) for words in found))
    whole = [Q((contains, f"{words} ")) for words in found]
    return reduce(or_, [*whole, *(Q((ends_with, words)) for words in found)])
