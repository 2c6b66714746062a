"""Roll-ups of sets of commitments: properties of every set, each reading by example, and movements
between two days."""

from itertools import chain, permutations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from commitments.choices import STATUS_RULES, Kind, Movement, Status
from commitments.rollups import Item, group, movement_between, roll_up
from tests.examples import examples
from tests.methodology import OFF_SCALE, SETTLED, tones
from tests.words import en_zh

pytestmark = pytest.mark.alike

D, S = Kind.DELIVERABLE, Kind.STANDING

TONES = {kind: tones(kind) for kind in (D, S)}
FULFILLED = {D: "completed", S: "active"}
EACH_STATUS = [(kind, status, tone) for kind, row in TONES.items() for status, tone in row.items()]


# What was done within one review interval: nothing, words alone, or more.
ACTED = [(False, False), (True, False), (True, True)]


def make_item(kind, status, age="current", acted=(False, False)):
    """Return an item of this age, unless its status does not age."""
    if status == "unassessed":
        return Item(0, kind, status, None, *acted)
    return Item(0, kind, status, "settled" if status in SETTLED else age, *acted)


def is_fulfilled(item):
    return TONES[item.kind][item.status] == "fulfilled" and item.freshness != "lapsed"


def is_unknown(item):
    """Return whether an item is unknown by its status or because it has lapsed."""
    return TONES[item.kind][item.status] == "unknown" or item.freshness == "lapsed"


def items_of_kind(kind):
    ages = st.sampled_from(["current", "due", "lapsed"])
    statuses, acted = st.sampled_from(sorted(TONES[kind])), st.sampled_from(ACTED)
    return st.builds(make_item, st.just(kind), statuses, ages, acted)


def sets_of_kind(kind):
    return st.tuples(st.just(kind), st.lists(items_of_kind(kind), max_size=12))


kinds = st.sampled_from([D, S])
one_item = kinds.flatmap(items_of_kind)
mixed_sets = st.lists(one_item, max_size=12)
sets_of_a_kind = kinds.flatmap(sets_of_kind)

EVERY_ITEM = [
    make_item(kind, status, age)
    for kind, status, _tone in EACH_STATUS
    for age in ("current", "due", "lapsed")
]
unknown_items = st.sampled_from([item for item in EVERY_ITEM if is_unknown(item)])
unfulfilled_items = st.sampled_from([item for item in EVERY_ITEM if not is_fulfilled(item)])

for_every_set = settings(deadline=None, max_examples=examples(100))


# Properties of every set


@for_every_set
@given(mixed_sets, kinds)
def test_the_bounds_lie_between_zero_and_the_assessable(items, kind):
    rolled = roll_up(items, kind)
    low, high = rolled.fulfilled
    assert 0 <= low <= high <= rolled.assessable <= rolled.of


@for_every_set
@given(sets_of_a_kind)
def test_low_counts_the_fulfilled_and_high_the_unknown_too(kind_and_items):
    kind, items = kind_and_items
    rolled = roll_up(items, kind)
    fulfilled, unknown = sum(map(is_fulfilled, items)), sum(map(is_unknown, items))
    assert rolled.fulfilled == (fulfilled, fulfilled + unknown)
    assert rolled.of == len(items)
    assert rolled.assessable == sum(TONES[kind][item.status] != "apart" for item in items)


@for_every_set
@given(mixed_sets, kinds)
def test_no_more_have_acted_than_there_are_and_no_more_than_these_beyond_words(items, kind):
    rolled = roll_up(items, kind)
    assert 0 <= rolled.acted["beyond_statements"] <= rolled.acted["any"] <= rolled.of


@for_every_set
@given(sets_of_a_kind, st.data())
def test_an_action_more_moves_nothing_but_the_number_that_acted(kind_and_items, data):
    kind, items = kind_and_items
    acted = [
        make_item(kind, item.status, item.freshness, data.draw(st.sampled_from(ACTED)))
        for item in items
    ]
    before, after = (vars(roll_up(rows, kind)) for rows in (items, acted))
    changed = {name for name in before if before[name] != after[name]}
    assert changed <= {"acted"}
    assert after["acted"] == {
        "any": sum(item.acted for item in acted),
        "beyond_statements": sum(item.acted_beyond_statements for item in acted),
    }


@for_every_set
@given(mixed_sets, unknown_items)
def test_an_unknown_or_lapsed_assessment_never_raises_low(items, item):
    before, after = roll_up(items, item.kind), roll_up([*items, item], item.kind)
    assert after.fulfilled[0] == before.fulfilled[0]
    assert after.of == before.of + 1


@for_every_set
@given(mixed_sets, unfulfilled_items)
def test_one_that_is_not_fulfilled_for_whatever_reason_rules_out_fulfilled(items, item):
    assert roll_up([*items, item], item.kind).reading != "fulfilled"


@pytest.mark.parametrize("age", ["current", "lapsed"])
@pytest.mark.parametrize(("kind", "status", "tone"), EACH_STATUS)
def test_among_fulfilled_ones_every_other_assessment_rules_out_fulfilled(kind, status, tone, age):
    others = [make_item(kind, FULFILLED[kind])] * 5
    item = make_item(kind, status, age)
    assert roll_up(others, kind).reading == "fulfilled"
    kept = tone == "fulfilled" and (age == "current" or status in SETTLED)
    assert (roll_up([*others, item], kind).reading == "fulfilled") is kept


@for_every_set
@given(sets_of_a_kind, st.data())
def test_losing_information_only_widens_the_bounds(kind_and_items, data):
    kind, items = kind_and_items
    left = [
        data.draw(
            st.sampled_from(
                [
                    item,
                    make_item(kind, item.status, "lapsed"),
                    make_item(kind, "no_evidence"),
                    make_item(kind, "unassessed"),
                ]
            )
        )
        for item in items
    ]
    before, after = roll_up(items, kind), roll_up(left, kind)
    assert after.of == before.of
    assert after.fulfilled[0] <= before.fulfilled[0]
    assert after.fulfilled[1] >= before.fulfilled[1]
    assert after.reading != "fulfilled" or before.reading == "fulfilled"


@for_every_set
@given(sets_of_a_kind, st.data())
def test_whatever_the_unknown_turns_out_to_be_lies_within_the_bounds(kind_and_items, data):
    kind, items = kind_and_items
    certain = st.sampled_from(sorted(set(TONES[kind]) - {"unassessed", "no_evidence"}))
    found = [make_item(kind, data.draw(certain)) if is_unknown(item) else item for item in items]
    low, high = roll_up(items, kind).fulfilled
    assert low <= sum(map(is_fulfilled, found)) <= high
    exact = roll_up(found, kind).fulfilled
    assert exact[0] == exact[1] == sum(map(is_fulfilled, found))


@for_every_set
@given(sets_of_a_kind, st.data())
def test_excluding_items_never_reaches_fulfilled(kind_and_items, data):
    kind, items = kind_and_items
    assume(not all(map(is_fulfilled, items)))
    apart = data.draw(st.sets(st.sampled_from(range(len(items)))))
    changed = [
        make_item(kind, "withdrawn") if index in apart else item for index, item in enumerate(items)
    ]
    assert roll_up(changed, kind).reading != "fulfilled"


@for_every_set
@given(mixed_sets.flatmap(lambda items: st.tuples(st.just(items), st.permutations(items))))
def test_order_does_not_matter(two_orders):
    first, second = two_orders
    assert group(first, en_zh("All")) == group(second, en_zh("All"))


@for_every_set
@given(mixed_sets)
def test_counts_add_up(items):
    everything = group(items, en_zh("All"))
    assert everything.commitments == len(items)
    assert sum(everything.kinds[kind].of for kind in (D, S)) == len(items)
    for kind in (D, S):
        rolled = everything.kinds[kind]
        assert sum(rolled.counts.values()) == rolled.of
        assert rolled.counts == {
            status: sum(item.kind == kind and item.status == status for item in items)
            for status in TONES[kind]
        }
    unassessed = sum(item.freshness is None for item in items)
    assert sum(everything.freshness.values()) + unassessed == len(items)


@for_every_set
@given(mixed_sets, mixed_sets, kinds)
def test_two_sets_together_are_their_sum(first, second, kind):
    one, other, both = (roll_up(items, kind) for items in (first, second, first + second))
    assert both.of == one.of + other.of
    assert both.assessable == one.assessable + other.assessable
    assert both.adverse == one.adverse + other.adverse
    assert both.acted == {name: one.acted[name] + other.acted[name] for name in both.acted}
    assert both.fulfilled == tuple(map(sum, zip(one.fulfilled, other.fulfilled, strict=True)))


@pytest.mark.long
@for_every_set
@given(mixed_sets, st.lists(items_of_kind(S), max_size=6))
def test_standing_duties_never_change_the_roll_up_of_deliverables(items, duties):
    assert roll_up(items + duties, D) == roll_up(items, D)


# Each effective tone


@pytest.mark.parametrize(("kind", "status", "tone"), EACH_STATUS)
def test_a_fresh_assessment_has_the_tone_of_its_status(kind, status, tone):
    assert make_item(kind, status, "current").tone == tone
    assert make_item(kind, status, "due").tone == tone


@pytest.mark.parametrize(
    ("kind", "status"),
    [(k, s) for k, s, tone in EACH_STATUS if s not in SETTLED and tone != "unknown"],
)
def test_a_lapsed_assessment_is_unknown(kind, status):
    assert make_item(kind, status, "lapsed").tone == "unknown"


def test_the_excluded_stay_excluded_at_any_age():
    assert Item(0, S, "withdrawn", "lapsed").tone == "apart"


# Each reading

READINGS = {
    "no commitments": (S, [], 0, 0, (0, 0), 0, "empty"),
    "all set apart": (S, ["withdrawn", "not_verifiable"], 2, 0, (0, 0), 0, "empty"),
    "all fulfilled": (D, ["completed", "completed"], 2, 2, (2, 2), 0, "fulfilled"),
    "all duties acted on": (S, ["active", "active"], 2, 2, (2, 2), 0, "fulfilled"),
    "fulfilled, due for review": (S, ["active:due"], 1, 1, (1, 1), 0, "fulfilled"),
    "one lapsed": (S, ["active", "active:lapsed"], 2, 2, (1, 2), 0, "some"),
    "one apart": (D, ["completed", "withdrawn"], 2, 1, (1, 1), 0, "some"),
    "one unassessed": (S, ["active", "unassessed"], 2, 2, (1, 2), 0, "some"),
    "one adverse": (D, ["completed", "not_achieved"], 2, 2, (1, 1), 1, "some"),
    "partial only": (D, ["started", "substantial"], 2, 2, (0, 0), 0, "some"),
    "partial and unknown": (S, ["partly_active", "no_evidence"], 2, 2, (0, 1), 0, "some"),
    "partial and adverse": (S, ["partly_active", "contrary"], 2, 2, (0, 0), 1, "some"),
    "nothing done": (D, ["not_started", "stalled"], 2, 2, (0, 0), 0, "none"),
    "nothing done, one apart": (S, ["inactive", "withdrawn"], 2, 1, (0, 0), 0, "none"),
    "adverse only": (S, ["contrary", "contrary"], 2, 2, (0, 0), 2, "none"),
    "one unknown rules out none": (S, ["inactive", "unassessed"], 2, 2, (0, 1), 0, "unknown"),
    "adverse and unknown": (S, ["contrary", "no_evidence"], 2, 2, (0, 1), 1, "unknown"),
    "all unassessed": (D, ["unassessed"] * 3, 3, 3, (0, 3), 0, "unknown"),
    "all lapsed": (S, ["active:lapsed", "inactive:lapsed"], 2, 2, (0, 2), 0, "unknown"),
    "unknown and apart": (D, ["no_evidence", "not_verifiable"], 2, 1, (0, 1), 0, "unknown"),
}


@pytest.mark.parametrize(
    ("kind", "assessments", "of", "assessable", "fulfilled", "adverse", "reading"),
    READINGS.values(),
    ids=READINGS.keys(),
)
def test_reading(kind, assessments, of, assessable, fulfilled, adverse, reading):
    rolled = roll_up([make_item(kind, *assessment.split(":")) for assessment in assessments], kind)
    assert (rolled.of, rolled.assessable, rolled.fulfilled) == (of, assessable, fulfilled)
    assert (rolled.adverse, rolled.reading) == (adverse, reading)


def test_every_status_of_the_kind_has_a_count():
    rolled = roll_up([make_item(S, "active"), make_item(S, "active", "lapsed")], S)
    assert rolled.counts == {**dict.fromkeys(TONES[S], 0), "active": 2}


def test_a_group_counts_its_commitments_by_freshness():
    items = [
        make_item(S, "active", "current"),
        make_item(S, "active", "due"),
        make_item(S, "no_evidence", "due"),
        make_item(S, "inactive", "lapsed"),
        make_item(D, "completed"),
        make_item(D, "unassessed"),
    ]
    assert group(items, en_zh("All")).freshness == {
        "current": 1,
        "due": 2,
        "lapsed": 1,
        "settled": 1,
    }


# Movements between two days


# The scale of each kind, from bad to good.
SCALE = {
    D: [["not_achieved"], ["not_started", "stalled"], ["started"], ["substantial"], ["completed"]],
    S: [["contrary"], ["inactive"], ["partly_active"], ["active"]],
}
OPPOSITE = {
    Movement.WORSE: Movement.BETTER,
    Movement.BETTER: Movement.WORSE,
    Movement.FIRST_ASSESSED: Movement.NO_LONGER_ASSESSED,
    Movement.NO_LONGER_ASSESSED: Movement.FIRST_ASSESSED,
    Movement.EVIDENCE_FOUND: Movement.NO_LONGER_EVIDENCED,
    Movement.NO_LONGER_EVIDENCED: Movement.EVIDENCE_FOUND,
    Movement.OTHER: Movement.OTHER,
    Movement.UNCHANGED: Movement.UNCHANGED,
}


def moved(before, after):
    held = {"before_lapsed": False, "after_lapsed": False, "after_gap": False}
    return movement_between(Status(before), Status(after), **held)


EACH_PAIR = [(kind, old, new) for kind in (D, S) for old in TONES[kind] for new in TONES[kind]]


@pytest.mark.parametrize(("kind", "old", "new"), EACH_PAIR)
def test_a_movement_is_a_step_on_the_scale_of_the_kind(kind, old, new):
    place = {status: n for n, row in enumerate(SCALE[kind]) for status in row}
    assert {*place, *OFF_SCALE, "unassessed"} == set(TONES[kind])
    if old == new:
        expected = "unchanged"
    elif "unassessed" in (old, new):
        expected = "first_assessed" if old == "unassessed" else "no_longer_assessed"
    elif old == "no_evidence" and new in place:
        expected = "evidence_found"
    elif new == "no_evidence" and old in place:
        expected = "no_longer_evidenced"
    elif old in OFF_SCALE or new in OFF_SCALE:
        expected = "other"
    elif place[old] == place[new]:
        expected = "unchanged"
    else:
        expected = "better" if place[new] > place[old] else "worse"
    assert moved(old, new) == expected
    assert moved(new, old) == OPPOSITE[moved(old, new)]


@pytest.mark.parametrize("kind", [D, S])
def test_no_step_on_the_scale_leads_round_in_a_circle(kind):
    for low, middle, high in permutations(chain(*SCALE[kind]), 3):
        if moved(low, middle) == moved(middle, high) == Movement.BETTER:
            assert moved(low, high) is Movement.BETTER


def test_the_scale_agrees_with_the_tones():
    """What is fulfilled is never lower than what is fulfilled in part, and so on."""
    order = ["adverse", "none", "partial", "fulfilled"]
    for kind in (D, S):
        tones_in_order = [TONES[kind][status] for row in SCALE[kind] for status in row]
        assert tones_in_order == sorted(tones_in_order, key=order.index)
    assert {code.value for code, rule in STATUS_RULES.items() if rule.rank is None} == {
        *OFF_SCALE,
        "unassessed",
    }
