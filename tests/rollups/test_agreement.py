"""Krippendorff's alpha against published examples and its properties, and how far second persons
agree with the authors of a record."""

from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commitments import workflow
from commitments.choices import Action, Kind, UndefinedAlpha
from commitments.clocks import Clock
from commitments.models import ProgressUpdate
from commitments.rollups.agreement import (
    Agreement,
    agreement,
    krippendorff_alpha,
    nominal_distance,
    ordinal_distance,
)
from tests.examples import examples
from tests.steps import NOW, REPORT, perform, published
from tests.workflow.assessing import NOT_SHOWN, SHOWN, add_criteria
from tests.workflow.rating import ALL, NOTHING, SOME, assessed, event_on, rate, rate_blind

pytestmark = [pytest.mark.alike, pytest.mark.usefixtures("noon")]

# K. Krippendorff, “Computing Krippendorff's Alpha-Reliability” (2011), section D: four observers,
# twelve units, values that are missing.
PUBLISHED = """
    1 2 3 3 2 1 4 1 2 . . .
    1 2 3 3 2 2 4 1 2 5 . 3
    . 3 3 3 2 3 4 2 2 5 1 .
    1 2 3 3 2 4 4 1 2 5 1 .
"""
# The same, sections A and B: two observers of ten and of twelve units.
BINARY = """
    0 1 0 0 0 0 0 0 1 0
    1 1 1 0 0 1 0 0 0 0
"""
LETTERS = """
    a a b b d c c c e d d a
    b a b b b c c c e d d d
"""


def units_of(table):
    """Return the units of a table with a row for each observer."""
    rows = [line.split() for line in table.strip().splitlines()]
    columns = zip(*rows, strict=True)
    return [
        [int(value) if value.isdigit() else value for value in column if value != "."]
        for column in columns
    ]


@pytest.mark.parametrize(
    ("table", "distance", "alpha"),
    [
        (PUBLISHED, nominal_distance, 0.743),
        (PUBLISHED, ordinal_distance, 0.815),
        (BINARY, nominal_distance, 0.095),
        (LETTERS, nominal_distance, 0.692),
    ],
)
def test_alpha_is_that_of_published_examples(table, distance, alpha):
    assert round(float(krippendorff_alpha(units_of(table), distance)), 3) == alpha


def test_alpha_is_an_exact_fraction():
    assert krippendorff_alpha(units_of(BINARY), nominal_distance) == Fraction(2, 21)


PAIRS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=12)
DISTANCES = st.sampled_from([nominal_distance, ordinal_distance])


@settings(max_examples=examples(300))
@given(pairs=PAIRS, distance=DISTANCES, data=st.data())
def test_alpha_does_not_depend_on_who_is_who_or_on_an_order(pairs, distance, data):
    swapped = [data.draw(st.permutations(pair)) for pair in data.draw(st.permutations(pairs))]
    assert krippendorff_alpha(pairs, distance) == krippendorff_alpha(swapped, distance)


@settings(max_examples=examples(300))
@given(pairs=PAIRS, distance=DISTANCES)
def test_alpha_is_between_minus_one_and_one_and_one_only_if_all_agree(pairs, distance):
    alpha = krippendorff_alpha(pairs, distance)
    if alpha is None:
        assert len({value for pair in pairs for value in pair}) == 1
    else:
        assert -1 <= alpha <= 1
        assert (alpha == 1) == all(one == other for one, other in pairs)


@settings(max_examples=examples(100))
@given(pairs=PAIRS, shift=st.integers(1, 5))
def test_on_a_scale_only_the_order_of_places_counts(pairs, shift):
    stretched = [tuple(value * 10 + shift for value in pair) for pair in pairs]
    alpha = krippendorff_alpha(pairs, ordinal_distance)
    assert alpha == krippendorff_alpha(stretched, ordinal_distance)


def test_on_a_scale_a_near_miss_weighs_less():
    same = [(value, value) for value in range(4)]
    near, far = [*same, (0, 1)], [*same, (0, 3)]
    by_scale = [krippendorff_alpha(units, ordinal_distance) for units in (near, far)]
    by_name = [krippendorff_alpha(units, nominal_distance) for units in (near, far)]
    assert by_scale[0] > by_scale[1]
    assert by_name[0] == by_name[1]


def test_alpha_is_undefined_without_two_units_or_without_variation():
    few, same = Agreement([(1, 2)], nominal_distance), Agreement([(1, 1)] * 3, nominal_distance)
    assert (few.alpha, few.undefined) == (None, UndefinedAlpha.TOO_FEW)
    assert (same.alpha, same.undefined) == (None, UndefinedAlpha.NO_VARIATION)
    assert (same.units, same.agreed) == (3, 3)
    assert Agreement([], nominal_distance).undefined is UndefinedAlpha.TOO_FEW


# Of a record


@pytest.fixture
def event(plan, duty, reporter, reviewer):
    rate_blind(plan)
    add_criteria(duty)
    return event_on(duty, reporter, reviewer)


@pytest.fixture
def double_rated(duty, event, reporter, reviewer):
    """`double_rated(results, status, rated…)` publishes an assessment; where the rating differs,
    the author argues."""

    def make(results, status, rated, rated_status=None):
        update = assessed(duty, reporter, event, results, status, evidence=[REPORT])
        rate(update, reviewer, event, rated, rated_status)
        if update.ratings.get().status != status:
            perform(update, Action.RETURN, reviewer, note="See my rating.")
            perform(update, Action.SUBMIT, reporter, note="It is as I said.")
        return perform(update, Action.PUBLISH, reviewer)

    return make


def of_duties(updates=None):
    rows = ProgressUpdate.objects.published() if updates is None else updates
    return {row.kind: row for row in agreement(rows)}[Kind.STANDING]


@pytest.mark.long
def test_statuses_places_and_criteria_are_compared(double_rated):
    double_rated(ALL, "active", ALL)
    double_rated(SOME, "partly_active", ALL)
    double_rated(NOTHING, "no_evidence", NOTHING, "inactive")
    found = of_duties()
    assert (found.status.units, found.status.agreed) == (3, 1)
    # “No evidence” is on no scale.
    assert list(found.scale.pairs) == [(4, 4), (2, 4)]
    assert (found.findings.units, found.findings.agreed) == (9, 7)
    assert found.status.alpha == krippendorff_alpha(
        [("active", "active"), ("partly_active", "active"), ("no_evidence", "inactive")],
        nominal_distance,
    )


def test_what_was_adopted_does_not_count_as_agreement(duty, event, reporter, reviewer):
    update = assessed(duty, reporter, event)
    rate(update, reviewer, event, ALL)
    update = perform(update, Action.RETURN, reviewer, note="See my rating.")
    workflow.adopt_rating(
        update.ratings.get(), by=reporter, at=NOW, expected_revision=update.revision
    )
    perform(update, Action.SUBMIT, reporter)
    perform(update, Action.PUBLISH, reviewer)
    assert (of_duties().status.units, of_duties().status.agreed) == (1, 0)


def test_only_the_first_rating_counts(duty, event, reporter, reviewer, other_reviewer):
    update = assessed(duty, reporter, event)
    rate(update, reviewer, event, ALL)
    rate(update, other_reviewer, event, SOME)
    perform(update, Action.PUBLISH, other_reviewer)
    assert (of_duties().status.units, of_duties().status.agreed) == (1, 0)


def test_only_published_assessments_count(duty, event, reporter, reviewer, double_rated):
    update = double_rated(ALL, "active", ALL)
    waiting = assessed(duty, reporter, event)
    rate(waiting, reviewer, event)
    assert of_duties().status.units == 1
    perform(update, Action.RETRACT, reviewer, note="The source was withdrawn.")
    assert of_duties().status.units == 0


def test_ratings_that_were_not_published_do_not_count(plan, duty, event, reporter, reviewer):
    """The plan had its assessments rated blind no longer when this one was published."""
    update = assessed(duty, reporter, event)
    rate(update, reviewer, event, ALL)
    plan.second_rating = "none"
    plan.save()
    perform(ProgressUpdate.objects.get(pk=update.pk), Action.PUBLISH, reviewer)
    assert of_duties().status.units == 0


def test_the_rating_of_an_assessment_that_was_withdrawn_since_does_not_count(
    double_rated, reviewer
):
    update = double_rated(ALL, "active", ALL)
    clock = Clock(update.published_at + timedelta(days=1), known_at=update.published_at)
    assert of_duties(ProgressUpdate.objects.counting(clock)).status.units == 1
    later = update.published_at + timedelta(hours=1)
    perform(update, Action.RETRACT, reviewer, later, note="It was another forum.")
    assert of_duties(ProgressUpdate.objects.counting(clock)).status.units == 0


# In the API and on pages


def test_the_api_gives_counts_and_alpha_by_kind(double_rated, api):
    double_rated(ALL, "active", ALL)
    double_rated((SHOWN, NOT_SHOWN, NOT_SHOWN), "partly_active", ALL)
    answer = api().get("/api/v1/status/agreement/?plan=PLAN").json()
    assert (answer["plan"], answer["as_of"], answer["known_at"]) == ("PLAN", "2026-07-01", None)
    deliverable, standing = answer["kinds"]
    none = {"units": 0, "agreed": 0, "alpha": None, "undefined": "too_few"}
    assert deliverable == {"kind": "deliverable", "status": none, "scale": none, "findings": none}
    assert standing["status"] == {"units": 2, "agreed": 1, "alpha": 0.0, "undefined": None}
    assert standing["findings"] == {"units": 6, "agreed": 4, "alpha": -0.1, "undefined": None}


@pytest.mark.long
def test_the_clocks_and_filters_select_what_is_compared(double_rated, api):
    update = double_rated(ALL, "active", ALL)

    def units(query):
        kinds = api().get(f"/api/v1/status/agreement/?{query}").json()["kinds"]
        return [kind["status"]["units"] for kind in kinds]

    before = (update.published_at - timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert units("plan=PLAN") == [0, 1]
    assert units("") == [0, 1]
    assert units("kind=deliverable") == [0, 0]
    assert units("as_of=2026-06-30") == [0, 0]
    assert units(f"known_at={before}") == [0, 0]
    assert units("known_at=2026-07-01T04:00:00Z") == [0, 1]
    assert api().get("/api/v1/status/agreement/?group_by=kind").status_code == 400
    assert api().get("/api/v1/status/agreement/?ordering=number").status_code == 400


@pytest.mark.long
def test_the_methodology_gives_the_agreement_where_there_is_one(double_rated, flat):
    page = flat("/en/PLAN/methodology/")
    assert "a second person answers its criteria" in page
    assert "Krippendorff" not in page
    double_rated(ALL, "active", ALL)
    double_rated(SOME, "partly_active", ALL)
    page = flat("/en/PLAN/methodology/")
    assert "Krippendorff" in page
    assert "1 of 2" in page
    assert "0.00" in page


def test_without_blind_ratings_the_methodology_does_not_speak_of_them(plan, duty, flat):
    page = flat("/en/PLAN/methodology/")
    assert "Second ratings" not in page
    assert "Agreement" not in page


@pytest.mark.long
@pytest.mark.parametrize(
    ("language", "agrees", "differed"),
    [
        (
            "en",
            "It agrees.",
            "At that time the author's status was “Partly active”, the rating's “Active”.",
        ),
        ("zh-hans", "结论一致", "部分履行"),
    ],
)
def test_readers_see_how_a_rating_came_out(language, agrees, differed, double_rated, flat):
    double_rated(ALL, "active", ALL)
    double_rated(SOME, "partly_active", ALL)
    page = flat(f"/{language}/PLAN/commitments/1.1/")
    assert agrees in page
    assert differed in page


def test_an_update_without_a_rating_says_nothing_of_one(duty, reporter, reviewer, flat, api):
    update = published(duty, reporter, reviewer)
    assert "A second person" not in flat("/en/PLAN/commitments/1.1/")
    assert api().get(f"/api/v1/updates/{update.pk}/").json()["second_rating"] is None
