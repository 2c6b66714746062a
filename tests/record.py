"""A plan with updates in every state and every kind of decision in its ledger."""

import hashlib
from copy import deepcopy
from datetime import timedelta
from functools import cache
from types import SimpleNamespace

from django.core.files.base import ContentFile

from commitments.choices import Action
from commitments.importing import plan_file, plan_load
from commitments.models import Commitment, Evidence, Forum, ProgressUpdate
from tests.steps import (
    INTERNAL,
    NOW,
    REPORT,
    RESOLUTION,
    STATEMENT,
    draft,
    edited,
    perform,
    published,
    retracted,
    returned,
)
from tests.words import en_zh

HOUR = timedelta(hours=1)
# The time of the latest entry of the record.
LATER = NOW + 6 * HOUR
MINUTES = b"%PDF-1.7 minutes of a meeting"
ARCHIVED = "https://archive.example.org/statement"
# The numbers of the commitments that `small_iscc` keeps.
NUMBERS = ("1.1", "3.2", "7.6", "9.1")


def small_iscc():
    """Return the document of the shipped plan with four of its commitments, which loads faster.

    9.1, whose wording is amended, has no criteria: they quote the wording.
    """
    document = deepcopy(_iscc())
    document["commitments"] = [
        item for item in document["commitments"] if item["number"] in NUMBERS
    ]
    del document["commitments"][-1]["criteria"]
    return document


@cache
def _iscc():
    return plan_file.read_plan_file("fixtures/iscc/plan.yaml").value


def amend_text(number, en, curator, at=LATER):
    """Amend the English wording of one commitment."""
    document = small_iscc()
    item = next(item for item in document["commitments"] if item["number"] == number)
    # Without English quotes of forums, which must occur in the English wording.
    item["text"] = {"en": en, "zh": item["text"]["zh"]}
    for forum in item["forums"]:
        forum["quote"] = {"en": ""} | {"zh": forum["quote"]["zh"]}
    plan_load.amend_plan(document, reason=f"Misprint in {number}.", by=curator, at=at)


def rename_forum(code, name, curator, at=LATER):
    """Edit the English name of a forum."""
    forum = Forum.objects.get(code=code)
    forum.name = en_zh(name, forum.name["zh"])
    return edited(forum, curator, at, "As it is called now.")


def attach(update, content=MINUTES, **fields):
    """Create a piece of evidence that is a file."""
    return Evidence.objects.create(
        update=update,
        title=en_zh("Minutes"),
        kind="meeting_record",
        source="official",
        file=ContentFile(content, name="minutes.pdf"),
        file_name="minutes.pdf",
        file_size=len(content),
        file_sha256=hashlib.sha256(content).hexdigest(),
        file_type="application/pdf",
        **fields,
    )


def create_record(reporter, reviewer, curator):
    """Load the plan ISCC, amend 9.1 twice, edit a forum, and return one update by each state that
    it can be in, with two of the commitments."""
    plan_load.load_plan(small_iscc(), at=NOW)
    duty = Commitment.objects.get(plan__code="ISCC", number="9.1")
    other = Commitment.objects.get(plan__code="ISCC", number="3.2")
    deliverable = Commitment.objects.get(plan__code="ISCC", number="7.6")

    superseded, correction = _create_corrected_update(duty, reporter, reviewer)
    amend_text("9.1", "The first other wording.", curator, NOW + 4 * HOUR)
    amend_text("9.1", "The second other wording.", curator, NOW + 5 * HOUR)
    rename_forum("WIC", "World Internet Conference", curator, NOW + 5 * HOUR)
    waiting = draft(other, reporter, LATER, evidence=[])
    attach(waiting, b"%PDF-1.7 other minutes", public=False)
    perform(waiting, Action.SUBMIT, reporter, LATER, note="Please.")
    discarded = draft(other, reporter, LATER)
    perform(discarded, Action.DISCARD, curator, LATER)
    back = returned(other, reporter, reviewer, LATER)
    writing = draft(other, reporter, LATER)
    gone = retracted(other, reporter, reviewer, LATER, status="active", evidence=[RESOLUTION])
    plain = published(deliverable, reporter, reviewer, LATER, evidence=[STATEMENT])
    return SimpleNamespace(
        superseded=superseded,
        correction=correction,
        submitted=waiting,
        discarded=discarded,
        returned=back,
        draft=writing,
        retracted=gone,
        published=plain,
        duty=duty,
        other=other,
    )


def _create_corrected_update(duty, reporter, reviewer):
    """Return a published update with an archived address, and its correction."""
    superseded = draft(
        duty, reporter, status="partly_active", evidence=[STATEMENT, REPORT, INTERNAL]
    )
    attach(superseded)
    perform(superseded, Action.SUBMIT, reporter)
    perform(superseded, Action.PUBLISH, reviewer, NOW + HOUR, note="Thank you.")
    link = superseded.evidence.exclude(url="").get()
    archive = {"evidence": link.pk, "archived_url": ARCHIVED}
    perform(superseded, Action.ARCHIVE, reviewer, NOW + 2 * HOUR, note="A copy.", **archive)
    correction = published(
        duty,
        reporter,
        reviewer,
        NOW + 3 * HOUR,
        status="active",
        corrects=ProgressUpdate.objects.get(pk=superseded.pk),
        summary=en_zh("Two meetings were held.", "会议召开了两次。"),
    )
    return superseded, correction
