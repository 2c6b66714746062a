"""The pages of every commitment and every forum of the plan that ships with the tracker are read in
few queries."""

from datetime import timedelta

import pytest
import time_machine

from commitments.models import Forum
from tests.examples import sampled
from tests.fixtures.plans import LOADED_AT

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

LATER = LOADED_AT + timedelta(hours=2)
MAX_QUERIES = 12
CLOCKS = ["", "?as_of=2023-12-31", "?known_at=2026-11-26T13:00:00Z"]
# What a quick run loads, and none, which is all.
LOADED = [("2.2",), ()]


@pytest.mark.parametrize("numbers", sampled([(row,) for row in LOADED], kind=len))
@time_machine.travel(LATER, tick=False)
def test_no_page_costs_more_than_twelve_queries(
    client, load_record, iscc, numbers, django_assert_max_num_queries
):
    load_record(*numbers)
    shown = iscc.commitments.filter(number__in=numbers) if numbers else iscc.commitments.all()
    pages = [f"commitments/{row.number}/" for row in shown]
    for forum in Forum.objects.filter(commitments__in=shown).distinct():
        pages += [f"forums/{forum.code}/", f"forums/{forum.code}/brief/"]
    for page in pages:
        for clock in CLOCKS:
            with django_assert_max_num_queries(MAX_QUERIES, info=f"{page}{clock}"):
                assert client.get(f"/en/ISCC/{page}{clock}").status_code == 200
