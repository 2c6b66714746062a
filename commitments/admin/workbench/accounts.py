"""Pages to create and change a staff account."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments import accounts
from commitments.access import policies
from commitments.access.second_factor import has_second_factor
from commitments.accounts import AccountChanges
from commitments.accounts.changes import ACCOUNT_COLUMNS
from commitments.accounts.words import FIELD_NAMES, confirmation_words, request_words
from commitments.admin.base.days import staff_zone
from commitments.admin.base.words import person_label
from commitments.admin.workbench.base import StaffPage
from commitments.admin.workbench.people import links_context
from commitments.admin.workbench.update_form import place_problem
from commitments.choices import RequestState, Role
from commitments.exceptions import TrackerError
from commitments.form_fields import ReasonField
from commitments.models import AccountRequest
from commitments.roles import choice_of

MAX_SHOWN_CHANGES = 50


class PersonChoiceField(forms.ModelChoiceField):
    """One of several persons, by name."""

    def label_from_instance(self, obj: User) -> str:
        return choice_of(obj)


class AccountForm(forms.ModelForm):
    """The new values of an account, and the reason. `expected` is a digest of its state when the
    page was opened."""

    expected = forms.CharField(widget=forms.HiddenInput, required=False)
    roles = forms.MultipleChoiceField(
        label=gettext_lazy("Roles"),
        choices=lambda: [(role.value, role.label) for role in Role],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    reason = ReasonField(
        label=gettext_lazy("Reason"),
        required=False,
        max_length=2000,
        help_text=gettext_lazy("Visible to staff only."),
    )

    owner = PersonChoiceField(
        label=gettext_lazy("For a program: person responsible"),
        queryset=User.objects.none(),
        required=False,
        help_text=gettext_lazy(
            "Leave it empty for a person. A program has no password and no address; it calls the "
            "API with tokens that an administrator issues. They end when another person becomes "
            "responsible."
        ),
    )

    class Meta:
        model = User
        fields = ACCOUNT_COLUMNS
        help_texts = {
            "username": gettext_lazy("Letters, digits and @ . + - _ only."),
            "is_active": gettext_lazy("Inactive accounts cannot sign in and lose their tokens."),
            "is_superuser": gettext_lazy("Manages accounts, and holds every role."),
        }

    def __init__(self, account: User | None, data: Any = None) -> None:
        # The form writes the submitted values to its instance; the stored account is read again
        # here.
        typed = User.objects.get(pk=account.pk) if account else User()
        initial: dict[str, object] = {"expected": accounts.state_digest(account) if account else ""}
        if account is not None:
            initial["roles"] = accounts.account_state(account)["roles"]
            initial["owner"] = accounts.account_state(account).get("owner")
        super().__init__(data, instance=typed, initial=initial)
        if account is None or policies.is_service(account):
            people = User.objects.filter(is_active=True, service_account__isnull=True)
            owner: Any = self.fields["owner"]
            owner.queryset = people.order_by("username")
        else:
            del self.fields["owner"]
        for name in ACCOUNT_COLUMNS:
            self.fields[name].label = capfirst(str(FIELD_NAMES[name]))

    @property
    def switches(self) -> list[forms.BoundField]:
        """The checkboxes of the form."""
        return [self["is_superuser"], self["is_active"]]

    @property
    def changes(self) -> AccountChanges:
        values = {name: self.cleaned_data[name] for name in ACCOUNT_COLUMNS}
        owner = self.cleaned_data.get("owner")
        values |= {"owner": owner.pk} if owner else {}
        return cast(AccountChanges, {**values, "roles": sorted(self.cleaned_data["roles"])})


class AccountPage(StaffPage):
    """The page of an account: roles, requests and changes; or of a new one. For administrators
    only."""

    template_name = "workbench/account.html"
    menu_entry = "records"

    @cached_property
    def account(self) -> User | None:
        if not policies.may_manage_accounts(self.user):
            raise PermissionDenied
        pk = self.kwargs.get("pk")
        return None if pk is None else get_object_or_404(User, pk=pk)

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        return self._show(AccountForm(self.account))

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if "link" in request.POST and self.account is not None:
            return LinksPage.as_view()(request, people=[self.account])
        if "second_factor" in request.POST:
            return self._remove_second_factor()
        form = AccountForm(self.account, request.POST)
        if not form.is_valid():
            return self._show(form)
        try:
            asked = accounts.request_change(
                self.account,
                form.changes,
                by=self.user,
                at=timezone.now(),
                reason=form.cleaned_data["reason"],
                expected=form.cleaned_data["expected"],
            )
        except TrackerError as error:
            if not error.problems:
                form.add_error(None, str(error))
            for problem in error.problems:
                place_problem(form, problem, problem.path)
            return self._show(form)
        return self._saved(asked)

    def _remove_second_factor(self) -> HttpResponseBase:
        """Remove the second factor of a person who has lost it, or request that from a second
        administrator."""
        try:
            asked = accounts.request_change(
                self.account, {"second_factor": True}, by=self.user, at=timezone.now()
            )
        except TrackerError as error:
            self.report_refusal(error)
            return HttpResponseRedirect(self.request.get_full_path())
        return self._saved(asked)

    def _saved(self, asked: AccountRequest) -> HttpResponse:
        if asked.state == RequestState.OPEN:
            sentence = _("Requested. Nothing changes until a second administrator confirms.")
            messages.success(self.request, sentence)
            return HttpResponseRedirect(reverse("admin:commitments_accountrequest_changelist"))
        account = cast(User, asked.account)
        messages.success(self.request, _("Saved."))
        if _needs_link(account):
            sentence = _(
                "No invitation can be sent, so %(person)s cannot sign in yet: choose “Link to set "
                "a password” below and pass it on."
            )
            messages.warning(self.request, sentence % {"person": choice_of(account)})
        return HttpResponseRedirect(reverse("admin:auth_user_change", args=[account.pk]))

    def _show(self, form: AccountForm) -> HttpResponse:
        rows = AccountRequest.objects.filter(account=self.account, account__isnull=False)
        rows = rows.select_related("account", "asked_by", "closed_by", "decision")
        rows = rows.prefetch_related("account__groups").order_by("-pk")
        done = rows.filter(decision__isnull=False)[:MAX_SHOWN_CHANGES]
        return self.render_to_response(
            self.get_context_data(
                form=form,
                account=self.account,
                has_second_factor=self.account is not None and has_second_factor(self.account),
                is_service=self.account is not None and policies.is_service(self.account),
                about=choice_of(self.account) if self.account else "",
                open_requests=[
                    (row, request_words(row)) for row in rows.filter(state=RequestState.OPEN)
                ],
                changes=[(row, request_words(row), person_label(row.asked_by)) for row in done],
                who_confirms=confirmation_words(self.user),
                time_zone=staff_zone(),
            )
        )


def _needs_link(account: User) -> bool:
    """Return whether a person has no password yet, no mail by which to set one, and no account
    elsewhere with which to sign in."""
    has_way_in = account.email and (settings.MAIL_ENABLED or settings.OIDC_ISSUER)
    may_sign_in = account.is_active and not policies.is_service(account)
    return may_sign_in and not has_way_in and not account.has_usable_password()


class LinksPage(StaffPage):
    """Shows, once, the links by which people set their passwords, and for whom a second
    administrator is asked; the caller says which `people`."""

    template_name = "workbench/password_links.html"
    menu_entry = "records"

    def post(self, request: HttpRequest, *args: object, **kwargs: Any) -> HttpResponse:
        try:
            links = accounts.ask_for_links(kwargs["people"], by=self.user, at=timezone.now())
        except TrackerError as error:
            self.report_refusal(error)
            return HttpResponseRedirect(request.get_full_path())
        return self.render_to_response(
            self.get_context_data(
                **links_context(request, links.given),
                waiting=[choice_of(user) for user in links.waiting],
            )
        )
