"""Parts, successors and predecessors of forums, in memory and in the filters."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from commitments.models import Commitment, Forum, Partnership, ProgressUpdate
from commitments.models.querysets.forum_tree import ForumTree
from tests.examples import examples
from tests.factories import CommitmentFactory, ForumFactory
from tests.steps import draft, retracted

UN, UNGA, UNGGE, OEWG, MECHANISM, APEC, TEL = range(1, 8)
# The UN has three parts; the OEWG took over from the UNGGE, and the mechanism from the OEWG.
FORUMS = [
    (UN, None, None),
    (UNGA, UN, None),
    (UNGGE, UN, None),
    (OEWG, UN, UNGGE),
    (MECHANISM, None, OEWG),
    (APEC, None, None),
    (TEL, APEC, None),
]


@pytest.mark.parametrize(
    ("forum", "through"),
    [
        (UN, {UN, UNGA, UNGGE, OEWG}),
        (UNGA, {UNGA}),
        (UNGGE, {UNGGE}),
        (OEWG, {OEWG, UNGGE}),
        (MECHANISM, {MECHANISM, OEWG, UNGGE}),
        (APEC, {APEC, TEL}),
        (TEL, {TEL}),
    ],
)
def test_a_forums_commitments_are_its_own_its_parts_and_their_predecessors(forum, through):
    assert ForumTree(FORUMS).commitments_through(forum) == through


@pytest.mark.parametrize(
    ("forum", "through"),
    [
        (UN, {UN, UNGA, UNGGE, OEWG, MECHANISM}),
        (UNGA, {UNGA}),
        (UNGGE, {UNGGE, OEWG, MECHANISM}),
        (OEWG, {OEWG, MECHANISM}),
        (MECHANISM, {MECHANISM}),
        (APEC, {APEC, TEL}),
        (TEL, {TEL}),
    ],
)
def test_action_at_a_forum_is_at_itself_its_parts_or_their_successors(forum, through):
    assert ForumTree(FORUMS).activity_through(forum) == through


def test_a_forum_may_have_several_successors():
    tree = ForumTree([(1, None, None), (2, None, 1), (3, None, 1)])
    assert tree.activity_through(1) == {1, 2, 3}
    assert tree.commitments_through(2) == {1, 2}


def test_an_unknown_forum_reaches_only_itself():
    assert ForumTree([]).commitments_through(1) == {1}
    assert ForumTree([]).activity_through(1) == {1}


@pytest.mark.parametrize(
    "forums",
    [
        [(1, 2, None), (2, 1, None)],
        [(1, None, 2), (2, None, 1)],
        [(1, 2, 2), (2, 1, 1)],
    ],
    ids=["of parents", "of successors", "of both"],
)
def test_cycles_are_allowed(forums):
    tree = ForumTree(forums)
    assert tree.commitments_through(1) == {1, 2}
    assert tree.activity_through(1) == {1, 2}


@pytest.mark.parametrize("own", [(1, 1, None), (1, None, 1)], ids=["its parent", "its successor"])
def test_a_forum_may_be_related_to_itself(own):
    assert ForumTree([own]).commitments_through(1) == {1}
    assert ForumTree([own]).activity_through(1) == {1}


SIZE = 7
some_forum = st.none() | st.integers(0, SIZE - 1)
# Any relations, including cycles and forums related to themselves.
any_forums = st.lists(st.tuples(some_forum, some_forum), min_size=SIZE, max_size=SIZE)


def closure(start, edges):
    """Return the nodes that edges lead to, directly or indirectly."""
    reached = {start}
    for _ in range(SIZE):
        reached |= {target for source, target in edges if source in reached}
    return reached


@settings(deadline=None, max_examples=examples(150))
@given(any_forums, st.integers(0, SIZE - 1))
def test_the_tree_is_the_closure_of_any_relations(relations, forum):
    rows = [(pk, parent, predecessor) for pk, (parent, predecessor) in enumerate(relations)]
    parts = [(parent, pk) for pk, parent, _ in rows if parent is not None]
    forwards = [(predecessor, pk) for pk, _, predecessor in rows if predecessor is not None]
    backwards = [(pk, predecessor) for predecessor, pk in forwards]
    tree = ForumTree(rows)
    assert tree.commitments_through(forum) == closure(forum, parts + backwards)
    assert tree.activity_through(forum) == closure(forum, parts + forwards)
    up = [(part, parent) for parent, part in parts]
    assert tree.leads_to(forum) == closure(forum, up + backwards)


# The same in the database: filters by forum


@pytest.fixture
def forums(db):
    un = ForumFactory(code="UN")
    old = ForumFactory(code="UNGGE", parent=un)
    return {
        "UN": un,
        "UNGGE": old,
        "OEWG": ForumFactory(code="OEWG", parent=un, successor_of=old),
        "APEC": ForumFactory(code="APEC"),
    }


@pytest.mark.parametrize(
    ("code", "field", "target"),
    [
        ("UN", "parent", "UN"),
        ("UN", "parent", "UNGGE"),
        ("UNGGE", "successor_of", "OEWG"),
        # Through a part and a predecessor: the group is a part of what would follow it.
        ("UN", "successor_of", "UNGGE"),
        ("UNGGE", "parent", "OEWG"),
    ],
)
def test_no_forum_leads_back_to_itself(forums, code, field, target):
    forum = forums[code]
    setattr(forum, field, forums[target])
    with pytest.raises(ValidationError) as refusal:
        forum.clean()
    assert list(refusal.value.message_dict) == [field]


def test_forums_that_lead_elsewhere_are_in_order(forums):
    forums["APEC"].parent, forums["APEC"].successor_of = forums["OEWG"], forums["UNGGE"]
    for forum in [*forums.values(), Forum(code="NEW", parent=forums["APEC"])]:
        forum.clean()


FOUND_BY_FORUM = [
    (["UN"], {"UN", "UNGGE", "OEWG"}),
    (["UNGGE"], {"UNGGE"}),
    (["OEWG"], {"OEWG", "UNGGE"}),
    (["APEC"], {"APEC"}),
    (["UNGGE", "APEC"], {"UNGGE", "APEC"}),
]


@pytest.mark.parametrize(("asked", "found"), FOUND_BY_FORUM)
def test_filtering_by_forums_finds_their_commitments(asked, found, forums, plan):
    CommitmentFactory(plan=plan, number="none")
    for code, forum in forums.items():
        commitment = CommitmentFactory(plan=plan, number=code)
        Partnership.objects.create(commitment=commitment, forum=forum)
    rows = Commitment.objects.for_forums(Forum.objects.filter(code__in=asked))
    assert sorted(row.number for row in rows) == sorted(found)


def test_a_commitment_of_a_forum_and_its_part_is_found_once(forums, duty):
    for code in ("UN", "UNGGE", "OEWG"):
        Partnership.objects.create(commitment=duty, forum=forums[code])
    assert list(Commitment.objects.for_forums([forums["UN"]])) == [duty]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("UN", {"UN", "UNGGE", "OEWG"}),
        ("UNGGE", {"UNGGE", "OEWG"}),
        ("OEWG", {"OEWG"}),
        ("APEC", {"APEC"}),
    ],
)
def test_updates_are_at_a_forum_its_parts_and_their_successors(
    asked, found, forums, duty, reporter
):
    draft(duty, reporter)
    updates = {code: draft(duty, reporter, forums=[forum]).pk for code, forum in forums.items()}
    rows = ProgressUpdate.objects.at_forums([forums[asked]], reporter)
    assert {row.pk for row in rows} == {updates[code] for code in found}


def test_an_update_that_names_a_forum_and_its_part_is_found_once(forums, duty, reporter):
    update = draft(duty, reporter, forums=[forums["UN"], forums["UNGGE"]])
    assert list(ProgressUpdate.objects.at_forums([forums["UN"]], reporter)) == [update]


def test_only_staff_find_a_retracted_update_by_its_forums(
    forums, duty, reporter, reviewer, visitor, anonymous
):
    update = retracted(duty, reporter, reviewer, forums=[forums["UN"]])
    updates = {
        user: list(ProgressUpdate.objects.at_forums([forums["UN"]], user))
        for user in (anonymous, visitor, reporter, reviewer)
    }
    assert updates == {anonymous: [], visitor: [], reporter: [update], reviewer: [update]}


def test_the_tree_is_read_in_one_query(forums, django_assert_num_queries):
    with django_assert_num_queries(1):
        tree = Forum.objects.tree()
        through = tree.commitments_through(forums["OEWG"].pk)
    assert through == {forums["OEWG"].pk, forums["UNGGE"].pk}
