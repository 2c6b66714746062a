"""Evidence in PDF, shown in a frame beside what it is evidence of."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.decorators import method_decorator
from django.views.decorators.clickjacking import xframe_options_sameorigin

from commitments.admin.workbench.base import StaffPage
from commitments.files.file_types import PDF
from commitments.models import Evidence

# Anything but a PDF is downloaded. `nosniff` keeps a browser from taking it for a page; its viewer
# does not work in a sandbox, and is one itself.
PREVIEW_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; "
    "frame-ancestors 'self'",
    "Cache-Control": "private, no-store",
}


@method_decorator(xframe_options_sameorigin, name="dispatch")
class PreviewPage(StaffPage):
    """The file of a piece of evidence, if it is a PDF that this person may see."""

    http_method_names = ["get"]

    def get(  # type: ignore[override]  # a file is no page, and is streamed
        self, request: HttpRequest, *args: object, **kwargs: object
    ) -> FileResponse:
        items = Evidence.objects.visible_to(self.user).filter(file_type=PDF.media_type)
        item = get_object_or_404(items, pk=self.kwargs["pk"])
        if not item.file:
            raise Http404
        try:
            stream = item.file.open("rb")
        except FileNotFoundError as error:
            raise Http404 from error
        return FileResponse(
            stream, filename=item.file_name, content_type=PDF.media_type, headers=PREVIEW_HEADERS
        )
