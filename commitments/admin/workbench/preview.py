"""Previews of evidence in the browser: pictures, and PDF in a frame. The files are stored, or
staged until their form is saved."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.clickjacking import xframe_options_sameorigin

from commitments.admin.workbench.base import StaffPage
from commitments.exceptions import FileRefused, StoredFileChanged
from commitments.files import staging, storage
from commitments.files.file_types import PDF, PICTURES
from commitments.models import Evidence

# Anything but a PDF is downloaded. `nosniff` keeps a browser from treating it as a page. There is
# no sandbox directive: the PDF viewer does not work under one, and is itself sandboxed.
PREVIEW_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; "
    "frame-ancestors 'self'",
    "Cache-Control": "private, no-store",
}


@dataclass(frozen=True)
class FilePreview:
    """A file that a browser can show: its name, whether it is a picture, and its address."""

    name: str
    is_picture: bool
    address: str


def stored_preview(item: Evidence) -> FilePreview | None:
    """Return the preview of a stored file, None if a browser cannot show it."""
    if item.file and item.file_type == PDF.media_type:
        return FilePreview(item.file_name, False, reverse("admin:evidence-preview", args=[item.pk]))
    if item.file and item.file_type in {row.media_type for row in PICTURES}:
        return FilePreview(item.file_name, True, reverse("api:evidence-file", args=[item.pk]))
    return None


def staged_preview(token: str, name: str) -> FilePreview | None:
    """Return how to preview a staged file, None if it cannot be previewed. This goes by the name;
    the view that sends the file checks the content."""
    extension = PurePath(name).suffix.lower()
    for file_type in (PDF, *PICTURES):
        if extension in file_type.extensions:
            address = reverse("admin:staged-preview", args=[token])
            return FilePreview(name, file_type is not PDF, address)
    return None


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
            stream = item.open_file()
        except (FileNotFoundError, StoredFileChanged) as error:
            raise Http404 from error
        return FileResponse(
            stream, filename=item.file_name, content_type=PDF.media_type, headers=PREVIEW_HEADERS
        )


@method_decorator(xframe_options_sameorigin, name="dispatch")
class StagedPreviewPage(StaffPage):
    """A staged PDF or picture of this person; a picture is sent as it would be stored, without
    metadata."""

    http_method_names = ["get"]

    def get(  # type: ignore[override]  # a file is no page, and is streamed
        self, request: HttpRequest, *args: object, **kwargs: object
    ) -> FileResponse:
        upload = staging.staged(self.kwargs["token"], self.user.pk)
        if upload is None:
            raise Http404
        try:
            columns = storage.inspect_upload(upload)
        except FileRefused as error:
            raise Http404 from error
        media_type = columns["file_type"]
        if media_type not in {row.media_type for row in (PDF, *PICTURES)}:
            raise Http404
        file = columns["file"]
        file.seek(0)
        return FileResponse(
            file, filename=columns["file_name"], content_type=media_type, headers=PREVIEW_HEADERS
        )
