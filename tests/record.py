"""A plan with a record behind it that has something of everything the ledger speaks of."""

import hashlib
from copy import deepcopy
from datetime import timedelta
from functools import cache
from types import SimpleNamespace

from django.core.files.base import ContentFile

from commitments import planfile, planload
from commitments.bilingual import Text
from commitments.choices import Action
from commitments.models import Commitment, Evidence, ProgressUpdate
from tests.steps import (
    INTERNAL,
    NOW,
    REPORT,
    RESOLUTION,
    STATEMENT,
    act,
    draft,
    published,
    retracted,
    returned,
)

HOUR = timedelta(hours=1)
MINUTES = b"%PDF-1.7 minutes of a meeting"
ARCHIVED = "https://archive.example.org/statement"


NUMBERS = ("1.1", "3.2", "7.6", "9.1")


def small_iscc():
    """The shipped plan with four of its commitments, which is enough and soon loaded."""
    document = deepcopy(_iscc())
    document["commitments"] = [
        item for item in document["commitments"] if item["number"] in NUMBERS
    ]
    return document


@cache
def _iscc():
    return planfile.read("fixtures/iscc/plan.yaml")


def amend_text(number, en, curator, at=NOW):
    """Another English wording of one commitment."""
    document = small_iscc()
    item = next(item for item in document["commitments"] if item["number"] == number)
    # The Chinese wording as it is, and no quotes: they are those of the file's English.
    item["text"] = {"en": en, "zh": item["text"]["zh"]}
    for forum in item["forums"]:
        forum["quote"] = {"en": ""} | {"zh": forum["quote"]["zh"]}
    return planload.amend(document, reason=f"Misprint in {number}.", by=curator, at=at)


def attach(update, content=MINUTES, **fields):
    """A file as evidence."""
    return Evidence.objects.create(
        update=update,
        title="Minutes",
        kind="meeting_record",
        source="official",
        file=ContentFile(content, name="minutes.pdf"),
        file_name="minutes.pdf",
        file_size=len(content),
        file_sha256=hashlib.sha256(content).hexdigest(),
        file_type="application/pdf",
        **fields,
    )


def play(reporter, reviewer, curator):
    """Updates by what became of them; the plan is ISCC, amended twice in 9.1."""
    planload.load(small_iscc(), at=NOW)
    duty = Commitment.objects.get(plan__code="ISCC", number="9.1")
    other = Commitment.objects.get(plan__code="ISCC", number="3.2")
    deliverable = Commitment.objects.get(plan__code="ISCC", number="7.6")

    superseded = draft(
        duty, reporter, status="partly_active", evidence=[STATEMENT, REPORT, INTERNAL]
    )
    attach(superseded)
    act(superseded, Action.SUBMIT, reporter)
    act(superseded, Action.PUBLISH, reviewer, NOW + HOUR, note="Thank you.")
    link = superseded.evidence.exclude(url="").get()
    archive = {"evidence": link.pk, "archived_url": ARCHIVED}
    act(superseded, Action.ARCHIVE, reviewer, NOW + 2 * HOUR, note="A copy.", **archive)
    correction = published(
        duty,
        reporter,
        reviewer,
        NOW + 3 * HOUR,
        status="active",
        corrects=ProgressUpdate.objects.get(pk=superseded.pk),
        summary=Text("Two meetings were held.", "会议召开了两次。"),
    )
    amend_text("9.1", "The first other wording.", curator, NOW + 4 * HOUR)
    amend_text("9.1", "The second other wording.", curator, NOW + 5 * HOUR)
    later = NOW + 6 * HOUR
    waiting = draft(other, reporter, later, evidence=[])
    attach(waiting, b"%PDF-1.7 other minutes", public=False)
    act(waiting, Action.SUBMIT, reporter, later, note="Please.")
    discarded = draft(other, reporter, later)
    act(discarded, Action.DISCARD, curator, later)
    back = returned(other, reporter, reviewer, later)
    writing = draft(other, reporter, later)
    gone = retracted(other, reporter, reviewer, later, status="active", evidence=[RESOLUTION])
    plain = published(deliverable, reporter, reviewer, later, evidence=[STATEMENT])
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
