"""The ETag of an update, which is its revision, and the precondition `If-Match`."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _
from rest_framework.request import Request

from commitments.api.problems import PreconditionRequired
from commitments.exceptions import StaleRevision
from commitments.models import ProgressUpdate

# A compressing proxy may weaken the tag.
_TAG = re.compile(r'^(?:W/)?"(\d{1,9})"$')


def etag(update: ProgressUpdate) -> str:
    return f'"{update.revision}"'


def require_if_match(request: Request) -> int:
    """Return the revision given in `If-Match`. Raise PreconditionRequired if there is none (`*`
    matches any revision, so it does not count), and StaleRevision if it is not an ETag of an
    update."""
    given = request.headers.get("If-Match", "").strip()
    if given in ("", "*"):
        raise PreconditionRequired(
            _("If-Match must give the ETag of the update as you last read it.")
        )
    match = _TAG.match(given)
    if match is None:
        raise StaleRevision(_("If-Match does not give an ETag of this update."))
    return int(match[1])
