"""Steps that tests are told in: each goes through the workflow, as everyone must."""

from datetime import UTC, date, datetime

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from commitments import tokens, workflow
from commitments.bilingual import Text
from commitments.choices import Action
from commitments.drafts import EvidenceChanges
from commitments.models import ProgressUpdate
from tests.files import SAMPLES

NOW = datetime(2026, 7, 1, 4, 0, tzinfo=UTC)
TODAY = date(2026, 7, 1)

STATEMENT = {
    "title": "Statement by the ministry",
    "publisher": "The ministry",
    "url": "https://example.org/statement",
    "kind": "statement",
    "source": "statement",
}
RESOLUTION = {
    "title": "Resolution 1",
    "publisher": "The assembly",
    "url": "https://example.org/resolution",
    "kind": "resolution",
    "source": "official",
}
REPORT = {
    "title": "Report of an institute",
    "publisher": "The institute",
    "citation": "The institute, Report 7, 2026.",
    "kind": "report",
    "source": "independent",
}
INTERNAL = {**REPORT, "title": "Internal minutes", "citation": "Minutes 3/2026", "public": False}


def upload(name="minutes.pdf", content=None):
    """A file as a form brings it."""
    return SimpleUploadedFile(name, SAMPLES[name] if content is None else content)


def filed(name="minutes.pdf", content=None, **facts):
    """A new piece of evidence that is a file."""
    said = {"title": "Minutes", "kind": "meeting_record", "source": "independent"}
    return {**said, "file": upload(name, content), **facts}


def draft(commitment, by, at=NOW, evidence=(REPORT,), **fields):
    """A draft on a commitment, by default effective on the day it is written."""
    fields = {"effective_on": TODAY, "summary": Text("A meeting was held.", "会议召开。")} | fields
    return workflow.write(
        ProgressUpdate(commitment=commitment),
        by=by,
        at=at,
        evidence=EvidenceChanges(add=evidence),
        **fields,
    )


def act(update, action, by, at=NOW, **details):
    """One act, by somebody who was shown the update as it is now."""
    seen = ProgressUpdate.objects.get(pk=update.pk).revision
    return workflow.perform(update, action, by=by, at=at, seen=seen, **details)


def submitted(commitment, author, at=NOW, **fields):
    return act(draft(commitment, author, at, **fields), Action.SUBMIT, author, at)


def published(commitment, author, reviewer, at=NOW, **fields):
    return act(submitted(commitment, author, at, **fields), Action.PUBLISH, reviewer, at)


def token(user):
    """The text of an access token, for an Authorization header."""
    _token, text = tokens.issue(user, "A program of the tests", at=timezone.now())
    return text


def returned(commitment, author, reviewer, at=NOW, **fields):
    update = submitted(commitment, author, at, **fields)
    return act(update, Action.RETURN, reviewer, at, note="Name the meeting.")


def retracted(commitment, author, reviewer, at=NOW, **fields):
    update = published(commitment, author, reviewer, at, **fields)
    return act(update, Action.RETRACT, reviewer, at, note="The source was withdrawn.")
