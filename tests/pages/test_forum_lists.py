"""The lists of the page of forums, whose parts are within the whole."""

import re

import pytest

from commitments.models import Partnership
from tests import steps
from tests.factories import CommitmentFactory, ForumFactory
from tests.nested_lists import forums_above

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("a_day_later")]


def test_parts_are_in_lists_within_the_whole_to_any_depth(get_page, plan, reporter, reviewer):
    chain = [ForumFactory(code="D0")]
    for depth in range(1, 8):
        chain.append(ForumFactory(code=f"D{depth}", parent=chain[-1]))
    codes = [row.code for row in chain]
    ForumFactory(code="D5-ALONE", parent=chain[4])
    named = CommitmentFactory(plan=plan, number="9")
    Partnership.objects.create(commitment=named, forum=chain[6])
    page = get_page("/en/PLAN/forums/")
    assert forums_above(page) == {"D6": codes[:6]} | {
        code: codes[:place] for place, code in enumerate(codes[:6])
    }

    steps.published(named, reporter, reviewer, forums=[chain[7]])
    page = get_page("/en/PLAN/forums/").partition("Other forums on record")[2]
    assert forums_above(page) == {code: codes[:place] for place, code in enumerate(codes)}
    assert page.count("named by the plan") == 7
    assert page.count("1 event</a>") == 1


@pytest.mark.long
def test_commitments_without_a_forum_and_updates_elsewhere_lead_to_their_lists(
    flat, duty, reporter, reviewer
):
    for number in ("8", "9"):
        CommitmentFactory(plan=duty.plan, number=number, position=9)
    Partnership.objects.create(commitment=duty, forum=ForumFactory(code="UN"))
    zebra = ForumFactory(code="ZEBRA")
    for _n in range(2):
        steps.published(duty, reporter, reviewer, forums=[zebra])
    part = ForumFactory(code="ZEBRA-PART", parent=zebra)
    steps.published(duty, reporter, reviewer, forums=[part])
    page = flat("/en/PLAN/forums/?as_of=2026-07-01")
    [none] = re.findall(r'<a href="([^"]+)"> 2 commitments name no forum\.</a>', page)
    assert "2 of 3 commitments" in flat(none)
    [there] = re.findall(r'ZEBRA · <a href="([^"]+)">3 events</a>', page)
    assert "3 events" in flat(there)
    for address in (none, there):
        assert "as_of=2026-07-01" in address
