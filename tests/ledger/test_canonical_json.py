"""Canonical JSON, against the library that has no other purpose."""

from enum import IntEnum, StrEnum

import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from commitments.ledger import hashing
from commitments.ledger.hashing import canonical_json


class Word(StrEnum):
    WORD = "word"


class Number(IntEnum):
    SEVEN = 7


LIMIT = 2**53
# All characters, with the halves of pairs; often those at which the orders of keys differ.
texts = st.text(
    st.characters() | st.characters(categories=["Cs"]) | st.sampled_from("\x00\x7f\u2028\uffff𝄞")
)
numbers = st.integers() | st.integers(LIMIT - 2, LIMIT) | st.integers(-LIMIT, 2 - LIMIT)
odd = st.sampled_from([Word.WORD, Number.SEVEN, b"bytes", frozenset(), object])
scalars = st.none() | st.booleans() | numbers | st.floats() | texts | odd
keys = texts | st.text("ab\ue000𝄞", max_size=3) | scalars
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(texts, inner)
        | st.dictionaries(keys, inner)
    ),
    max_leaves=20,
)


def result_of(encode, value):
    """Return the bytes of a value, or that it has none."""
    try:
        return encode(value)
    except ValueError:
        return None


@given(values)
@example({"\ue000": 1, "𝄞": 2})
@example({"a": {"\udc00": 1}})
@example(["\ud834"])
@example([b"bytes"])
@example({1: "one"})
@example({"a": 1, None: 2})
@example([LIMIT, 1.0, True])
def test_the_bytes_are_those_of_the_library(value):
    assert result_of(canonical_json, value) == result_of(rfc8785.dumps, value)


def test_the_contents_of_the_ledger_are_not_left_to_the_library(monkeypatch):
    monkeypatch.setattr(hashing, "rfc8785", None)
    content = {"v": 1, "erased": [], "status": None, "summary": {"zh-Hans": "第一句\n", "en": '"'}}
    text = '{"erased":[],"status":null,"summary":{"en":"\\"","zh-Hans":"第一句\\n"},"v":1}'
    assert canonical_json(content) == text.encode()
