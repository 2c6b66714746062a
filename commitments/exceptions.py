"""What the domain refuses, and why. These errors know no HTTP; `api.problems` maps them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from commitments.models import ProgressUpdate

Path = tuple[str | int, ...]

# What stands for itself in a URI fragment (RFC 3986), besides letters, digits and `-._~`.
IN_FRAGMENT = "!$&'()*+,;=:@?"


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, and where: `path` leads from the outermost value inwards."""

    path: Path
    message: str

    @property
    def place(self) -> str:
        """The path as people write it: `commitments[7].forums[2]`."""
        place = ""
        for step in self.path:
            place += f"[{step}]" if isinstance(step, int) else f".{step}" if place else step
        return place

    @property
    def pointer(self) -> str:
        """The path as a JSON pointer (RFC 6901) in a URI fragment."""
        steps = (str(step).replace("~", "~0").replace("/", "~1") for step in self.path)
        return "#" + "".join(f"/{quote(step, safe=IN_FRAGMENT)}" for step in steps)

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.path else self.message


class TrackerError(Exception):
    """Base of all refusals. `str()` is a sentence for the reader."""

    def __init__(self, message: str, problems: Iterable[Problem] = ()) -> None:
        super().__init__(message)
        self.problems: Sequence[Problem] = tuple(problems)


class NotPermitted(TrackerError):
    """This person may not do this."""


class TransitionRefused(TrackerError):
    """The update is not in a state, or not in a shape, in which this can be done."""


class StaleRevision(TransitionRefused):
    """The update was changed since the caller was shown it."""


class InvalidUpdate(TrackerError):
    """What was to be written breaks a rule; `problems` names each field."""


class InvalidToken(TrackerError):
    """A token that cannot be issued; `problems` names each field."""


class DuplicateReference(TrackerError):
    """The plan already has an update with this `external_ref`."""

    def __init__(self, message: str, existing: ProgressUpdate) -> None:
        super().__init__(message)
        self.existing = existing


class FileRefused(TrackerError):
    """A file that cannot be evidence: too large, or not of a type that is taken."""


class FileTooLarge(FileRefused):
    """A file that is larger than is taken."""


class FileError(TrackerError):
    """A file that cannot be used; `problems` lists every error with its place."""


class PlanFileError(FileError):
    """A plan file that cannot be used."""


class PlanDiffers(PlanFileError):
    """The file and the loaded plan differ; `problems` lists every difference."""


class UpdateFileError(FileError):
    """An update file that cannot be used."""
