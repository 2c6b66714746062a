"""What is wrong with a stored file of evidence, in words."""

from __future__ import annotations

from django.utils.translation import gettext as _

from commitments.exceptions import StoredFileChanged


def fault_words(name: str, error: OSError) -> str:
    """Return what is wrong with a stored file, by the error that opening it or looking for it
    raised. `name` is its own name, not that in the storage."""
    if isinstance(error, FileNotFoundError):
        sentence = _("The file “%(name)s” is missing from storage.")
    elif isinstance(error, StoredFileChanged):
        sentence = _("The file “%(name)s” in storage is not the one that was recorded.")
    else:
        sentence = _("The file “%(name)s” cannot be read from storage.")
    return sentence % {"name": name}
