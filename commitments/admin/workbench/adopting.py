"""Adopting a second rating in an assessment that was returned."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from commitments import workflow
from commitments.admin.workbench.base import StaffPage, update_address
from commitments.db import whole_number
from commitments.exceptions import TrackerError


class AdoptPage(StaffPage):
    """Adopts a rating and leads back to the update; it has no page of its own."""

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        return HttpResponseRedirect(update_address(self.visible_update(self.kwargs["pk"])))

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        update = self.visible_update(self.kwargs["pk"])
        rating = get_object_or_404(update.ratings, pk=self.kwargs["rating"])
        sent = whole_number(request.POST.get("expected_revision", ""))
        # No update has revision -1, so a form without a revision is refused as outdated.
        revision = -1 if sent is None else sent
        try:
            workflow.adopt_rating(
                rating, by=self.user, at=timezone.now(), expected_revision=revision
            )
        except TrackerError as error:
            self.report_refusal(error)
        else:
            messages.success(request, _("Rating adopted. Read it over and submit it again."))
        return HttpResponseRedirect(update_address(update))
