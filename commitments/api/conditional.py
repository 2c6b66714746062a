"""An update's ETag is its revision, for `If-Match` alone: who changes something says which
revision they were shown."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _
from rest_framework.request import Request

from commitments.api.problems import PreconditionRequired
from commitments.exceptions import StaleRevision
from commitments.models import ProgressUpdate

# A proxy that compresses may weaken the tag; it names the same revision.
_TAG = re.compile(r'^(?:W/)?"(\d{1,9})"$')


def etag(update: ProgressUpdate) -> str:
    return f'"{update.revision}"'


def seen_revision(request: Request) -> int:
    """The revision named by `If-Match`. Raises PreconditionRequired without one (a `*` says
    nothing of what was seen), StaleRevision if it is no tag of ours."""
    given = request.headers.get("If-Match", "").strip()
    if given in ("", "*"):
        raise PreconditionRequired(
            _("Send If-Match with the ETag of the update as you were shown it.")
        )
    match = _TAG.match(given)
    if match is None:
        raise StaleRevision(_("If-Match is not an ETag of this update."))
    return int(match[1])
