"""The publishers of sources: known by any of their names, and recorded when they are new."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from commitments.exceptions import Problem, ProblemPath
from commitments.models import Publisher
from commitments.texts.text import Text
from commitments.workflow.validation import validation_problems

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def recorded_publisher(
    name: Text, path: ProblemPath, *, by: User, at: datetime
) -> tuple[Publisher | None, list[Problem]]:
    """Return the publisher that has one of these names, and no problem.

    A new publisher is added with all of them; further names of a known one are a curator's to add.
    Without a name return None. If the names are those of different publishers, or cannot be saved,
    return None and the problems, at `path`.
    """
    if not name:
        return None, []
    known = Publisher.objects.named(name.values())
    if len(known) > 1:
        keys = ", ".join(f"“{publisher.key}”" for publisher in known)
        message = _("These are the names of different publishers: %(names)s.") % {"names": keys}
        return None, [Problem(path, message)]
    if known:
        return known[0], []
    new = Publisher(key=next(iter(name.values())), name=name)
    problems = [Problem(path, problem.message) for problem in validation_problems(new, (), {"key"})]
    return (None, problems) if problems else (_saved(new, by, at), [])


def _saved(publisher: Publisher, by: User, at: datetime) -> Publisher:
    """Save a publisher, or return the one that another transaction has just saved."""
    publisher._history_user, publisher._history_date = by, at  # type: ignore[attr-defined]
    try:
        with transaction.atomic():
            publisher.save()
    except IntegrityError:
        return Publisher.objects.get(key=publisher.key)
    return publisher
