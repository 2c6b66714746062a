"""What the list of forums counts."""

import pytest

from commitments.models import Partnership
from tests.factories import CommitmentFactory, ForumFactory, PlanFactory

pytestmark = [pytest.mark.alike, pytest.mark.django_db]


@pytest.fixture
def counts(get, duty):
    """Return the number of commitments of each forum that a query lists."""
    named = ForumFactory(code="NAMED")
    ForumFactory(code="UNNAMED")
    other, draft = PlanFactory(code="OTHER"), PlanFactory(code="DRAFT", visibility="draft")
    places = [(duty.plan, "2.1"), (other, "2.1"), (other, "2.2"), (draft, "2.1")]
    for plan, number in places:
        commitment = CommitmentFactory(plan=plan, number=number)
        Partnership.objects.create(commitment=commitment, forum=named)

    def _counts(query):
        return {row["code"]: row["commitments"] for row in get(f"forums/{query}")["results"]}

    return _counts


def test_forums_count_the_commitments_that_name_them_without_those_of_draft_plans(counts):
    assert counts("") == {"NAMED": 3, "UNNAMED": 0}


def test_forums_of_plans_are_those_that_they_name_with_the_number_of_their_commitments(counts):
    assert counts("?plan=OTHER") == {"NAMED": 2}
    assert counts("?plan=OTHER&plan=PLAN") == {"NAMED": 3}
