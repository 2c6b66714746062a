"""The publishers of sources: known by any of their names, and recorded when they are new."""

from __future__ import annotations

from collections import defaultdict
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
    """The publishers that have some of these names, read at once."""

    def __init__(self, names: Iterable[Text]) -> None:
        words = {each for name in names for each in name.values() if folded(each)}
        self.known: list[Publisher] = []
        self.new: list[Publisher] = []
        # Indexes in `known` of the publishers with each name.
        self.places: defaultdict[str, list[int]] = defaultdict(list)
        for publisher in Publisher.objects.named(words):
            self._remember(publisher)

    def find(self, name: Text, path: ProblemPath) -> tuple[Publisher | None, list[Problem]]:
        """Return the publisher that has one of these names, and no problem.

        A new publisher, with all of them, is saved by `save_new`; further names of a known one are
        a curator's to add. Without a name return None. If the names are those of different
        publishers, or cannot be saved, return None and the problems, at `path`.
        """
        if not name:
            return None, []
        places = {place for each in name.values() for place in self.places[folded(each)]}
        found = [self.known[place] for place in sorted(places)]
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
        self.new.append(new)
        self._remember(new)
        return new, []

    def _remember(self, publisher: Publisher) -> None:
        for name in {folded(each) for each in (publisher.key, *publisher.name.values())}:
            self.places[name].append(len(self.known))
        self.known.append(publisher)

    def forget_new(self, kept: int) -> None:
        """Forget the new publishers after the first `kept`, because nothing names them after
        all."""
        for publisher in self.new[kept:]:
            place = self.known.index(publisher)
            for places in self.places.values():
                if place in places:
                    places.remove(place)
        del self.new[kept:]

    def save_new(self) -> None:
        """Save the new publishers."""
        if not self.new:
            return
        try:
            with transaction.atomic():
                Publisher.objects.bulk_create(self.new)
        except IntegrityError:
            for publisher in self.new:
                publisher.pk = self._saved(publisher).pk

    def _saved(self, publisher: Publisher) -> Publisher:
        """Save a publisher, or return the one that another transaction has just saved."""
        try:
            with transaction.atomic():
                publisher.save()
        except IntegrityError:
            return Publisher.objects.get(key=publisher.key)
        return publisher
