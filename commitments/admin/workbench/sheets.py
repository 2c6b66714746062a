"""Pages that accept a sheet: they first show what it would change, then load exactly that."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.core.paginator import Page, Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from commitments.admin.workbench.base import StaffPage
from commitments.exceptions import ImportFileError
from commitments.files import staging
from commitments.form_fields import ReasonField
from commitments.importing.table_file import SheetRow, read_rows

MAX_REASON = 2000
# Lines that say what a sheet would change, or what is wrong with it.
LINES_PER_PAGE = 250


class SheetPage(StaffPage):
    """A page with a form for a file, `sheet`, or rows that are `pasted`. The sheet waits under a
    token, `staged`, between preview and loading; `look` is the page number in a long preview."""

    @property
    def address(self) -> str:
        """The address to redirect to if no sheet was given, or after one was loaded."""
        return self.request.path

    def show_sheet(self, upload: staging.StagedUpload, token: str, rows: Sequence[SheetRow]) -> Any:
        """Return the response to a sheet that was read."""
        raise NotImplementedError

    @property
    def was_shown(self) -> bool:
        """Whether the form was submitted from the preview of a sheet."""
        return not {"load", "look"}.isdisjoint(self.request.POST)

    def take_sheet(self) -> HttpResponse:
        """Answer a form with a sheet, or with the token of one that was shown."""
        token = self.request.POST.get("staged", "") if self.was_shown else self._stage()
        if not token:
            return HttpResponseRedirect(self.address)
        upload = staging.staged(token, self.user.pk)
        if upload is None:
            return self.refuse(_("The file is no longer there. Choose it again."))
        try:
            rows = read_rows(upload.name or "", io.BytesIO(upload.read()))
            answer: HttpResponse = self.show_sheet(upload, token, rows)
        except ImportFileError as error:
            staging.discard(upload)
            return self.refuse(str(error))
        return answer

    def lines_to_show(self, lines: Sequence[Any], *, from_start: bool) -> Page[Any]:
        """Return the page of the lines that was asked for by its number, `look`, else the first."""
        number = None if from_start else self.request.POST.get("look")
        return Paginator(lines, LINES_PER_PAGE).get_page(number)

    def refuse(self, sentence: str) -> HttpResponse:
        """Say why a sheet was refused; rows that were pasted stay on the page."""
        messages.error(self.request, sentence)
        if not self.pasted:
            return HttpResponseRedirect(self.address)
        return self.render_to_response(self.get_context_data())

    @property
    def pasted(self) -> str:
        """The rows that were pasted."""
        return self.request.POST.get("pasted", "")

    def get_context_data(self, **kwargs: Any) -> dict[str, object]:
        return super().get_context_data(pasted=self.pasted, **kwargs)

    @property
    def reason(self) -> str:
        """The reason that was sent."""
        return self.request.POST.get("reason", "").strip()

    @property
    def reason_problem(self) -> str:
        """Why the reason that was sent cannot be one; "" if it can."""
        required = {"required": _("Give a reason.")}
        try:
            ReasonField(max_length=MAX_REASON, error_messages=required).clean(self.reason)
        except ValidationError as error:
            return " ".join(error.messages)
        return ""

    def _stage(self) -> str:
        """Return a token for the submitted sheet; add a message and return "" if there is none."""
        upload = self._given_sheet()
        token = ""
        if upload is None or not upload.size:
            sentence = _("Choose a file that is not empty, or paste rows from a sheet.")
            messages.error(self.request, sentence)
        else:
            token = staging.stage(upload, self.user.pk)
            if not token:
                messages.error(self.request, _("The file is too large."))
        return token

    def _given_sheet(self) -> UploadedFile[Any] | None:
        """Return the file that was chosen, or rows that were pasted as one."""
        pasted = self.pasted.strip("\r\n")
        if pasted and not self.request.FILES.get("sheet"):
            return SimpleUploadedFile(f"{_('pasted rows')}.csv", pasted.encode())
        return self.request.FILES.get("sheet")
