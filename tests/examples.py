"""Samples: a quick run tries only some of the many cases and examples of a test. Other runs try all
of them.

A quick run, for which `tests.run` names the profile of Hypothesis, tries the same ones every time,
so that a failure is due to the change that is tested. So does continuous integration, under
Hypothesis's own profile `ci`; the long tests of `make test-all` look for new ones.
"""

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import settings

QUICK = "quick"
# How many of a hundred examples a quick run tries; it never tries fewer than this.
QUICK_SHARE = 10
LEAST = 2
# How many cases a quick run tries of a test that uses a database, but would give the same result on
# any.
QUICK_CASES = 2


def register_profiles():
    # A busy machine is no fault of what is tested.
    settings.register_profile(QUICK, max_examples=QUICK_SHARE, derandomize=True, deadline=None)


def is_quick():
    return settings.get_current_profile_name() == QUICK


def examples(number):
    """Return how many examples of a property to try, where `number` are all of them."""
    return max(LEAST, number * QUICK_SHARE // 100) if is_quick() else number


def sampled(cases, kind):
    """Return the cases for `parametrize`. The first of each kind is in a quick run, the others are
    marked long. `kind` is called with the values of a case."""
    cases = list(cases)
    first = _first_of_each(cases, lambda case: kind(*_values(case)))
    return [
        pytest.param(*_values(case), marks=() if place in first else pytest.mark.long)
        for place, case in enumerate(cases)
    ]


def some(cases, kind):
    """Return the cases through which a test loops itself: in a quick run, the first of each kind.
    The test has the mark `sampled`, so that the long tests include it too, with all cases."""
    first = _first_of_each(cases, kind)
    return [case for place, case in enumerate(cases) if place in first or not is_quick()]


def mark_cases_beyond_a_sample(tests):
    """Mark as long most cases of every test that uses a database and gives the same result on any;
    a few, spread from the first to the last, stay unmarked. These differ in each of their
    parameters."""
    cases = {}
    for test in tests:
        marks = {mark.name for mark in test.iter_markers()}
        uses_database = not {"db", "transactional_db"}.isdisjoint(test.fixturenames)
        if uses_database and "alike" in marks and "long" not in marks:
            cases.setdefault((test.path, test.originalname), []).append(test)
    for same in cases.values():
        last = len(same) - 1
        tried = {last * place // (QUICK_CASES - 1) for place in range(QUICK_CASES)}
        for place, test in enumerate(same):
            if place not in tried:
                test.add_marker(pytest.mark.long)


def parameters(address):
    """Return the names of an address's parameters, by which links to lists are of one kind."""
    return tuple(sorted(parse_qs(urlsplit(address).query)))


def _first_of_each(cases, kind):
    """Return the indexes of the first case of each kind."""
    places = {}
    for place, case in enumerate(cases):
        places.setdefault(kind(case), place)
    return set(places.values())


def _values(case):
    return case if isinstance(case, tuple) else (case,)
