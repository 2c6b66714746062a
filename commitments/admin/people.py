"""Users and their roles.

Roles are groups that a migration creates; whoever holds one may sign in to the admin. What a role
may do is defined in `policies`, so groups and permissions cannot be edited.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import Model, QuerySet, Value
from django.db.models.functions import Concat
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from commitments.admin.base import ProtectedDeleteMixin
from commitments.admin.lists import CheckedLists
from commitments.admin.titles import PlainTitles
from commitments.admin.workbench.people import links_context
from commitments.choices import Role
from commitments.models import AccessToken
from commitments.texts.lists import join_list

admin.site.unregister(User)
admin.site.unregister(Group)


@admin.register(User)
class PeopleAdmin(PlainTitles, CheckedLists, ProtectedDeleteMixin, UserAdmin):
    list_display = ["username", "first_name", "last_name", "is_active", "role_names"]
    list_filter = ["is_active", "groups"]
    filter_horizontal = []
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        (_("Name"), {"fields": ["first_name", "last_name", "email"]}),
        (
            _("Roles"),
            {
                "fields": ["is_active", "is_superuser", "groups"],
                "description": _(
                    "Whoever makes or changes an account could sign in with it. A reviewer"
                    " therefore cannot publish or return the work of anybody who made or changed"
                    " their account."
                ),
            },
        ),
        (_("Dates"), {"fields": ["last_login", "date_joined"]}),
    ]
    readonly_fields = ["last_login", "date_joined"]
    # Where a script has no blanks, a full name has none either, and begins with the family name.
    search_fields = ["username", "full_name", "email"]
    actions = ["give_links"]
    change_list_template = "admin/auth/user/change_list.html"

    def formfield_for_manytomany(self, db_field, request, **kwargs):  # type: ignore[no-untyped-def]
        if db_field.name == "groups":
            kwargs["widget"] = forms.CheckboxSelectMultiple
            kwargs["help_text"] = ""
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def get_queryset(self, request):  # type: ignore[no-untyped-def]
        names = ("last_name", "first_name", Value(" "), "last_name")
        rows = super().get_queryset(request).alias(full_name=Concat(*names))
        return rows.prefetch_related("groups")

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        """End the tokens of who may no longer sign in: they do not come back with the account."""
        super().save_model(request, obj, form, change)
        if isinstance(obj, User) and not obj.is_active:
            AccessToken.objects.owned_by(obj).delete()

    @admin.display(description=_("roles"))
    def role_names(self, user: User) -> str:
        names = {group.name for group in user.groups.all()}
        return join_list([role.label for role in Role if role.group in names])

    @admin.action(description=_("Show links to set a password"), permissions=["change"])
    def give_links(self, request: HttpRequest, queryset: QuerySet[User]) -> TemplateResponse:
        """Show a link for each of these people, and log it: whoever has it can sign in."""
        users = list(queryset)
        for user in users:
            self.log_change(request, user, gettext("A link to set a password was made."))
        context = {
            **self.admin_site.each_context(request),
            "menu_entry": "records",
            **links_context(request, users),
        }
        return TemplateResponse(request, "workbench/password_links.html", context)
