"""The publishers of sources: known by any of their names, and recorded when they are new."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from commitments.choices import ErrorCode
from commitments.exceptions import Problem, ProblemPath
from commitments.models import Publisher
from commitments.texts.lists import join_list
from commitments.texts.scripts import folded
from commitments.texts.text import Text
from commitments.workflow.validation import validation_problems


class RecordedPublishers:
    """The publishers that have some of these names, read in one query."""

    def __init__(self, names: Iterable[Text]) -> None:
        words = [each for name in names for each in name.values() if folded(each)]
        self.known = Publisher.objects.named(words) if words else []

    def find(self, name: Text, path: ProblemPath) -> tuple[Publisher | None, list[Problem]]:
        """Return the publisher that has one of these names, and no problem.

        A new publisher is added with all of them; further names of a known one are a curator's to
        add. Without a name return None. If the names are those of different publishers, or cannot
        be saved, return None and the problems, at `path`.
        """
        if not name:
            return None, []
        found = [publisher for publisher in self.known if publisher.has_one_of(name.values())]
        if len(found) > 1:
            names = join_list(_("“%(name)s”") % {"name": publisher.key} for publisher in found)
            message = _("These are the names of different publishers: %(names)s.")
            return None, [Problem(path, message % {"names": names}, ErrorCode.AMBIGUOUS)]
        if found:
            return found[0], []
        return self._add(name, path)

    def _add(self, name: Text, path: ProblemPath) -> tuple[Publisher | None, list[Problem]]:
        if not all(map(folded, name.values())):
            message = _("This name has nothing that can be read.")
            return None, [Problem(path, message, ErrorCode.BLANK)]
        new = Publisher(key=next(iter(name.values())), name=name)
        problems = [problem.at(path) for problem in validation_problems(new, (), {"key"})]
        if problems:
            return None, problems
        self.known.append(self._saved(new))
        return self.known[-1], []

    def _saved(self, publisher: Publisher) -> Publisher:
        """Save a publisher, or return the one that another transaction has just saved."""
        try:
            with transaction.atomic():
                publisher.save()
        except IntegrityError:
            return Publisher.objects.get(key=publisher.key)
        return publisher
