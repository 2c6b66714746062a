"""The base of the workbench's pages: who may open them, and their menu."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.generic import TemplateView, View
from django.views.generic.base import ContextMixin

from commitments.access import policies
from commitments.admin.sign_in.on_the_way import sign_in_on_the_way
from commitments.api.handlers import kept_form, outage_response
from commitments.choices import Role
from commitments.exceptions import TrackerError
from commitments.models import ProgressUpdate
from commitments.roles import is_staff, roles_of, signed_in
from commitments.workflow import work_queue


@dataclass(frozen=True)
class MenuEntry:
    """An entry of the menu; `count` is None where nothing is counted."""

    name: str
    label: object
    address: str
    count: int | None = None


def staff_menu(user: User) -> list[MenuEntry]:
    """Return the menu of the workbench: the pages with which this person works, each with the
    number of waiting tasks. For the desk, that counts what others asked of them: returned updates
    and reports."""
    roles = roles_of(user)
    asked = work_queue.count_asked_of(user) if Role.REPORTER in roles else None
    entries = [MenuEntry("desk", _("My desk"), reverse("admin:index"), asked)]
    if Role.REPORTER in roles:
        entries.append(MenuEntry("log", _("Log progress"), reverse("admin:log")))
    if Role.REVIEWER in roles:
        waiting = work_queue.to_review_by(user).count()
        entries.append(MenuEntry("review", _("Review"), reverse("admin:review"), waiting))
    commitments = reverse("admin:commitments_commitment_changelist")
    updates = reverse("admin:commitments_progressupdate_changelist")
    return [
        *entries,
        MenuEntry("planning", _("Planning"), reverse("admin:planning-home")),
        MenuEntry("meetings", _("Meetings"), reverse("admin:meetings")),
        MenuEntry("commitments", _("Commitments"), commitments),
        MenuEntry("updates", _("Progress updates"), updates),
        MenuEntry("records", _("All records"), reverse("admin:records")),
        *_for_administrators(user),
    ]


def _for_administrators(user: User) -> list[MenuEntry]:
    if not policies.may_administer(user):
        return []
    return [MenuEntry("status", _("Site status"), reverse("admin:site-status"))]


@method_decorator([never_cache, csrf_protect], name="dispatch")
class ForStaff(ContextMixin, View):
    """A view for people who hold a role; `menu_entry` is the entry of the menu to which it belongs.

    A person whose session has ended signs in first, and what they had typed is then processed.
    """

    menu_entry = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if is_staff(request.user):
            return self.respond(request, *args, **kwargs)
        if request.method != "POST":
            return redirect_to_login(request.get_full_path(), reverse("admin:login"))
        return sign_in_on_the_way(request, partial(self.respond, request, *args, **kwargs))

    def respond(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Return the response to a person who has signed in and holds a role."""
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def user(self) -> User:
        return signed_in(self.request.user)

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        menu = {"staff_menu": staff_menu(self.user), "menu_entry": self.menu_entry}
        return {**menu, **super().get_context_data(**kwargs)}


class StaffPage(ForStaff, TemplateView):
    """A page of the workbench. What was sent to it while the database, the store of files or a
    disk could not be used is kept on the page that says so: a browser would lose it on the way back
    to a page that was itself the answer to a form."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().dispatch(request, *args, **kwargs)
        except Exception as error:
            answer = outage_response(request, error, kept_form(request))
            if answer is None:
                raise
            return answer

    def visible_update(self, pk: int) -> ProgressUpdate:
        """Return the update with this id; raise Http404 if this person may not see it."""
        rows = ProgressUpdate.objects.visible_to(self.user).with_related_content()
        update = rows.filter(pk=pk).first()
        if update is None:
            raise Http404
        return update

    def report_refusal(self, error: TrackerError) -> None:
        """Add a message that says on the next page why something was refused."""
        sentences = (str(error), *(problem.message for problem in error.problems))
        for sentence in dict.fromkeys(sentences):
            messages.error(self.request, sentence)


def update_address(update: ProgressUpdate) -> str:
    """Return the address of an update on the workbench."""
    return reverse("admin:update", args=[update.pk])


def log_address(code: str) -> str:
    """Return the address of the form for a new update on the commitment with this code."""
    return reverse("admin:log-new", args=[code])


def report_address(commitment: Any) -> str:
    """Return the address for reporting on a commitment of `work_queue.asked_for`: that of the
    person's own draft if they have one, else that of a new one."""
    if commitment.own_draft:
        return reverse("admin:update", args=[commitment.own_draft])
    return log_address(commitment.code)
