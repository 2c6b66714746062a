"""Habits of the code that no linter holds."""

import ast
from pathlib import Path

import pytest

from commitments import models

pytestmark = pytest.mark.alike

SOURCES = [
    path
    for folder in ("commitments", "tracker")
    for path in Path(folder).rglob("*.py")
    if "migrations" not in path.parts
]
BELOW_THE_INTERFACES = [
    path
    for path in SOURCES
    if path.parts[0] == "commitments"
    and not {"api", "admin", "management", "views", "site.py"} & set(path.parts)
]
CLOCK_READERS = ("timezone.now", "timezone.localdate", "datetime.now", "date.today", "time.time")


def nodes(path, *kinds):
    return [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, kinds)]


@pytest.mark.parametrize("path", SOURCES, ids=str)
def test_a_file_has_at_most_400_lines(path):
    assert len(path.read_text().splitlines()) <= 400


@pytest.mark.parametrize("path", SOURCES, ids=str)
def test_nothing_is_imported_inside_a_function(path):
    functions = nodes(path, ast.FunctionDef, ast.AsyncFunctionDef)
    inside = [
        inner.lineno
        for function in functions
        for inner in ast.walk(function)
        if isinstance(inner, (ast.Import, ast.ImportFrom))
    ]
    assert inside == []


@pytest.mark.parametrize("path", SOURCES, ids=str)
def test_there_are_no_signals(path):
    imported = [node.module or "" for node in nodes(path, ast.ImportFrom)]
    assert not [name for name in imported if "signals" in name or name.endswith("dispatch")]


@pytest.mark.parametrize("path", BELOW_THE_INTERFACES, ids=str)
def test_the_clock_is_read_in_the_interfaces_only(path):
    read = [ast.unparse(node.func) for node in nodes(path, ast.Call)]
    assert not [call for call in read if call.endswith(CLOCK_READERS)]


@pytest.mark.parametrize("name", models.__all__)
def test_no_model_overrides_save_or_delete(name):
    assert not {"save", "delete"} & set(vars(getattr(models, name)))


def test_only_the_workflow_writes_states_and_current_statuses():
    """`.state = …` and `.status_update = …` stand in the workflow and nowhere else."""
    writers = {
        str(path)
        for path in SOURCES
        for node in nodes(path, ast.Assign, ast.AugAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Attribute) and target.attr in ("state", "status_update")
    }
    assert writers == {"commitments/workflow.py"}
