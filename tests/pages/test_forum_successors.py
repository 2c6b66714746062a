"""What was done at a successor is not said to have been done at the forum that a plan names."""

from datetime import date

import pytest
from django.utils.html import strip_tags

from commitments.models import Partnership
from commitments.models.querysets.forum_tree import ForumTree
from tests import steps
from tests.factories import CommitmentFactory, ForumFactory, MeetingFactory
from tests.words import en_zh

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("a_day_later")]

GROUP, BRIEF = "/en/PLAN/forums/GGE/", "/en/PLAN/forums/GGE/brief/"
EARLIER, LATER = date(2025, 5, 28), date(2026, 6, 11)


@pytest.fixture
def forums(plan):
    """The group GGE, which a duty names, its part SUB, and its successor OEWG with a part of its
    own."""
    group, other = ForumFactory(code="GGE"), ForumFactory(code="OTHER")
    after = ForumFactory(code="OEWG", successor_of=group)
    rows = {"GGE": group, "OEWG": after, "OTHER": other}
    rows["SUB"] = ForumFactory(code="SUB", parent=group)
    rows["AFTER-SUB"] = ForumFactory(code="AFTER-SUB", parent=after)
    return rows


@pytest.fixture
def duty(plan, forums):
    row = CommitmentFactory(plan=plan, number="1", position=1, text=en_zh("Work in the GGE."))
    for code in ("GGE", "OTHER"):
        Partnership.objects.create(commitment=row, forum=forums[code], quote=en_zh("GGE"))
    return row


@pytest.fixture
def acts(duty, forums, reporter, reviewer):
    """Return a function that publishes an action at a forum on a day."""

    def act(code, day):
        return steps.published(duty, reporter, reviewer, effective_on=day, forums=[forums[code]]).pk

    return act


@pytest.mark.parametrize("path", [GROUP, BRIEF])
@pytest.mark.parametrize("successor", ["OEWG", "AFTER-SUB"])
def test_an_action_at_a_successor_is_given_as_one(flat, acts, path, successor):
    acts(successor, LATER)
    words = strip_tags(flat(path))
    assert "No action is on record there." in words
    assert "Last action at a successor: 11 June 2026" in words
    assert "Last action there" not in words
    assert "ctions there or at its successors" in words


@pytest.mark.parametrize("code", ["GGE", "SUB"])
def test_the_last_action_at_the_forum_or_a_part_stands_beside_a_newer_one_at_a_successor(
    flat, acts, code
):
    acts(code, EARLIER)
    acts("OEWG", LATER)
    words = strip_tags(flat(GROUP))
    assert "Last action there: 28 May 2025" in words
    assert "Last action at a successor: 11 June 2026" in words
    assert "No action" not in words


def test_an_older_action_at_a_successor_is_left_to_the_list(flat, acts):
    acts("OEWG", EARLIER)
    acts("GGE", LATER)
    words = strip_tags(flat(GROUP))
    assert "Last action there: 11 June 2026" in words
    assert "at a successor:" not in words


def test_an_action_at_both_is_one_there(flat, duty, forums, reporter, reviewer):
    both = [forums["GGE"], forums["OEWG"]]
    steps.published(duty, reporter, reviewer, effective_on=LATER, forums=both)
    words = strip_tags(flat(GROUP))
    assert "Last action there: 11 June 2026" in words
    assert "at a successor:" not in words


def test_an_empty_record_names_the_successors_of_a_forum_that_has_some(flat, duty):
    for path in (GROUP, BRIEF):
        assert "No action is on record there or at its successors" in flat(path)
        assert "successor" not in flat(path.replace("GGE", "OTHER"))


def test_the_list_of_forums_says_where_activity_counts(flat, acts):
    acts("OEWG", LATER)
    words = strip_tags(flat("/en/PLAN/forums/"))
    assert "1 with activity recorded there or at its successors in the past two years" in words
    assert "no activity recorded there in the past two years" in words


def test_the_badge_of_a_forum_says_where_its_last_action_may_have_been(client, acts):
    acts("OEWG", LATER)
    badge = client.get("/embed/en/PLAN/forums/GGE/badge.svg").text
    assert "last action there or at its successors 11 June 2026" in badge
    assert "successor" not in client.get("/embed/en/PLAN/forums/OTHER/badge.svg").text


def test_a_meeting_of_the_group_says_so_to_staff(client, acts, forums, reporter):
    acts("OEWG", LATER)
    meeting = MeetingFactory(forum=forums["GGE"])
    client.force_login(reporter)
    words = " ".join(strip_tags(client.get(f"/admin/meetings/{meeting.pk}/").text).split())
    assert "Last action at a successor: 11 June 2026" in words


@pytest.mark.parametrize(
    ("code", "has_some"),
    [("GGE", True), ("OEWG", False), ("SUB", False), ("OTHER", False)],
)
def test_a_forum_has_successors_if_activity_elsewhere_counts_as_its_own(forums, code, has_some):
    tree = ForumTree.of(forums.values())
    assert tree.has_successors(forums[code].pk) == has_some


def test_a_whole_has_the_successors_of_its_parts(forums):
    ForumFactory(code="NEXT", successor_of=forums["AFTER-SUB"])
    tree = ForumTree.of(type(forums["GGE"]).objects.all())
    assert tree.has_successors(forums["OEWG"].pk)
