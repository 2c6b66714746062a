"""The ETag of an update, which is its revision, and the precondition `If-Match`."""

from __future__ import annotations

from django.utils.http import parse_etags
from django.utils.translation import gettext as _
from rest_framework.request import Request

from commitments.api.refusals import PreconditionRequired
from commitments.exceptions import StaleRevision
from commitments.models import ProgressUpdate

MAX_REVISION_DIGITS = 10


def etag(update: ProgressUpdate) -> str:
    return f'"{update.revision}"'


def require_if_match(request: Request, update: ProgressUpdate) -> int:
    """Return the revision given in `If-Match`; of several tags that of the update as it is, if it
    is among them. Raise PreconditionRequired if there is none (`*` matches any revision, so it does
    not count), and StaleRevision if none is an ETag of an update."""
    given = request.headers.get("If-Match", "").strip()
    if given in ("", "*"):
        raise PreconditionRequired(
            _("If-Match must give the ETag of the update as you last read it.")
        )
    # A compressing proxy may weaken the tag.
    tags = [tag.removeprefix("W/") for tag in parse_etags(given)]
    if etag(update) in tags:
        return update.revision
    revisions = [int(tag.strip('"')) for tag in tags if _is_revision(tag.strip('"'))]
    if not revisions:
        raise StaleRevision(_("If-Match does not give an ETag of this update."))
    return revisions[0]


def _is_revision(tag: str) -> bool:
    return tag.isascii() and tag.isdigit() and len(tag) < MAX_REVISION_DIGITS
