"""The admin site: the workbench, and behind it Django's own pages of all records."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, update_wrapper
from typing import Any

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import PasswordChangeView
from django.db import transaction
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.cache import never_cache

from commitments.admin.django_words import AdminScriptCatalog
from commitments.admin.records.record_index import grouped
from commitments.admin.sign_in.on_the_way import sign_in_on_the_way
from commitments.admin.sign_in.pages import PasswordForm, SignInView
from commitments.admin.workbench import urls
from commitments.admin.workbench.base import staff_menu
from commitments.admin.workbench.desk import DeskPage
from commitments.api.handlers import kept_form
from commitments.roles import is_staff, signed_in


class TrackerAdminSite(admin.AdminSite):
    index_title = gettext_lazy("All records")
    logout_template = "admin/signed_out.html"
    empty_value_display = "–"
    # The workbench has a menu; lists need the width.
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        """Return whether the caller may open the admin, that is, holds a role. Django's flag “staff
        status” is not used."""
        return is_staff(request.user)

    @method_decorator([never_cache, login_not_required])
    def login(  # type: ignore[override]  # the stubs ask for a page
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponseBase:
        """Ask for name and password, or redirect to the desk if the person has signed in."""
        if request.method == "GET" and self.has_permission(request):
            return HttpResponseRedirect(reverse("admin:index"))
        context = {"app_path": request.get_full_path(), "username": request.user.get_username()}
        return SignInView.as_view(extra_context=context)(request)

    @method_decorator(never_cache)
    def logout(  # type: ignore[override]  # the stubs ask for a page
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponseBase:
        """Sign out, and name the person whose kept copies of forms the browser may delete."""
        page: dict[str, object] = {"staff_menu": [], "title": gettext("Signed out")}
        page["signed_out"] = request.user.pk
        return super().logout(request, {**page, **(extra_context or {})})

    def password_change(  # type: ignore[override]  # the stubs ask for a page
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponseBase:
        """Set a new password, and with it queue the mail that informs its owner."""
        page = PasswordChangeView.as_view(
            form_class=PasswordForm,
            success_url=reverse("admin:password_change_done"),
            extra_context={**self.each_context(request), **(extra_context or {})},
        )
        with transaction.atomic():
            return page(request)

    def admin_view(  # type: ignore[override]  # the stubs return what they are given
        self, view: Callable[..., HttpResponseBase], cacheable: bool = False
    ) -> Callable[..., HttpResponseBase]:
        """Keep a form that was sent to the view after the session had ended, as the pages of the
        workbench do. Nothing is kept of the forms that sign out or change a password."""
        page = super().admin_view(view, cacheable)

        def kept(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            respond: Callable[[], HttpResponseBase] = partial(page, request, *args, **kwargs)
            if self.has_permission(request) or not kept_form(request)["sent"]:
                return respond()
            return sign_in_on_the_way(request, respond)

        return update_wrapper(kept, page)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        records = path("records/", self.admin_view(self.records), name="records")
        return [*urls.urlpatterns, records, *super().get_urls()]

    def i18n_javascript(  # type: ignore[override]  # the stubs ask for a page
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        return AdminScriptCatalog.as_view()(request)

    def index(  # type: ignore[override]  # the stubs ask for a response that is rendered later
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponseBase:
        """Show the person's desk."""
        return DeskPage.as_view()(request)

    def records(self, request: HttpRequest) -> TemplateResponse:
        """Show the list of all models."""
        context = {"title": self.index_title, "groups": grouped(self.get_app_list(request))}
        return TemplateResponse(
            request, "admin/index.html", {**self.each_context(request), **context}
        )

    def app_index(  # type: ignore[override]  # the stubs ask for a page
        self, request: HttpRequest, app_label: str, extra_context: object = None
    ) -> HttpResponseBase:
        """Redirect to the list of all models, which is not divided by Django's apps."""
        return HttpResponseRedirect(reverse("admin:records"))

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Add the menu of the workbench to Django's pages."""
        menu = staff_menu(signed_in(request.user)) if self.has_permission(request) else []
        return {**super().each_context(request), "staff_menu": menu}
