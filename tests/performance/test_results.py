"""The results of `make bench`, as it prints them."""

from commitments.models import LedgerCheck
from tests.performance import goals, report
from tests.performance.verifying import verification

RUN = {
    "size": "S",
    "machine": "2 cores",
    "on": "2026-07-01",
    "database": "SQLite",
    "commitments": 30,
    "updates": 427,
    "decisions": 877,
    "results": [],
}


def test_the_rate_of_the_verification_follows_the_table():
    run = RUN | {"verification": {"seconds": 1.754, "decisions_per_second": 500.0}}
    *_others, last = report.tables([run]).split("\n\n")
    assert last == "`manage.py verify_ledger`: 1.8 s, 500 decisions a second."


def test_results_from_before_it_was_measured_can_still_be_shown():
    for run in (RUN, RUN | {"verification": None}):
        assert report.tables([run]).endswith(report.table(run))


def test_a_verification_is_timed_and_leaves_no_trace_in_the_record(db):
    found = verification()
    assert found["seconds"] > 0
    assert found["decisions_per_second"] == 0
    assert not LedgerCheck.objects.exists()


def row(name, **figures):
    return {"name": name, "median": 10.0, "ratio": 2.0, "queries": 4, **figures}


def test_each_goal_names_the_request_that_is_farthest_from_it():
    results = [
        row("list: plan", floor=1.0, again=2.0),
        row("list: words", ratio=7.25, queries=6, floor=1.0, again=3.5),
        row("list: office", ratio=None, again=2.0),
        row("write: publish", queries=16),
    ]
    assert list(goals.lines(RUN | {"results": results})) == [
        ("list: at most 6 queries", "6 (list: words)", "3 of 3", "–"),
        ("list: at most 3 times the floor", "7.25 (list: words)", "1 of 2", "1 of 2"),
        ("write: publish: at most 15 queries", "16 (write: publish)", "0 of 1", "–"),
    ]


def test_a_goal_in_milliseconds_is_asked_of_cached_responses_too():
    results = [row("search: rare", median=120.0, again=1.5)]
    expected = [("search: at most 100 ms", "120 (search: rare)", "0 of 1", "1 of 1")]
    assert list(goals.lines(RUN | {"results": results})) == expected


def test_a_goal_of_some_sizes_is_not_asked_of_others():
    results = [row("page: overview", queries=11, median=80.0)]
    small, large = (
        [goal for goal, *_rest in goals.lines(RUN | {"size": size, "results": results})]
        for size in ("S", "L")
    )
    assert set(small) - set(large) == {"page: overview: at most 60 ms"}


def test_rates_are_rows_and_decisions_a_second():
    run = RUN | {
        "commitments": 1000,
        "results": [row("CSV of everything", median=40.0)],
        "verification": {"seconds": 2.0, "decisions_per_second": 3690.0},
    }
    assert list(goals.lines(run)) == [
        ("rows of the CSV of everything: at least 20,000 a second", "25,000", "1 of 1", "–"),
        ("decisions that are verified: at least 20,000 a second", "3,690", "0 of 1", "–"),
    ]
