"""The results of `make bench`, as it prints them."""

from commitments.models import LedgerCheck
from tests.performance import report
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
