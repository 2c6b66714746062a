"""Steps of tests. Each goes through the workflow, as the interfaces do."""

from datetime import UTC, date, datetime

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone

from commitments import workflow
from commitments.access import tokens
from commitments.choices import Action, DatePrecision, Kind
from commitments.clocks import days_before, local_day, period_end
from commitments.curation.recording import ChangeReason, record_edits, record_plan
from commitments.ledger import Part
from commitments.models import ProgressUpdate
from commitments.texts.text import Text
from commitments.workflow import FindingFields
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
    """Create a draft on a commitment, by default effective on the day it is written.

    It is an event, unless `event_type` is None; a status makes it an assessment too, which then
    rests on itself. An assessment without evidence is no event.
    """
    evidence = [with_texts(piece) for piece in evidence]
    fields = {
        "effective_on": TODAY,
        "event_type": "participation" if evidence or not fields.get("status") else None,
        "summary": en_zh("A meeting was held.", "会议召开。"),
    } | fields
    if fields.get("status") and commitment.kind == Kind.STANDING:
        fields = {"covers_from": a_period_before(fields, commitment.plan, at)} | fields
    if fields.get("status"):
        fields = {"findings": findings_for(commitment, fields["status"])} | fields
    return _forgetful(workflow.create_draft(commitment, by=by, at=at, evidence=evidence, **fields))


def _forgetful(update):
    """Return an update without the rows that the workflow has cached on it, so that tests read them
    anew."""
    vars(update).pop("_prefetched_objects_cache", None)
    return update


def findings_for(commitment, status):
    """Return findings from which a status follows: the first criterion decides, or all."""
    keys = list(commitment.criteria.known(None).in_order().values_list("key", flat=True))
    results = dict.fromkeys(keys, "not_shown")
    if status in ("active", "completed"):
        results = dict.fromkeys(keys, "shown")
    elif status == "substantial":
        results |= dict.fromkeys(keys[:-1], "shown")
    elif keys and status in ("partly_active", "started"):
        results[keys[0]] = "shown"
    elif keys and status == "contrary":
        results[keys[0]] = "against"
    return {key: FindingFields(result) for key, result in results.items()}


def a_period_before(fields, plan, at):
    """Return the day one review interval before the end of an assessment's date, but not before
    the plan."""
    today = local_day(at, plan.time_zone)
    precision = fields.get("date_precision", DatePrecision.DAY)
    last = period_end(fields["effective_on"], precision, today)
    first = days_before(last, plan.review_interval_days)
    return min(last, max(first, plan.adopted_on or first))


@transaction.atomic
def record_loaded(plan, at=NOW):
    """Record the rows of a plan that factories made, as loading them from a file does."""
    return record_plan(Action.LOAD, plan, ChangeReason(None, at))


def edited(row, by, at=NOW, reason="As agreed."):
    """Save a row and record the edit, as the admin does; return the decision."""
    with transaction.atomic():
        row.save()
        [decision] = record_edits([row], ChangeReason(by, at, reason))
    return decision


def confirmed_time(by, at, reason="The clock was wrong."):
    """Confirm a time that the ledger would refuse; return the decision."""
    return workflow.confirm_time(by=by, at=at, reason=reason)


def asked_to_erase(target, parts, by, at=NOW, reason="By order of the court."):
    """Ask that parts, written as `ledger.Part` does, be erased; return the request."""
    named = [Part.from_text(part) for part in parts]
    target = type(target).objects.get(pk=target.pk)
    return workflow.request_erasure(target, named, by=by, at=at, reason=reason)


def erased(target, parts, by, confirmed_by, at=NOW, reason="By order of the court."):
    """Erase parts of a row, as asked for by one person and confirmed by another; return the
    decision."""
    request = asked_to_erase(target, parts, by, at, reason)
    return workflow.confirm_erasure(request, by=confirmed_by, at=at)


def perform(update, action, by, at=NOW, **details):
    """Perform an action on the current revision of an update."""
    expected_revision = ProgressUpdate.objects.values_list("revision", flat=True).get(pk=update.pk)
    return _forgetful(
        workflow.perform(
            update, action, by=by, at=at, expected_revision=expected_revision, **details
        )
    )


def submitted(commitment, author, at=NOW, **fields):
    return perform(draft(commitment, author, at, **fields), Action.SUBMIT, author, at)


def published(commitment, author, reviewer, at=NOW, **fields):
    return perform(submitted(commitment, author, at, **fields), Action.PUBLISH, reviewer, at)


def token(user, scopes=tokens.ALL_SCOPES, **limits):
    """Return the text of a new access token, for an Authorization header; it may be used for
    everything, unless scopes or plans are given."""
    name = "A program of the tests"
    now = timezone.now()
    token, text = tokens.issue_token(user, name, at=now, scopes=scopes, **limits)
    # Note a use now, so that later reads with the token write nothing.
    tokens.note_use(token, now)
    return text


def returned(commitment, author, reviewer, at=NOW, **fields):
    update = submitted(commitment, author, at, **fields)
    return perform(update, Action.RETURN, reviewer, at, note="Name the meeting.")


def retracted(commitment, author, reviewer, at=NOW, **fields):
    update = published(commitment, author, reviewer, at, **fields)
    return perform(update, Action.RETRACT, reviewer, at, note="The source was withdrawn.")


def rated(update, by, findings=None, status=None, at=NOW):
    """Rate an assessment: `findings` as an author gives them."""
    return perform(update, Action.RATE, by, at, findings=findings or {}, status=status)
