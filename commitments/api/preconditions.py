"""The ETag of an update, which is its revision, and the precondition `If-Match`."""

from __future__ import annotations

import re

from django.utils.http import parse_etags
from django.utils.translation import gettext as _
from rest_framework.request import Request

from commitments.api.refusals import PreconditionRequired
from commitments.exceptions import StaleRevision
from commitments.models import ProgressUpdate

# A compressing proxy may weaken the tag (`W/`). In the tag of a public response, the part after the
# revision is ignored here.
_TAG = re.compile(r'(?:W/)?"(\d{1,9})(?:\.[0-9a-f]+)?"\Z', re.ASCII)


def etag(update: ProgressUpdate) -> str:
    return f'"{update.revision}"'


def require_if_match(request: Request, update: ProgressUpdate) -> int:
    """Return the revision given in `If-Match`; of several tags, the one of the current revision if
    it is among them. Raise PreconditionRequired if there is none (`*` matches any revision, so it
    does not count), and StaleRevision if none is an ETag of an update."""
    given = request.headers.get("If-Match", "").strip()
    if given in ("", "*"):
        raise PreconditionRequired(
            _("If-Match must give the ETag of the update as you last read it.")
        )
    matches = [_TAG.match(tag) for tag in parse_etags(given)]
    revisions = [int(match[1]) for match in matches if match]
    if not revisions:
        raise StaleRevision(_("If-Match does not give an ETag of this update."))
    return update.revision if update.revision in revisions else revisions[0]
