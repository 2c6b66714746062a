"""What a reviewer compares a correction or an assessment with, field by field."""

import re
from datetime import date

import pytest

from commitments.admin.workbench.comparison import PIECE_IN_WORDS
from commitments.workflow import EVIDENCE_FIELDS, FindingFields
from tests.admin.workbench.forms import log_of, page_of, shown
from tests.steps import (
    REPORT,
    RESOLUTION,
    STATEMENT,
    published,
    submitted,
)
from tests.words import en_zh
from tests.workflow import assessing

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]

SAME = "They do not differ."
QUERIES = 42
DATED = RESOLUTION | {"language": "fr", "dated_on": date(2026, 5, 2)}


def differences(client, update, path="/admin/review/{}/"):
    """Return the comparison on the page of an update, as text without marks."""
    page = " ".join(client.get(path.format(update.pk)).text.split())
    [(_heading, found)] = re.findall("<h2>(Compared with [^<]+)</h2>(.*?)</section>", page)
    return " ".join(re.sub("<[^>]+>", " ", found).split())


@pytest.fixture
def original(duty, reporter, reviewer):
    """A published event that is an assessment too."""
    assessing.add_criteria(duty, ("a", "b"))
    return published(
        duty,
        reporter,
        reviewer,
        status="partly_active",
        covers_from=date(2026, 1, 1),
        findings={"a": FindingFields("shown"), "b": FindingFields("not_shown")},
        evidence=[DATED, REPORT],
        external_ref="register/7",
    )


@pytest.fixture
def correct(original, signed_in, reporter):
    """`correct(…)` submits a correction of the original by its form, with these fields changed."""

    def correct(**changed):
        client, address = (
            signed_in(reporter),
            f"{log_of(original.commitment)}?corrects={original.pk}",
        )
        sent = shown(client.get(address)) | {"submit": 1} | changed
        assert client.post(address, sent).url == "/admin/"
        return original.corrections.get()

    return correct


@pytest.mark.long
def test_a_correction_that_changes_nothing_says_so(correct, reviewer, signed_in):
    assert differences(signed_in(reviewer), correct()).endswith(SAME)


@pytest.mark.long
@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (
            {"evidence-0-source": "independent"},
            "Source “Resolution 1”, source type Formally adopted record → Third-party source",
        ),
        (
            {"evidence-0-kind": "report"},
            "Source “Resolution 1”, kind Resolution → Report",
        ),
        (
            {"evidence-0-dated_on": "2026-05-03"},
            "Source “Resolution 1”, source date 2 May 2026 → 3 May 2026",
        ),
        ({"evidence-0-language": "de"}, "Source “Resolution 1”, source language French → German"),
        (
            {"evidence-0-url": "https://example.org/resolution/1"},
            "link https://example.org/resolution → https://example.org/resolution/1",
        ),
        ({"when": "2026-06-30"}, "Date 1 July 2026 → 30 June 2026"),
        ({"when": "2026-06"}, "Date 1 July 2026 → June 2026"),
        ({"event_type": "statement"}, "Event type Took part → Said"),
        ({"findings_b": "in_part"}, "Criterion b Not shown → In part"),
    ],
)
def test_a_correction_of_one_thing_shows_just_that(changed, words, correct, reviewer, signed_in):
    found = differences(signed_in(reviewer), correct(**changed))
    assert found.endswith(words)
    assert found.count("→") == 1


@pytest.mark.long
def test_assessments_are_compared_by_what_they_find_and_not_by_their_sources(
    original, duty, reporter, reviewer, signed_in
):
    found = {"a": FindingFields("shown"), "b": FindingFields("shown")}
    update = submitted(
        duty, reporter, status="active", findings=found, evidence=[STATEMENT, REPORT]
    )
    text = differences(signed_in(reviewer), update)
    for words in ("Assessed status Partly active → Active", "Criterion b Not shown → Shown"):
        assert words in text
    for words in ("Criterion a", "Source", "External reference"):
        assert words not in text


LONG = (
    "The delegation attended four sessions of the working group and put in two papers on capacity.",
    "Ein neues Abkommen regelt seit Mai den Austausch von Beweismitteln zwischen beiden Staaten.",
)


@pytest.mark.long
def test_wordings_that_share_little_are_shown_one_after_the_other(
    duty, reporter, reviewer, signed_in
):
    first = published(duty, reporter, reviewer, summary=en_zh(LONG[0]))
    update = submitted(duty, reporter, corrects=first, summary=en_zh(LONG[1]))
    page = signed_in(reviewer).get(f"/admin/review/{update.pk}/").text
    assert f'<del class="apart"><b lang="en" dir="ltr">Before:</b> {LONG[0]}</del>' in page
    assert f'<ins class="apart"><b lang="en" dir="ltr">Now:</b> {LONG[1]}</ins>' in page


def test_a_reviewer_sees_kind_date_and_language_of_a_source(duty, reporter, reviewer, signed_in):
    update = submitted(duty, reporter, evidence=[DATED])
    page = " ".join(signed_in(reviewer).get(f"/admin/review/{update.pk}/").text.split())
    words = "· Resolution · Formally adopted record · 2 May 2026 · French"
    assert words in page


@pytest.mark.long
def test_a_correction_names_what_it_corrects_by_code_and_date(
    correct, original, reviewer, signed_in
):
    update, client = correct(), signed_in(reviewer)
    name = "PLAN-1.1 of 1 July 2026"
    review = " ".join(client.get(f"/admin/review/{update.pk}/").text.split())
    assert f'<dt>Corrects</dt> <dd><a href="{page_of(original)}">{name}</a></dd>' in review
    assert f'<a href="{page_of(update)}">{name}</a>' in " ".join(
        client.get(page_of(original)).text.split()
    )


def test_all_fields_of_a_source_are_compared():
    assert PIECE_IN_WORDS.keys() == {*EVIDENCE_FIELDS, "file"}


@pytest.mark.long
@pytest.mark.parametrize("keys", ["ab", "abcdef"])
def test_the_comparison_costs_the_same_queries_for_few_and_for_many(
    keys, duty, reporter, reviewer, signed_in, django_assert_num_queries
):
    assessing.add_criteria(duty, tuple(keys))
    found = {key: FindingFields("shown") for key in keys}
    pieces = [REPORT | {"citation": f"Report {key}."} for key in keys]
    given = {"status": "active", "findings": found, "evidence": pieces}
    first = published(duty, reporter, reviewer, **given)
    update = submitted(duty, reporter, corrects=first, **given)
    client = signed_in(reviewer)
    with django_assert_num_queries(QUERIES):
        client.get(f"/admin/review/{update.pk}/")
