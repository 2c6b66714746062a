"""Setting up people and offices from a sheet, and links by which people set their passwords."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.contrib.auth.views import PasswordResetConfirmView
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from commitments import accounts, ledger
from commitments.access import policies
from commitments.access.backends import PeopleBackend
from commitments.accounts.sheet import Staffing, planned_staffing, save_staffing
from commitments.accounts.words import confirmation_words, language_label
from commitments.admin.base.days import staff_zone
from commitments.admin.base.texts import shared_languages
from commitments.admin.workbench.sheets import SheetPage
from commitments.exceptions import InvalidInput, Problem, TrackerError
from commitments.files import staging
from commitments.importing.people_sheet import OFFICE_NAME, PeopleSheet, read_people
from commitments.importing.table_file import SheetRow
from commitments.texts.languages import interface_tags
from commitments.texts.lists import ITEMS, join_list


@dataclass(frozen=True)
class PasswordLink:
    """The address at which a person sets their password."""

    user: User
    address: str


def password_path(user: User) -> str:
    """Return the path of the page on which a person sets their password. It works once, and for
    `PASSWORD_RESET_TIMEOUT`; anybody who has it can sign in as that person."""
    name = urlsafe_base64_encode(force_bytes(user.pk))
    return reverse("admin:set-password", args=[name, default_token_generator.make_token(user)])


def password_links(request: HttpRequest, users: Iterable[User]) -> list[PasswordLink]:
    """Return the link of each of these people."""
    return [PasswordLink(user, request.build_absolute_uri(password_path(user))) for user in users]


def links_context(request: HttpRequest, users: Iterable[User]) -> dict[str, object]:
    """Return what a page with links of these people shows."""
    until = timezone.now() + timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
    return {
        "links": password_links(request, users),
        "until": until,
        "time_zone": staff_zone(),
    }


class SetPasswordPage(PasswordResetConfirmView):
    """The page on which the owner of a password link sets their password."""

    template_name = "workbench/set_password.html"
    success_url = reverse_lazy("admin:index")

    def get_user(self, uidb64: str) -> User | None:
        """Return whose link this is; None if nobody may sign in with the account."""
        user = super().get_user(uidb64)
        return user if PeopleBackend().user_can_authenticate(user) else None

    @transaction.atomic
    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """Set the password, and with it queue the mail that informs its owner."""
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: SetPasswordForm[User]) -> HttpResponse:
        messages.success(self.request, _("Your password is set. Sign in with it."))
        return super().form_valid(form)


class PeopleSheetPage(SheetPage):
    """Takes a sheet of people and offices; administrators only."""

    template_name = "workbench/people.html"
    menu_entry = "records"

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        names = [f"{OFFICE_NAME}{tag}" for tag in shared_languages()]
        return super().get_context_data(
            name_columns=join_list(names, ITEMS),
            who_confirms=confirmation_words(self.user),
            mail_languages=join_list(interface_tags(), ITEMS),
            **kwargs,
        )

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        self._check_access()
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        self._check_access()
        return self.take_sheet()

    def _check_access(self) -> None:
        if not policies.may_manage_accounts(self.user):
            raise Http404

    def show_sheet(
        self, upload: staging.StagedUpload, token: str, rows: Sequence[SheetRow]
    ) -> HttpResponse:
        sheet = read_people(rows)
        planned = planned_staffing(sheet.rows)
        shown = ledger.sha256_of(_facts(planned))
        problems = planned.problems
        if "load" in self.request.POST and self.request.POST.get("shown") == shown:
            try:
                if self.reason and (wrong := self.reason_problem):
                    raise InvalidInput(wrong, [Problem(("reason",), wrong)])
                with transaction.atomic():
                    done = save_staffing(
                        sheet.rows, by=self.user, at=timezone.now(), reason=self.reason
                    )
                    made = [asked.account for asked in done.requests if asked.account]
                    links = accounts.ask_for_links(made, by=self.user, at=timezone.now())
            except TrackerError as error:
                problems = [*error.problems] or [Problem((), str(error))]
            else:
                staging.discard(upload)
                context = links_context(self.request, links.given)
                waiting = len(done.requests) - len(made)
                return self.render_to_response(
                    self.get_context_data(done=done, made=len(made), waiting=waiting, **context)
                )
        context = self._context(planned, sheet, problems)
        return self.render_to_response(
            self.get_context_data(sheet_name=upload.name, staged=token, shown=shown, **context)
        )

    def _context(
        self, planned: Staffing, sheet: PeopleSheet, problems: Sequence[Problem]
    ) -> dict[str, object]:
        wrong = [problem for problem in problems if problem.path[:1] != ("reason",)]
        return {
            "sheet": sheet,
            "planned": planned,
            "accounts": [
                (
                    user,
                    join_list([role.label for role in roles], ITEMS),
                    language_label(planned.languages.get(user.username, "")),
                )
                for user, roles in planned.accounts
            ],
            "sheet_problems": wrong,
            "reason": self.reason,
            "reason_problem": next((row.message for row in problems if row not in wrong), ""),
        }


def _facts(planned: Staffing) -> list[object]:
    """Return what identifies the changes of a sheet, to check that they are still those that were
    previewed."""
    return [
        [office.code for office in planned.offices],
        [[user.username, list(roles)] for user, roles in planned.accounts],
        planned.languages,
        [[user.username, office.code] for user, office in planned.joins],
    ]
