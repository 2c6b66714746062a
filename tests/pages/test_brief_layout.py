"""What fits on the printed page of a brief."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commitments.pages.brief_layout import MIN_ITEMS, TYPE_SIZES, lay_out

pytestmark = pytest.mark.alike

ITEMS = st.lists(
    st.text(alphabet="word 文字", min_size=1, max_size=300).map(lambda text: [text]), max_size=20
)
SECTIONS = st.fixed_dictionaries(dict.fromkeys(("sources", "actions", "promises"), ITEMS))


@pytest.mark.long
def test_little_is_set_in_large_type_and_much_in_small():
    def size(n):
        return lay_out(["Title"], {"actions": [["A line of words"]] * n}).size.name

    sizes = [size(n) for n in range(1, 60)]
    order = [size.name for size in TYPE_SIZES]
    assert sizes == sorted(sizes, key=order.index)
    assert {sizes[0], sizes[-1]} == {order[0], order[-1]}


@given(sections=SECTIONS)
def test_nothing_is_left_out_unless_the_type_is_the_smallest(sections):
    layout = lay_out(["Title"], sections)
    left_out = sum(len(items) - layout.shown[name] for name, items in sections.items())
    assert not left_out or layout.size is TYPE_SIZES[-1]


@given(sections=SECTIONS)
def test_each_section_keeps_its_first_items(sections):
    shown = lay_out(["Title"], sections).shown
    for name, items in sections.items():
        assert min(MIN_ITEMS, len(items)) <= shown[name] <= len(items)


@given(sections=SECTIONS, words=st.text(min_size=1, max_size=300))
def test_an_item_more_never_makes_the_type_larger(sections, words):
    order = [size.name for size in TYPE_SIZES]
    more = sections | {"actions": [*sections["actions"], [words]]}
    before, after = (lay_out(["Title"], given).size.name for given in (sections, more))
    assert order.index(after) >= order.index(before)


LONG = [["A line of words " * 12]] * 20
QUOTED = [["A title", *["A long quotation " * 25] * 2, "The last action"]]


def test_of_the_longest_section_something_is_left_out_first():
    shown = lay_out(["Title"], {"sources": LONG, "actions": LONG[:4], "promises": LONG[:4]}).shown
    assert (shown["actions"], shown["promises"]) == (4, 4)
    assert MIN_ITEMS < shown["sources"] < 20


def test_quotations_go_before_a_promise_and_after_the_other_sections():
    layout = lay_out(["Title"], {"sources": LONG, "promises": QUOTED * 9})
    assert layout.shown == {"sources": MIN_ITEMS, "promises": 9}
    assert 0 < layout.quoted < 9
    assert lay_out(["Title"], {"sources": LONG, "promises": QUOTED}).quoted == 1


@pytest.mark.long
def test_only_without_any_quotation_is_a_promise_left_out():
    layout = lay_out(["Title"], {"sources": LONG, "promises": QUOTED * 60})
    assert layout.quoted == 0
    assert MIN_ITEMS < layout.shown["promises"] < 60
