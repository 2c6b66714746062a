"""The app's registration."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.utils.translation import gettext_lazy as _


class CommitmentsConfig(AppConfig):
    name = "commitments"
    verbose_name = _("Commitment tracker")


class StaffSideConfig(AdminConfig):
    """Django's admin, with the desk as its first page."""

    default_site = "commitments.site.StaffSide"
