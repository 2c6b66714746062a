"""A reviewer who sees an update again sees what has changed since it was returned."""

import re
from datetime import date

import pytest
from django.db.models import CharField

from commitments import ledger, workflow
from commitments.admin.workbench.comparison import COMPARED_TEXTS, IN_WORDS, SHOWN_OTHERWISE
from commitments.choices import Action
from commitments.models import ProgressUpdate, ReturnedContent
from commitments.workflow import EvidenceChanges, FindingFields
from tests.factories import CriterionFactory
from tests.steps import NOW, RESOLUTION, draft, perform, returned, submitted, with_texts
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]


@pytest.fixture
def sent_back(duty, reporter, reviewer):
    return returned(duty, reporter, reviewer)


def changed(client, update):
    """Return the section of the review, as text without marks; "" if there is none."""
    page = " ".join(client.get(f"/admin/review/{update.pk}/").text.split())
    found = re.search(r'<section class="card since-return">(.*?)</section>', page)
    return " ".join(re.sub("<[^>]+>", " ", found[1]).split()) if found else ""


def test_the_first_review_compares_with_nothing(duty, reporter, reviewer, signed_in):
    assert changed(signed_in(reviewer), submitted(duty, reporter)) == ""


def test_what_was_submitted_again_as_it_was_is_said(sent_back, reporter, reviewer, signed_in):
    perform(sent_back, Action.SUBMIT, reporter)
    assert changed(signed_in(reviewer), sent_back) == (
        "Changed since it was returned on 1 July 2026, 12:00 UTC+08:00 Resubmitted without changes."
    )


def test_every_field_that_differs_is_shown(sent_back, duty, forum, reporter, reviewer, signed_in):
    CriterionFactory(commitment=duty)
    [piece] = sent_back.evidence.values_list("pk", flat=True)
    workflow.edit_draft(
        sent_back,
        by=reporter,
        at=NOW,
        summary=en_zh("A second meeting was held.", "会议召开。"),
        effective_on=date(2026, 6, 1),
        date_precision="month",
        event_type="statement",
        forums=[forum],
        criteria=["a"],
        external_ref="A/1",
        evidence=EvidenceChanges(
            add=[with_texts(RESOLUTION)], change={piece: {"title": en_zh("Report 7")}}
        ),
    )
    perform(sent_back, Action.SUBMIT, reporter)
    text = changed(signed_in(reviewer), sent_back)
    for words in (
        "Summary A second meeting was held.",
        "Event type Took part → Said",
        "Date 1 July 2026 → June 2026",
        "Partner forums FORUM",
        "External reference A/1",
        "Report 7",
        "Resolution 1",
    ):
        assert words in text, text
    assert "会议召开" not in text


def test_findings_and_what_an_assessment_rests_on_are_shown(duty, reporter, reviewer, signed_in):
    for key in "ab":
        CriterionFactory(commitment=duty, key=key, position=ord(key))
    update = returned(duty, reporter, reviewer, status="active")
    workflow.edit_draft(
        update,
        by=reporter,
        at=NOW,
        status="partly_active",
        findings={"a": FindingFields("shown"), "b": FindingFields("not_shown")},
    )
    perform(update, Action.SUBMIT, reporter)
    text = changed(signed_in(reviewer), update)
    assert "Assessed status Active → Partly active" in text
    assert "Criterion b Shown → Not shown" in text
    assert "Criterion a" not in text


def test_internal_evidence_that_changed_is_shown_too(sent_back, reporter, reviewer, signed_in):
    internal = with_texts(RESOLUTION) | {"public": False}
    changes = EvidenceChanges(add=[internal])
    workflow.edit_draft(sent_back, by=reporter, at=NOW, evidence=changes)
    perform(sent_back, Action.SUBMIT, reporter)
    assert "internal" in changed(signed_in(reviewer), sent_back)


def test_the_last_return_counts_and_nothing_is_kept_of_what_is_public_or_discarded(
    sent_back, duty, reporter, reviewer
):
    workflow.edit_draft(sent_back, by=reporter, at=NOW, summary=en_zh("Second."))
    perform(sent_back, Action.SUBMIT, reporter)
    perform(sent_back, Action.RETURN, reviewer, note="Once more.")
    [kept] = ReturnedContent.objects.all()
    assert kept.content["summary"]["en"] == "Second."
    perform(sent_back, Action.SUBMIT, reporter)
    perform(sent_back, Action.PUBLISH, reviewer)
    assert not ReturnedContent.objects.exists()
    perform(returned(duty, reporter, reviewer), Action.DISCARD, reporter)
    assert not ReturnedContent.objects.exists()


def test_all_fields_but_plain_lines_of_text_have_words_of_their_own(duty, reporter):
    described = {*IN_WORDS, *COMPARED_TEXTS, *SHOWN_OTHERWISE, "findings"}
    for name in ledger.full_content(draft(duty, reporter)).keys() - described:
        column = ProgressUpdate._meta.get_field(name)
        assert (type(column), column.choices) == (CharField, None), name


def test_a_field_that_came_after_the_return_is_shown_as_new(
    sent_back, reporter, reviewer, signed_in
):
    kept = ReturnedContent.objects.get(update=sent_back)
    del kept.content["event_type"]
    del kept.content["evidence"][0]["url"]
    kept.save()
    perform(sent_back, Action.SUBMIT, reporter)
    text = changed(signed_in(reviewer), sent_back)
    assert text.endswith("Event type Took part")
