"""The dump: everything public in one file, from which copies start."""

from __future__ import annotations

from functools import partial

from django.http import FileResponse, HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.views import APIView

from commitments.api.byte_ranges import file_response
from commitments.api.conditional_get import REVALIDATED
from commitments.api.operations import PUBLIC_FILE, operation
from commitments.api.strict import StrictQuery
from commitments.api.views_evidence import DOWNLOAD_HEADERS
from commitments.files.storage import evidence_storage
from commitments.models import Dump

GZIP_TYPE = "application/gzip"


class DumpView(StrictQuery, APIView):
    """Download everything public as one file, or a range of its bytes: JSON Lines, compressed with
    gzip. The first line is the manifest, with the ledger link up to which it reaches and the
    `cursor` from which `changes/` continues it. It is made each day, and anew after a withdrawal
    or an erasure: until then the response is 404. Its ETag is its SHA-256."""

    formats = ()

    @operation("dump", PUBLIC_FILE, OpenApiTypes.BINARY, media_type=GZIP_TYPE)
    def get(self, request: Request) -> HttpResponse | FileResponse:
        dump = Dump.objects.still_public().select_related("head").last()
        if dump is None:
            raise _not_ready()
        headers = {**DOWNLOAD_HEADERS, **REVALIDATED, "ETag": f'"{dump.sha256}"'}
        name = f"dump-{dump.head.seq}.jsonl.gz"
        opened = partial(evidence_storage().open, dump.file)
        try:
            return file_response(request, opened, headers, name=name, media_type=GZIP_TYPE)
        except FileNotFoundError as error:
            # After a restore from a backup, the row may exist without its file.
            raise _not_ready() from error


def _not_ready() -> NotFound:
    return NotFound(
        _("No dump is ready; one is made within the hour. Meanwhile start from “changes/”.")
    )
