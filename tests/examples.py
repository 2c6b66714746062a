"""How many examples a test of a property tries: all of them, but in a quick run, for which
`tests.run` names the profile of Hypothesis, only some.

A quick run tries the same examples every time, so that one that fails is due to the change that is
tested. The long tests look for new ones.
"""

from hypothesis import settings

QUICK = "quick"
# Of a hundred examples, so many are tried in a quick run; but of few, these.
QUICK_SHARE = 20
LEAST = 3


def register_profiles():
    settings.register_profile(QUICK, max_examples=QUICK_SHARE, derandomize=True)


def examples(number):
    """Return how many examples to try, where `number` are all of them."""
    if settings.get_current_profile_name() != QUICK:
        return number
    return max(LEAST, number * QUICK_SHARE // 100)
