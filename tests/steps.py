"""Steps of tests. Each goes through the workflow, as the interfaces do."""

from datetime import UTC, date, datetime

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from commitments import workflow
from commitments.access import tokens
from commitments.choices import Action
from commitments.models import ProgressUpdate
from commitments.texts.text import Text
from tests.files.sample_files import SAMPLES
from tests.words import en_zh

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


def with_texts(piece):
    """Return the fields of a piece of evidence with its title and its publisher as texts."""
    names = {name: piece[name] for name in ("title", "publisher") if name in piece}
    return piece | {
        name: Text({"und": words}) if isinstance(words, str) else words
        for name, words in names.items()
    }


def upload(name="minutes.pdf", content=None):
    """Return an uploaded file."""
    return SimpleUploadedFile(name, SAMPLES[name] if content is None else content)


def file_evidence(name="minutes.pdf", content=None, **fields):
    """Return the fields of a new piece of evidence that is a file."""
    defaults = {"title": "Minutes", "kind": "meeting_record", "source": "independent"}
    return with_texts({**defaults, "file": upload(name, content), **fields})


def draft(commitment, by, at=NOW, evidence=(REPORT,), **fields):
    """Create a draft on a commitment, by default effective on the day it is written."""
    evidence = [with_texts(piece) for piece in evidence]
    fields = {"effective_on": TODAY, "summary": en_zh("A meeting was held.", "会议召开。")} | fields
    return workflow.create_draft(commitment, by=by, at=at, evidence=evidence, **fields)


def perform(update, action, by, at=NOW, **details):
    """Perform an action on the current revision of an update."""
    expected_revision = ProgressUpdate.objects.get(pk=update.pk).revision
    return workflow.perform(
        update, action, by=by, at=at, expected_revision=expected_revision, **details
    )


def submitted(commitment, author, at=NOW, **fields):
    return perform(draft(commitment, author, at, **fields), Action.SUBMIT, author, at)


def published(commitment, author, reviewer, at=NOW, **fields):
    return perform(submitted(commitment, author, at, **fields), Action.PUBLISH, reviewer, at)


def token(user):
    """Return the text of a new access token, for an Authorization header."""
    _token, text = tokens.issue_token(user, "A program of the tests", at=timezone.now())
    return text


def returned(commitment, author, reviewer, at=NOW, **fields):
    update = submitted(commitment, author, at, **fields)
    return perform(update, Action.RETURN, reviewer, at, note="Name the meeting.")


def retracted(commitment, author, reviewer, at=NOW, **fields):
    update = published(commitment, author, reviewer, at, **fields)
    return perform(update, Action.RETRACT, reviewer, at, note="The source was withdrawn.")
