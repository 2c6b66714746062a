"""The recipes of docs/api.md that read the status in R and Excel: what they ask for is there. R is
run where it is installed; the recipe in TypeScript is run by `tests/api/test_typescript.py`."""

import csv
import re
import shutil
from itertools import pairwise
from pathlib import Path

import pytest

from tests import tours

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

PAGE = Path("docs/api.md").read_text(encoding="utf-8")
[R] = tours.code_blocks(PAGE, "r")
[EXCEL] = tours.code_blocks(PAGE, "powerquery")


@pytest.fixture
def columns(record, api):
    """`columns(path)` returns those of a table."""

    def columns(path):
        answer = api().get(f"/{path}")
        assert answer.status_code == 200, path
        return next(csv.reader([b"".join(answer).decode().partition("\r\n")[0]]))

    return columns


@pytest.mark.long
def test_what_the_recipe_in_r_reads_is_there(columns):
    assert 'paste0(host, "/api/v1/data/ISCC/", name, ".csv")' in R
    tables = re.findall(r'table_of\("(\w+)"\)', R)
    assert tables == ["status", "commitments"]
    status, commitments = (columns(f"api/v1/data/ISCC/{name}.csv") for name in tables)
    assert set(re.findall(r"status\$(\w+)", R)) == {"status", "effective_on", "freshness"}
    assert {"status", "effective_on", "freshness", "schedule", "commitment"} <= set(status)
    [by_status, by_commitment] = re.findall(r'by\.[xy] = "(\w+)"', R)
    assert by_status in status
    assert by_commitment in commitments
    [printed] = re.findall(r"c\(([^)]+)\)\]", R)
    shown = re.findall(r'"(\w+)"', printed)
    assert shown == ["commitment", "title_en", "due_on"]
    # With columns that both have, `merge` would rename them.
    assert set(shown[1:]) <= set(commitments) - set(status)
    assert "schedule" not in commitments


@pytest.mark.long
def test_what_the_recipe_for_excel_reads_is_there(columns):
    [path] = re.findall(r'RelativePath = "([^"]+)"', EXCEL)
    found = columns(path)
    typed = re.findall(r'\{"(\w+)", (?:type date|Int64\.Type)\}', EXCEL)
    assert typed == ["effective_on", "last_action_on", "evidence_level"]
    assert set(typed) <= set(found)
    # Each step refers to one before it.
    names = re.findall(r"^    (\w+) = ", EXCEL, re.MULTILINE)
    assert names == ["Host", "Answer", "Rows", "Named", "Missing", "Typed"]
    for before, name in pairwise(names[1:]):
        step = EXCEL[EXCEL.index(f"    {name} = ") :]
        assert re.match(rf"    {name} = [\w.]+\(\s*{before}\b", step)
    assert EXCEL.rstrip().endswith("in\n    Typed")


@pytest.mark.long
@pytest.mark.skipif(shutil.which("Rscript") is None, reason="needs R")
@pytest.mark.django_db(transaction=True)
def test_r_prints_the_statuses(record, live_server, tmp_path):
    printed = tours.run_script(("Rscript", "-e"), R, tmp_path, live_server)
    assert "partly_active" in printed or "active" in printed
