"""Publications out of the order of their dates, or at one time, and what the API then gives the
public: the status and the updates, before, between and after them.

A quick run asks the API of one; the status alone is tested in `clocks/test_current_assessment.py`.
"""

from datetime import date, timedelta

import pytest

from commitments.choices import Action
from tests.steps import NOW, perform, submitted
from tests.workflow.reader import UNASSESSED

pytestmark = [pytest.mark.alike, pytest.mark.sampled]

HOUR = timedelta(hours=1)
APRIL, MAY, JUNE = (date(2026, month, 1) for month in (4, 5, 6))


@pytest.mark.long
def test_a_backdated_publication_never_displaces_a_later_date(reader_of, publish):
    june = publish("active", effective_on=JUNE)
    april = publish("inactive", 1, effective_on=APRIL)
    public = reader_of(june=june, april=april)
    public.check_history(
        (NOW, ("active", "june", {"june"})), (NOW + HOUR, ("active", "june", {"june", "april"}))
    )
    assert public.status(as_of=MAY) == ("inactive", "april", {"april"})
    assert public.status(as_of=MAY, known_at=NOW) == UNASSESSED
    assert public.status(as_of=MAY, known_at=NOW + HOUR) == ("inactive", "april", {"april"})


@pytest.mark.long
def test_of_equal_days_the_later_publication_counts_whichever_was_written_first(
    reader_of, duty, reporter, reviewer
):
    one, two = (submitted(duty, reporter, status=status) for status in ("active", "inactive"))
    perform(two, Action.PUBLISH, reviewer, NOW + HOUR)
    perform(one, Action.PUBLISH, reviewer, NOW + 2 * HOUR)
    reader_of(one=one, two=two).check_history(
        (NOW + HOUR, ("inactive", "two", {"two"})),
        (NOW + 2 * HOUR, ("active", "one", {"one", "two"})),
    )


BEHIND = {"one time": timedelta(), "a clock gone back": timedelta(seconds=50)}


@pytest.mark.long
@pytest.mark.parametrize("behind", BEHIND.values(), ids=BEHIND)
def test_of_equal_days_and_times_the_higher_id_counts(reader_of, duty, reporter, reviewer, behind):
    """A clock that is behind the ledger's last entry publishes at the time of that entry."""
    one, two = (submitted(duty, reporter, status=status) for status in ("active", "inactive"))
    perform(two, Action.PUBLISH, reviewer, NOW + HOUR)
    perform(one, Action.PUBLISH, reviewer, NOW + HOUR - behind)
    for update in (one, two):
        update.refresh_from_db()
        assert update.published_at == NOW + HOUR
    both = {"one", "two"}
    reader_of(one=one, two=two).check_history((NOW + HOUR, ("inactive", "two", both)))


@pytest.mark.long
def test_what_is_published_and_retracted_at_one_time_was_never_known(reader_of, publish, retract):
    gone = publish("active")
    retract(gone, 0)
    public = reader_of(gone=gone)
    public.check_history((NOW, UNASSESSED))
    assert public.states() == {"gone": "retracted"}


@pytest.mark.long
def test_what_is_published_and_corrected_at_one_time_was_never_known(reader_of, publish):
    wrong = publish("active")
    right = publish("inactive", corrects=wrong)
    public = reader_of(wrong=wrong, right=right)
    public.check_history((NOW, ("inactive", "right", {"right"})))
    assert public.states() == {"wrong": "superseded", "right": "published"}
