"""Errors of the domain, independent of HTTP; `api.problems` maps them to responses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from django.utils.translation import gettext as _

from commitments.choices import ErrorCode
from commitments.texts.lists import ITEMS, join_list

ProblemPath = tuple[str | int, ...]

# Unescaped characters of a URI fragment, besides letters, digits and `-._~` (RFC 3986).
FRAGMENT_SAFE = "!$&'()*+,;=:@?"


@dataclass(frozen=True)
class Problem:
    """One error and its place. `path` lists keys and indexes, the outermost first. What the API
    may show has a `code`. `allowed` holds the codes of values that the message lists by label."""

    path: ProblemPath
    message: str
    code: ErrorCode | None = None
    allowed: tuple[str, ...] = ()

    @property
    def message_with_codes(self) -> str:
        """Return the message for somebody who writes codes: in a file, or for the API."""
        if not self.allowed:
            return self.message
        values = {"message": self.message, "codes": join_list(self.allowed, ITEMS)}
        return _("%(message)s Codes: %(codes)s.") % values

    @property
    def place(self) -> str:
        """Return the path in a readable form, e.g. `commitments[7].forums[2]`."""
        place = ""
        for step in self.path:
            place += f"[{step}]" if isinstance(step, int) else f".{step}" if place else step
        return place

    @property
    def pointer(self) -> str:
        """Return the path as a JSON pointer (RFC 6901) in a URI fragment."""
        steps = (str(step).replace("~", "~0").replace("/", "~1") for step in self.path)
        return "#" + "".join(f"/{quote(step, safe=FRAGMENT_SAFE)}" for step in steps)

    def at(self, path: ProblemPath) -> Problem:
        """Return the same error at another place."""
        return replace(self, path=path)

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.path else self.message


class TrackerError(Exception):
    """Base class of the domain's errors. `str()` is a sentence for the reader."""

    def __init__(self, message: str, problems: Iterable[Problem] = ()) -> None:
        super().__init__(message)
        self.problems: Sequence[Problem] = tuple(problems)


class NotPermitted(TrackerError):
    """The person lacks the permission for this."""


class BeyondToken(NotPermitted):
    """The person may do this, but not with the access token that was used; `scopes` and `plans` are
    what the token may be used for, and `needed` is the scope that it lacks, if it lacks one."""

    def __init__(
        self, message: str, scopes: Sequence[str], plans: Sequence[str], needed: str | None = None
    ) -> None:
        super().__init__(message)
        self.scopes, self.plans, self.needed = scopes, plans, needed


class ActionRefused(TrackerError):
    """The action is not possible from the present state or with the present content."""


class StaleRevision(ActionRefused):
    """The update or other row has changed since the caller read it."""


class UnknownUpdate(TrackerError):
    """There is no update with this id, or the caller may not see it."""


class NoteRequired(ActionRefused):
    """The action requires a note, and none was given; everything else may be right."""


class InvalidInput(TrackerError):
    """What was entered cannot be saved; `problems` names each field that breaks a rule."""


class TimeRefused(TrackerError):
    """The clock or the latest entry of the ledger has a wrong time, so nothing can be recorded."""


class DuplicateReference(TrackerError):
    """The plan already has an update with this `external_ref`; `existing` is its id, None if it is
    about to be created with this one."""

    def __init__(self, message: str, existing: int | None) -> None:
        super().__init__(message)
        self.existing = existing


class FileRefused(TrackerError):
    """The file cannot be evidence: it is too large, or its type is not accepted."""


class FileTooLarge(FileRefused):
    """The file exceeds the size limit."""


class StorageUnavailable(OSError):
    """The store of evidence files refuses a request or does not answer."""


class StoredFileUnreadable(StorageUnavailable):
    """One stored file cannot be read, while the store of evidence responds."""


class StoredFileChanged(OSError):
    """A stored file of evidence is not the one that was recorded."""


class CacheUnavailable(OSError):
    """The cache in which failures to sign in are counted cannot be read or written."""


class ImportFileError(TrackerError):
    """A plan file or update file cannot be loaded; `problems` lists each error with its place."""


class PlanFileError(ImportFileError):
    """The plan file cannot be loaded."""


class PlanDiffers(PlanFileError):
    """The plan file differs from the loaded plan; `problems` lists every difference."""


class UpdateFileError(ImportFileError):
    """The update file cannot be loaded."""


class BackupError(TrackerError):
    """The backup cannot be made."""


class RestoreError(TrackerError):
    """The backup cannot be restored here: it is damaged or altered, does not fit this release or
    its database, or the site is not empty."""


class ExportError(TrackerError):
    """The site cannot be exported: an address that belongs to the export does not answer, or the
    folder cannot be written."""
