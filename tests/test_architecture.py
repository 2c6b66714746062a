"""Conventions of the code that no linter checks. Each test lists the violations."""

import ast
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

from commitments import models

pytestmark = pytest.mark.alike

MIGRATIONS = sorted(Path("commitments/migrations").glob("0*.py"))
SOURCES = sorted(
    path
    for folder in ("commitments", "tracker")
    for path in Path(folder).rglob("*.py")
    if "migrations" not in path.parts
)
INTERFACES = {"api", "pages", "admin", "management"}
BELOW_THE_INTERFACES = [
    path for path in SOURCES if path.parts[0] == "commitments" and not INTERFACES & set(path.parts)
]
CLOCK_READERS = ("timezone.now", "timezone.localdate", "datetime.now", "date.today", "time.time")
# Names that Django looks up in modules, so many modules define them.
NAMES_OF_DJANGO = {"Command", "urlpatterns", "app_name", "register"}
# The tests and tools too. The programs in docs/ are single files, however long.
FILES_OF_CODE = sorted(
    {*SOURCES, *(path for folder in ("tests", "tools") for path in Path(folder).rglob("*.py"))}
)
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
# Pages, mails and pictures.
TEMPLATES = sorted(path for path in Path("commitments/templates").rglob("*") if path.is_file())
MAX_TEMPLATE_LINE = 160


@cache
def tree(path):
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def all_nodes(path):
    return list(ast.walk(tree(path)))


def nodes(path, *kinds):
    return [node for node in all_nodes(path) if isinstance(node, kinds)]


def functions(path):
    return nodes(path, ast.FunctionDef, ast.AsyncFunctionDef)


def imported(path):
    """The modules that a file imports, and what it takes from them, all by their full names."""
    return imported_by(nodes(path, ast.Import, ast.ImportFrom), path.parent.parts)


def imported_by(found, package):
    names = []
    for node in found:
        module = []
        if isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            module = [*above, *filter(None, [node.module])]
            names.append(".".join(module))
        names += [".".join([*module, alias.name]) for alias in node.names]
    return names


def public_names(path):
    """What a module defines at its top level, but for what begins with an underscore."""
    for node in tree(path).body:
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                names = [name]
            case ast.Assign(targets=targets):
                names = [target.id for target in targets if isinstance(target, ast.Name)]
            case ast.AnnAssign(target=ast.Name(id=name)):
                names = [name]
            case _:
                names = []
        yield from (name for name in names if not name.startswith("_"))


def test_a_file_has_at_most_400_lines():
    lengths = {
        str(path): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES_OF_CODE
    }
    assert [path for path, lines in lengths.items() if lines > MAX_FILE_LINES] == []


def test_no_line_of_a_template_is_long():
    long = [
        f"{path}:{number}"
        for path in TEMPLATES
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > MAX_TEMPLATE_LINE
    ]
    assert long == []


def test_a_partial_template_begins_with_a_comment_on_its_inputs():
    assert [
        str(path)
        for path in TEMPLATES
        if path.name.startswith("_") and not path.read_text(encoding="utf-8").startswith("{# ")
    ] == []


@pytest.mark.long
def test_few_functions_are_long():
    lengths = {
        f"{path}:{node.name}": node.end_lineno - node.lineno + 1
        for path in SOURCES
        for node in functions(path)
    }
    assert [place for place, length in lengths.items() if length > MAX_FUNCTION_LINES] == []
    over_40 = [place for place, length in lengths.items() if length > 40]
    assert len(over_40) <= len(lengths) / 100, over_40


def test_nothing_is_imported_inside_a_function():
    inside = [
        f"{path}:{inner.lineno}"
        for path in SOURCES
        for function in functions(path)
        for inner in ast.walk(function)
        if isinstance(inner, (ast.Import, ast.ImportFrom))
    ]
    assert inside == []


def test_there_are_no_signals():
    found = {str(path): signals(imported(path)) for path in SOURCES}
    assert {path: names for path, names in found.items() if names} == {}


def signals(names):
    return [name for name in names if {"signals", "dispatch"} & set(name.split("."))]


def test_the_clock_is_read_in_the_interfaces_only():
    calls = [
        (str(path), ast.unparse(node.func))
        for path in BELOW_THE_INTERFACES
        for node in nodes(path, ast.Call)
    ]
    assert [call for call in calls if call[1].endswith(CLOCK_READERS)] == []


def test_no_model_overrides_save_or_delete():
    assert [
        name for name in models.__all__ if {"save", "delete"} & set(vars(getattr(models, name)))
    ] == []


def test_only_the_workflow_writes_states_and_current_statuses():
    """`.state = …` and `.status_update = …` occur in the workflow and nowhere else."""
    writers = {
        str(path)
        for path in SOURCES
        for node in nodes(path, ast.Assign, ast.AugAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Attribute) and target.attr in ("state", "status_update")
    }
    assert writers == {"commitments/workflow/actions.py"}


def test_one_public_name_has_one_meaning():
    """No two modules define the same public name."""
    places = defaultdict(list)
    for path in SOURCES:
        if path.parts[0] == "commitments":
            for name in set(public_names(path)) - NAMES_OF_DJANGO:
                places[name].append(str(path))
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def code_that_may_move(names):
    """Return what a migration may not import: code of ours, which would change after its release,
    and what imports by a name that is a string."""
    ours = ("commitments", "tracker", "tests", "tools", "importlib", "django.utils.module_loading")
    return [name for name in names if f"{name}.".startswith(tuple(f"{each}." for each in ours))]


def test_migrations_import_no_code_that_may_move():
    found = {str(path): code_that_may_move(imported(path)) for path in MIGRATIONS}
    assert len(found) > 1
    assert {path: names for path, names in found.items() if names} == {}


@pytest.mark.parametrize(
    "statement",
    [
        "import commitments.models",
        "import tracker.settings as s",
        "from commitments import models",
        "from commitments.models import Plan",
        "from .. import models",
        "from ..models import Plan",
        "from . import other",
        "from .other import name",
        "from importlib import import_module",
        "import os, commitments",
    ],
)
def test_every_form_of_an_import_is_seen(statement):
    names = imported_by(ast.parse(statement).body, ("commitments", "migrations"))
    assert code_that_may_move(names)


@pytest.mark.parametrize(
    "statement",
    ["from django.db.models import signals", "from django.dispatch import receiver"],
)
def test_a_signal_is_seen_however_it_is_imported(statement):
    names = imported_by(ast.parse(statement).body, ("commitments",))
    assert signals(names)


@pytest.mark.parametrize(
    "statement", ["from django.db import migrations, models", "import commitmentsx"]
)
def test_what_a_migration_may_import_is_not_refused(statement):
    names = imported_by(ast.parse(statement).body, ("commitments", "migrations"))
    assert code_that_may_move(names) == []
