"""What can be erased for good."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from commitments.choices.codes import Codes


class ErasablePart(Codes):
    """A text, note, name or file that can be erased: `summary` and `search_note` of an update,
    `note` of a ledger entry, the others of a piece of evidence.

    What can be erased of former contents of a plan, a commitment and so on are the fields of these
    contents that are texts.
    """

    SUMMARY = "summary", _("Summary")
    SEARCH_NOTE = "search_note", _("Search note")
    TITLE = "title", _("Title")
    PUBLISHER = "publisher", pgettext_lazy("of sources", "Publisher")
    URL = "url", _("Link")
    CITATION = "citation", _("Citation")
    FILE = "file", _("File")
    NOTE = "note", _("Note")
