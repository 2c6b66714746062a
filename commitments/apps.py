"""The app and the staff side's own site."""

from django.apps import AppConfig
from django.contrib import admin
from django.contrib.admin.apps import SimpleAdminConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _

# The apps whose models have pages in the admin.
OWN_PAGES = ("commitments", "auth")


class CommitmentsConfig(AppConfig):
    name = "commitments"
    verbose_name = _("Commitment tracker")

    def ready(self) -> None:
        autodiscover_modules("system_checks", "place_checks", "deployment_checks")


class TrackerAdminConfig(SimpleAdminConfig):
    """Django's admin, with the work queue as its first page."""

    default_site = "commitments.admin.site.TrackerAdminSite"

    def ready(self) -> None:
        """Register all pages once the site exists, which is part of the package that registers
        them."""
        super().ready()
        autodiscover_modules("admin", "admin.registry", register_to=admin.site)
        # Pages of libraries would show the secrets of second factors, and bypass the workflow.
        for model in list(admin.site._registry):
            if model._meta.app_label not in OWN_PAGES:
                admin.site.unregister(model)
