"""A database of a release is made with the migrations that there are now."""

from itertools import pairwise
from types import SimpleNamespace

import pytest
from django.db.migrations.graph import MigrationGraph

from tests.release.frozen import targets

pytestmark = pytest.mark.alike

OURS, LATER = ("commitments", "0001_initial"), ("commitments", "0002_later")
FIRST, SECOND = ("knox", "0001_first"), ("knox", "0002_second")
SQUASHED = ("knox", "0001_squashed")


def loader(names, replaces=()):
    """Return what a loader of Django knows of migrations that each depend on the one before, and of
    which one of the library has replaced others."""
    graph = MigrationGraph()
    for name in names:
        graph.add_node(name, None)
    for app in ("commitments", "knox"):
        chain = [name for name in names if name[0] == app]
        for parent, child in pairwise(chain):
            graph.add_dependency(None, child, parent)
    replacements = {SQUASHED: SimpleNamespace(replaces=list(replaces))} if replaces else {}
    return SimpleNamespace(graph=graph, replacements=replacements)


@pytest.mark.parametrize(
    ("known", "found"),
    [
        (loader([OURS, LATER, FIRST, SECOND]), {OURS, SECOND}),
        (loader([OURS, FIRST, SECOND, ("knox", "0003_third")]), {OURS, SECOND}),
        (loader([OURS, SQUASHED], [FIRST, SECOND]), {OURS, SQUASHED}),
        (loader([OURS, SQUASHED, ("knox", "0003_third")], [FIRST, SECOND]), {OURS, SQUASHED}),
        (loader([OURS, FIRST, SECOND], [FIRST, SECOND]), {OURS, SECOND}),
        (loader([OURS, SECOND]), {OURS, SECOND}),
        (loader([OURS, SQUASHED]), {OURS, SQUASHED}),
        (loader([OURS]), {OURS}),
    ],
    ids=[
        "ours went on",
        "a library went on",
        "squashed",
        "squashed, and went on",
        "squashed, but not there yet",
        "the first was taken away",
        "all were taken away after they were squashed",
        "the library is no longer installed",
    ],
)
def test_the_targets_are_migrations_that_there_are(known, found):
    assert set(targets({OURS, FIRST, SECOND}, known)) == found
