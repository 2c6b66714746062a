"""The list of all people. Their accounts are changed on the workbench, through `accounts`.

Roles are groups that a migration creates; whoever holds one may sign in to the admin. What a role
may do is defined in `policies`, so groups and permissions cannot be edited.
"""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth import admin as _replaced  # noqa: F401 - registers its pages, replaced here
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet, Value
from django.db.models.functions import Concat
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from commitments.access import policies
from commitments.accounts.words import role_labels
from commitments.admin.records.filters import MemberOfficeListFilter, RoleListFilter
from commitments.admin.records.who_confirms import SaysWhoConfirms
from commitments.admin.workbench.accounts import AccountPage, LinksPage
from commitments.choices import Role
from commitments.texts.lists import ITEMS, join_list

admin.site.unregister(User)
admin.site.unregister(Group)


@admin.register(User)
class PeopleAdmin(SaysWhoConfirms):
    list_display = [
        "username",
        "last_name",
        "first_name",
        "is_active",
        "role_names",
        "office_codes",
    ]
    list_filter = [RoleListFilter, MemberOfficeListFilter, "is_active"]
    # In a script without spaces, `full_name` has none either and begins with the family name.
    search_fields = ["username", "full_name", "email"]
    ordering = ["username"]
    actions = ["give_links"]
    change_list_template = "admin/auth/user/change_list.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return policies.may_manage_accounts(request.user)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        names = ("last_name", "first_name", Value(" "), "last_name")
        rows = User.objects.alias(full_name=Concat(*names))
        return rows.prefetch_related("groups", "offices")

    def add_view(  # type: ignore[override]  # the stubs ask for a page
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponseBase:
        return AccountPage.as_view()(request)

    def change_view(  # type: ignore[override]  # likewise
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponseBase:
        account = self.get_object(request, object_id)
        if account is None:
            raise Http404
        return AccountPage.as_view()(request, pk=account.pk)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """Redirect to the page of the account, which shows its changes."""
        return HttpResponseRedirect(reverse("admin:auth_user_change", args=[object_id]))

    @admin.display(description=_("roles"))
    def role_names(self, user: User) -> str:
        if user.is_superuser:
            return gettext("administrator")
        names = {group.name for group in user.groups.all()}
        return role_labels([role.value for role in Role if role.group in names])

    @admin.display(description=_("offices"))
    def office_codes(self, user: User) -> str:
        return join_list(sorted(office.code for office in user.offices.all()), ITEMS) or "–"

    @admin.action(description=_("Show links to set a password"), permissions=["view"])
    def give_links(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponseBase:
        return LinksPage.as_view()(request, people=list(queryset))
