"""Sentences of Django's admin that our catalogues translate into the terms of this interface.

`make messages` collects them, and our catalogues come before Django's.
"""

from typing import Any

from django.utils.translation import gettext_noop, ngettext, ngettext_lazy
from django.views.i18n import JavaScriptCatalog

SENTENCES = (
    gettext_noop("Skip to main content"),
    # What follows the label of a field.
    gettext_noop(":"),
    gettext_noop("Filter"),
    gettext_noop("Action:"),
    gettext_noop("Run the selected action"),
    gettext_noop("No action selected."),
    gettext_noop(
        "Items must be selected in order to perform actions on them. No items have been changed."
    ),
    gettext_noop("0 of %(cnt)s selected"),
    ngettext_lazy("%(total_count)s selected", "All %(total_count)s selected", "total_count"),
    gettext_noop("Select all %(total_count)s %(module_name)s"),
    gettext_noop("Click here to select the objects across all pages"),
    gettext_noop("Clear selection"),
    gettext_noop("first name"),
    gettext_noop("last name"),
    gettext_noop("Are you sure?"),
    gettext_noop("You don’t have permission to view or edit anything."),
    gettext_noop("The {name} “{obj}” was added successfully. You may add another {name} below."),
    gettext_noop("The {name} “{obj}” was changed successfully. You may edit it again below."),
    gettext_noop("The {name} “{obj}” was changed successfully. You may add another {name} below."),
    gettext_noop(
        'Are you sure you want to delete the %(object_name)s "%(escaped_object)s"? '
        "All of the following related items will be deleted:"
    ),
    gettext_noop(
        "Deleting the %(object_name)s '%(escaped_object)s' would result in deleting related "
        "objects, but your account doesn't have permission to delete the following types of "
        "objects:"
    ),
    gettext_noop(
        "Deleting the selected %(objects_name)s would result in deleting related objects, but your "
        "account doesn't have permission to delete the following types of objects:"
    ),
    gettext_noop(
        "Please enter your old password, for security’s sake, and then enter your new password "
        "twice so we can verify you typed it in correctly."
    ),
    gettext_noop("Your old password was entered incorrectly. Please enter it again."),
    gettext_noop("Your password was changed."),
    gettext_noop("Your password can’t be too similar to your other personal information."),
    gettext_noop("Your password can’t be a commonly used password."),
    ngettext_lazy(
        "Your password must contain at least %(min_length)d character.",
        "Your password must contain at least %(min_length)d characters.",
        "min_length",
    ),
)


class AdminScriptCatalog(JavaScriptCatalog):
    """The sentences of Django's scripts for lists, which have a catalogue of their own. The
    sentence that this interface words differently is replaced in it."""

    packages = ["django.contrib.admin"]

    def get_catalog(self) -> dict[str, Any]:
        catalog: dict[str, Any] = super().get_catalog()
        # A language with several plural forms keeps Django's sentence.
        if len(catalog.get("%(sel)s of %(cnt)s selected", ())) == 1:
            words = ngettext("%(sel)s of %(cnt)s selected", "%(sel)s of %(cnt)s selected", 1)
            catalog["%(sel)s of %(cnt)s selected"] = [words]
        return catalog
