"""What a reader searches for, and where it occurs in a text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from commitments.texts.abridge import Cut, cuts_after
from commitments.texts.scripts import (
    folded,
    indexed_tokens,
    is_unspaced,
    parts_letters,
    query_words,
    search_index,
    search_term,
    without_quotes,
)

# How much of a long text is shown around the first match. A character of a script without blanks
# counts twice: it is as wide as two letters, and says as much.
EXCERPT_LENGTH = 180
# Longer names are searched for word by word.
MAX_WORDS_OF_NAME = 20
# A query that has more words between its blanks is refused (`form_fields.SearchTermsField`); one
# that has more only if it is also split at its signs is split at its blanks only.
MAX_WORDS_OF_QUERY = 30
MAX_KEPT_NAMES = 5_000
# At most 1/LEAD_SHARE of an excerpt comes before the first match.
LEAD_SHARE = 4


@dataclass(frozen=True)
class SearchTerm:
    """A part of a query, which is found if one of its `spellings` is.

    A word is found by its beginning. The names of something, in all languages, are found as whole
    words only: “UN” is not in “under”. An `unindexed` one is looked for in the texts themselves,
    not in an index of trigrams.
    """

    spellings: tuple[str, ...]
    is_name: bool = False
    unindexed: bool = False


@dataclass(frozen=True)
class FoundSpan:
    """A piece of a text, and whether it is what was searched for."""

    text: str
    is_found: bool = False


def search_terms(query: str, names: Iterable[Collection[str]] = ()) -> list[SearchTerm]:
    """Return the parts of a query: names where its words are one of `names`, else single words.

    Each item of `names` is all names of one thing; the longest name that fits is taken. A name that
    several things share stands for all of them. Signs around words are not searched for: quoted or
    at the end of a sentence, a query finds the same.
    """
    spellings: dict[str, set[str]] = defaultdict(set)
    for group in names:
        keys = {name: key for name in group if (key := _name_key(name))}
        for key in keys.values():
            spellings[key].update(map(without_quotes, keys))
    words, terms = query_words(query, MAX_WORDS_OF_QUERY), []
    while words:
        length, term = _first_term(words, spellings)
        terms.append(term)
        words = words[length:]
    return terms


# Every search compares its words with all names of forums, which seldom change.
@lru_cache(MAX_KEPT_NAMES)
def _name_key(name: str) -> str:
    """Return the words of a name as those of a query are compared with it, "" without words."""
    return search_index([" ".join(query_words(name, MAX_WORDS_OF_QUERY))])


def _first_term(
    words: Sequence[str], spellings: Mapping[str, Collection[str]]
) -> tuple[int, SearchTerm]:
    """Return how many of the words the first term consists of, and the term."""
    for length in range(min(len(words), MAX_WORDS_OF_NAME), 0, -1):
        found = spellings.get(search_index([" ".join(words[:length])]))
        if found:
            return length, SearchTerm(tuple(sorted(found)), is_name=True)
    return 1, SearchTerm((words[0],))


def found_spans(text: str, terms: Iterable[SearchTerm]) -> list[FoundSpan]:
    """Return the text in spans, with what was searched for set apart; whole words are marked, even
    where only their beginning was searched for. The spans joined are the text."""
    pieces = indexed_tokens(text)
    return _joined(pieces, _found_pieces(pieces, terms))


def excerpt(
    text: str, terms: Iterable[SearchTerm], length: int = EXCERPT_LENGTH
) -> list[FoundSpan]:
    """Return the `found_spans` of about `length` letters around the first words that were found,
    with “…” where the text goes on."""
    pieces = indexed_tokens(text)
    marked = _found_pieces(pieces, terms)
    first = marked.index(True) if True in marked else 0
    start, lead = first, 0
    while start and lead + _width(pieces[start - 1]) <= length // LEAD_SHARE:
        start -= 1
        lead += _width(pieces[start])
    end, size = start, 0
    while end < len(pieces) and (end <= first or size + _width(pieces[end]) <= length):
        size += _width(pieces[end])
        end += 1
    start, end = _between_what_belongs_together(pieces, marked, start, first, end)
    spans = _joined(pieces[start:end], marked[start:end])
    before = [FoundSpan("…")] if start else []
    after = [FoundSpan("…")] if end < len(pieces) else []
    return [*before, *spans, *after]


def _between_what_belongs_together(
    pieces: Sequence[str], marked: Sequence[bool], start: int, first: int, end: int
) -> tuple[int, int]:
    """Return the beginning and the end of an excerpt, closer to its first words that were found if
    it began or ended within a quotation, a number with its unit or other words that were found."""
    may_cut = [True, *(cut is not Cut.INSIDE for cut in cuts_after(pieces))]
    may_cut[-1] = True
    for n in range(1, len(pieces)):
        may_cut[n] &= not (marked[n - 1] and marked[n])
    last = next((n for n in range(first, end) if not marked[n]), end)
    start = next((n for n in range(start, first + 1) if may_cut[n]), start)
    end = next((n for n in range(end, max(last, first + 1) - 1, -1) if may_cut[n]), end)
    return start, end


def _joined(pieces: Sequence[str], marked: Sequence[bool]) -> list[FoundSpan]:
    runs = groupby(zip(pieces, marked, strict=True), key=lambda pair: pair[1])
    return [FoundSpan("".join(piece for piece, _found in run), found) for found, run in runs]


def _width(piece: str) -> int:
    return sum(2 if is_unspaced(character) else 1 for character in piece)


def _found_pieces(pieces: Sequence[str], terms: Iterable[SearchTerm]) -> list[bool]:
    """Return for each piece of a text whether it belongs to what was searched for."""
    # A piece can have several words of the index: “l’eau” has two.
    places = [
        (place, word)
        for place, piece in enumerate(pieces)
        if not _is_parting(pieces, place)
        for word in _words(piece)
    ]
    marked = [False] * len(pieces)
    for term in terms:
        for spelling in term.spellings:
            for first, last in _matches([word for _place, word in places], spelling, term.is_name):
                # Blanks between the words of a name are marked with it.
                for place in range(places[first][0], places[last][0] + 1):
                    marked[place] = True
    return marked


def _is_parting(pieces: Sequence[str], place: int) -> bool:
    """Return whether a piece is a hyphen or an apostrophe between two others, as between a word of
    letters and one of a script without blanks: no word of the index."""
    inside = 0 < place < len(pieces) - 1 and len(folded(pieces[place])) == 1
    return inside and parts_letters(pieces[place - 1], pieces[place], pieces[place + 1])


def _words(piece: str) -> list[str]:
    return search_index([piece]).split(" ")[1:]


def _matches(words: Sequence[str], spelling: str, whole: bool) -> Iterator[tuple[int, int]]:
    """Yield the first and last position of each place where these words are the spelling."""
    wanted = _words(spelling)
    # In scripts that write the article together with its word, a word is found within another too.
    within = not search_term(spelling).startswith(" ")
    for first in range(len(words) - len(wanted) + 1 if wanted else 0):
        last = first + len(wanted) - 1
        *start, end = words[first : last + 1]
        if start == wanted[:-1] and _fits(end, wanted[-1], whole, within and not start):
            yield first, last


def _fits(word: str, wanted: str, whole: bool, within: bool) -> bool:
    if whole:
        return word == wanted
    return wanted in word if within else word.startswith(wanted)
