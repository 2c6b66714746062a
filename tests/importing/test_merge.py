"""The three-way merge of a plan file with the tracker, as a function of three documents."""

from copy import deepcopy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commitments.importing.merge import Side, TakenSides, merge, normal_form, path_in
from tests.examples import examples

pytestmark = pytest.mark.alike

WORDS = st.sampled_from(["", "a", "b"])
DAYS = st.sampled_from([None, "2026-01-01", "2027-01-01"])
GOALS = st.sets(st.integers(1, 3)).map(sorted)


def row(key, title, due_on):
    return {"key": key, "title": {"en": title or "x"}, "due_on": due_on or "2026-06-30"}


def by_date(rows):
    return sorted(rows, key=lambda row: (row["due_on"], row["key"]))


# A tracker has its milestones by date.
ROWS = st.dictionaries(st.sampled_from("mno"), st.tuples(WORDS, DAYS)).map(
    lambda rows: by_date(row(key, *values) for key, values in rows.items())
)
COMMITMENTS = st.fixed_dictionaries(
    {
        "title": st.fixed_dictionaries({"en": st.sampled_from("ab"), "zh": WORDS}),
        "due_on": DAYS,
        "supporting_goals": GOALS,
        "milestones": ROWS,
    }
)
DOCUMENTS = st.dictionaries(st.sampled_from("123"), COMMITMENTS, min_size=1).map(
    lambda items: normal_form(
        {
            "format": 1,
            "plan": {"code": "P"},
            "commitments": [{"number": number, **item} for number, item in sorted(items.items())],
        }
    )
)
property_test = settings(deadline=None, max_examples=examples(150))


def merged(base, file, tracker, taken=None, sharing=None):
    return merge(base, file, tracker, taken or TakenSides(), sharing or {})


def numbers(document):
    return [item["number"] for item in document["commitments"]]


def contents(commitments):
    """Return commitments by number with their milestones by key."""
    return {
        item["number"]: item
        | {"milestones": {row["key"]: row for row in item.get("milestones", ())}}
        for item in commitments
    }


def commitment(document, number):
    return next(item for item in document["commitments"] if item["number"] == number)


@property_test
@given(base=DOCUMENTS, tracker=DOCUMENTS)
def test_a_file_that_did_not_change_changes_nothing(base, tracker):
    tracker["commitments"] += [
        item for item in base["commitments"] if item["number"] not in numbers(tracker)
    ]
    result = merged(base, deepcopy(base), tracker)
    assert result.conflicts == []
    found = {item["number"]: item for item in result.document["commitments"]}
    assert found == {item["number"]: item for item in tracker["commitments"]}


@property_test
@given(base=DOCUMENTS, file=DOCUMENTS)
def test_where_nobody_edited_the_tracker_the_file_is_the_plan(base, file):
    result = merged(base, file, deepcopy(base))
    assert (result.conflicts, result.kept) == ([], [])
    missing = [item for item in base["commitments"] if item["number"] not in numbers(file)]
    assert result.missing == [item["number"] for item in missing]
    assert contents(result.document["commitments"]) == contents([*file["commitments"], *missing])
    # The order is that of the file.
    order = [number for number in numbers(result.document) if number in numbers(file)]
    assert order == numbers(file)


@property_test
@given(base=DOCUMENTS, same=DOCUMENTS)
def test_what_both_changed_in_the_same_way_is_no_conflict(base, same):
    result = merged(base, same, deepcopy(same))
    assert (result.document, result.conflicts, result.kept) == (same, [], [])


@property_test
@given(base=DOCUMENTS, file=DOCUMENTS, tracker=DOCUMENTS)
def test_a_side_that_is_taken_everywhere_leaves_no_conflict(base, file, tracker):
    open_conflicts = merged(base, file, tracker).conflicts
    for side in Side:
        result = merged(base, file, tracker, TakenSides({"": side}))
        assert result.conflicts == []
        for conflict in open_conflicts:
            assert (conflict in result.kept) == (side is Side.TRACKER)


@property_test
@given(base=DOCUMENTS, file=DOCUMENTS, tracker=DOCUMENTS)
def test_no_number_and_nothing_that_both_sides_have_is_lost(base, file, tracker):
    result = merged(base, file, tracker)
    assert set(numbers(result.document)) == {*numbers(file), *numbers(tracker)}
    for number in {*numbers(file)} & {*numbers(tracker)}:
        ours, theirs, both = (
            commitment(document, number) for document in (file, tracker, result.document)
        )
        assert ours["title"]["en"] != theirs["title"]["en"] or (
            both["title"]["en"] == ours["title"]["en"]
        )
        shared = {*ours.get("supporting_goals", ())} & {*theirs.get("supporting_goals", ())}
        assert shared <= {*both.get("supporting_goals", ())}


@property_test
@given(base=DOCUMENTS, file=DOCUMENTS, tracker=DOCUMENTS)
def test_a_merge_with_its_own_file_as_the_last_one_changes_nothing_more(base, file, tracker):
    first = merged(base, file, tracker, TakenSides({"": Side.FILE}))
    again = merged(file, deepcopy(file), first.document)
    assert (again.document, again.conflicts) == (first.document, [])


@property_test
@given(tracker=DOCUMENTS, random=st.randoms(use_true_random=False))
def test_the_order_of_milestones_in_a_file_means_nothing(tracker, random):
    file = deepcopy(tracker)
    for item in file["commitments"]:
        random.shuffle(item.get("milestones", []))
    assert merged(tracker, file, deepcopy(tracker)).document == tracker


@property_test
@given(base=DOCUMENTS, file=DOCUMENTS, tracker=DOCUMENTS)
def test_milestones_are_merged_into_the_order_of_their_dates(base, file, tracker):
    result = merged(base, file, tracker, TakenSides({"": Side.FILE}))
    for item in result.document["commitments"]:
        days = [milestone["due_on"] for milestone in item.get("milestones", [])]
        assert days == sorted(days)


# By example


def plan(**columns):
    item = {"number": "1", "title": {"en": "a"}, **columns}
    return normal_form({"format": 1, "plan": {"code": "P"}, "commitments": [item]})


def test_a_conflict_names_what_each_side_has():
    result = merged(plan(note={"en": "b"}), plan(note={"en": "f"}), plan(note={"en": "t"}))
    [conflict] = result.conflicts
    assert conflict.path == ("commitments", 0, "note", "en")
    assert (conflict.base, conflict.file, conflict.tracker) == ("b", "f", "t")
    # Until a side is taken, the tracker stays as it is.
    assert result.document == plan(note={"en": "t"})


def test_an_item_that_the_file_removed_and_a_curator_changed_is_a_conflict():
    before, moved = row("m", "a", None), row("m", "a", "2027-01-01")
    sides = (plan(milestones=[before]), plan(), plan(milestones=[moved]))
    [conflict] = merged(*sides).conflicts
    assert conflict.path == ("commitments", 0, "milestones", "m")
    assert merged(*sides, TakenSides({"": Side.FILE})).document == plan()
    assert merged(*sides, TakenSides({"": Side.TRACKER})).document == plan(milestones=[moved])


def test_an_item_that_a_curator_removed_and_the_file_changed_is_a_conflict():
    before, moved = row("m", "a", None), row("m", "a", "2027-01-01")
    sides = (plan(milestones=[before]), plan(milestones=[moved]), plan())
    [conflict] = merged(*sides).conflicts
    assert conflict.path == ("commitments", 0, "milestones", 0)


@pytest.mark.parametrize(
    ("place", "side"),
    [
        ("", Side.TRACKER),
        ("commitment 1", Side.FILE),
        ("commitment 1, note", Side.TRACKER),
        ("commitment 1, note, en", Side.FILE),
    ],
)
def test_the_smallest_place_that_contains_a_conflict_decides(place, side):
    names = ["", "commitment 1", "commitment 1, note", "commitment 1, note, en", "commitment 11"]
    sides = {name: Side(side) for name, side in zip(names, ["tracker", "file"] * 3, strict=False)}
    taken = TakenSides({name: sides[name] for name in names[: names.index(place) + 1]})
    assert taken.side_for("commitment 1, note, en") is side
    assert taken.used == {place}
    assert TakenSides({"commitment 11": side}).side_for("commitment 1, note, en") is None


def test_places_without_a_conflict_are_named():
    taken = TakenSides({"commitment 9": Side.FILE, "": Side.FILE})
    merged(plan(), plan(), plan(), taken)
    assert taken.unused == ["commitment 9"]


def forums(**forum):
    return plan() | {"forums": [{"code": "F", "name": {"en": "a"}} | forum]}


def test_a_forum_that_another_plan_uses_is_not_changed_even_if_the_file_is_taken():
    sharing = {("forums", "F"): ["OTHER"]}
    sides = (forums(), forums(name={"en": "b"}), forums())
    for taken in (TakenSides(), TakenSides({"": Side.FILE})):
        [conflict] = merged(*sides, taken, sharing).conflicts
        assert (conflict.path, conflict.shared_with) == (("forums", 0, "name", "en"), ["OTHER"])
    taken = merged(*sides, TakenSides({"": Side.TRACKER}), sharing)
    assert (taken.conflicts, taken.document) == ([], forums())


@pytest.mark.parametrize(
    ("before", "now"), [(["/a"], ["/a", "/b"]), (["/a"], []), ([], ["/a"])], ids=repr
)
def test_addresses_of_a_forum_that_another_plan_uses_are_not_changed_by_a_file(before, now):
    sides = [normal_form(forums(same_as=same_as)) for same_as in (before, now, before)]
    sharing = {("forums", "F"): ["OTHER"]}
    for taken in (TakenSides(), TakenSides({"": Side.FILE})):
        result = merged(*sides, taken, sharing)
        [conflict] = result.conflicts
        assert (conflict.path, conflict.shared_with) == (("forums", 0, "same_as"), ["OTHER"])
        assert result.document == sides[2]
    taken = merged(*sides, TakenSides({"": Side.TRACKER}), sharing)
    assert (taken.conflicts, taken.document) == ([], sides[2])
    assert merged(*sides).document == sides[1]


def test_addresses_that_a_curator_gave_a_shared_forum_stay_without_a_conflict():
    sides = [normal_form(forums(same_as=same_as)) for same_as in (["/a"], ["/a"], ["/a", "/b"])]
    result = merged(*sides, sharing={("forums", "F"): ["OTHER"]})
    assert (result.conflicts, result.document) == ([], sides[2])
    assert [difference.path for difference in result.kept] == [("forums", 0, "same_as")]


def test_a_forum_that_is_new_is_added_though_another_plan_names_its_code():
    sharing = {("forums", "F"): ["OTHER"]}
    assert merged(plan(), forums(), plan(), sharing=sharing).document == forums()


def test_a_path_of_the_merged_plan_is_found_in_the_file():
    first, second = {"number": "1"}, {"number": "2", "milestones": [row("m", "a", None)]}
    kept = {"number": "9", "milestones": [row("o", "a", None), row("m", "a", None)]}
    document = {"commitments": [kept, first, second]}
    file = {"commitments": [second, first]}
    for path, expected in (
        (("commitments", 1, "title"), ("commitments", 1, "title")),
        (("commitments", 2, "milestones", 0, "due_on"), ("commitments", 0, "milestones", 0)),
        (("commitments", 0, "milestones", 1), ("commitments", "9", "milestones", "m")),
        (("plan", "languages", 0), ("plan", "languages", 0)),
    ):
        assert path_in(file, document, path)[: len(expected)] == expected
