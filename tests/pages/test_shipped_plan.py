"""The pages of every commitment and every forum of the plan that ships with the tracker are read in
few queries, list each source once, and have no blanks between Chinese sentences."""

import html
import re
from collections import Counter
from datetime import timedelta

import pytest
import time_machine

from commitments.models import Forum
from tests.fixtures.plans import LOADED_AT

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

LATER = LOADED_AT + timedelta(hours=2)
MAX_QUERIES = 12
CLOCKS = ["", "?as_of=2023-12-31", "?known_at=2026-11-26T13:00:00Z"]
# Lists under filters.
FILTERED = (
    "time/",
    "time/?goal=2",
    "time/?forum=UN",
    "time/?forum=UN&q=cyber",
    "commitments/",
    "commitments/?goal=2",
    "commitments/?coverage=one_source",
    "commitments/?q=cyber",
    "commitments/?forum=UN",
    "commitments/?forum=UN&q=cyber",
    "commitments/?forum=UN&q=cyber&known_at=2026-11-26T13:00:00Z",
)
SENTENCES = (
    "",
    "ISCC/",
    "ISCC/goals/4/",
    "ISCC/commitments/",
    "ISCC/commitments/2.2/",
    "ISCC/forums/UNGA/",
    "ISCC/time/",
    "ISCC/time/?known_at=2026-11-26T13:00:00Z",
    "ISCC/report/?from=2017-01-01&to=2017-12-31",
    "ISCC/changes/",
    "ISCC/changes.atom",
)
# A quick run loads one commitment, a long one the whole plan.
LOADED = [pytest.param(("2.2",)), pytest.param((), marks=pytest.mark.long)]


# Texts of the record have their own line breaks.
COMPARISON = re.compile(r'class="comparison">.*?</dd>', re.DOTALL)
# Where no element begins or ends, apart from words that are emphasised.
WITH_A_BLANK = re.compile(r"[。；：]\s+(?:<(?:span|strong)\b[^>]*>)?[\u4e00-\u9fff（]")


def listed_sources(page):
    """Return the addresses of sources with their details, in the order of the page."""
    page = re.sub(r'<li class="reference">.*?</li>', "", page, flags=re.DOTALL)
    return re.findall(r'<a href="([^"]+)" rel="external"', page)


@pytest.mark.long
@pytest.mark.parametrize("numbers", LOADED)
@time_machine.travel(LATER, tick=False)
def test_pages_cost_at_most_twelve_queries_and_list_each_source_once(
    client, load_record, iscc, numbers, django_assert_max_num_queries
):
    load_record(*numbers)
    rows = iscc.commitments.filter(number__in=numbers) if numbers else iscc.commitments.all()
    pages = [f"commitments/{row.number}/" for row in rows]
    for forum in Forum.objects.filter(commitments__in=rows).distinct():
        pages += [f"forums/{forum.code}/", f"forums/{forum.code}/brief/"]
    for page in pages:
        for clock in CLOCKS:
            with django_assert_max_num_queries(MAX_QUERIES, info=f"{page}{clock}"):
                shown = client.get(f"/en/ISCC/{page}{clock}")
            assert shown.status_code == 200
            assert max(Counter(listed_sources(shown.text)).values(), default=0) <= 1, page


@pytest.mark.long
@time_machine.travel(LATER, tick=False)
def test_lists_under_filters_cost_few_queries(client, load_record, django_assert_max_num_queries):
    load_record("2.2")
    for page in FILTERED:
        with django_assert_max_num_queries(MAX_QUERIES, info=page):
            assert client.get(f"/en/ISCC/{page}").status_code == 200


@pytest.mark.long
@time_machine.travel(LATER, tick=False)
def test_chinese_sentences_have_no_blank_between_them(client, load_record, settings):
    settings.SITE_OPERATOR = "联合国秘书处"
    load_record("2.2")
    for page in SENTENCES:
        shown = html.unescape(client.get(f"/zh-hans/{page}").text)
        assert WITH_A_BLANK.findall(COMPARISON.sub("", shown)) == [], page
