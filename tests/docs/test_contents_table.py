"""docs/ledger.md lists the fields of the contents of what curators maintain."""

import re
from pathlib import Path

import pytest

from commitments.ledger import current_subject_version
from commitments.ledger.subject_versions import SUBJECT_VERSIONS

pytestmark = pytest.mark.alike

PAGE = Path("docs/ledger.md").read_text(encoding="utf-8")
CONTENTS = PAGE.partition("\n## Contents\n")[2].partition("\n## ")[0]
# A field, and in brackets the fields of its items.
FIELD = re.compile(r"`(\w+)`(?: \((.*?)\))?")


def fields_in(cell):
    """Return the fields that a cell names, as a version does."""
    for name, items in FIELD.findall(cell):
        yield name
        yield from (f"{name}.{field}" for field, _none in FIELD.findall(items))


def test_the_table_has_the_fields_of_the_newest_version():
    lines = [
        line.strip("| ").split(" | ") for line in CONTENTS.splitlines() if line.startswith("| `")
    ]
    version = current_subject_version()
    assert {kind.strip("`"): sorted(fields_in(cell)) for kind, _key, cell in lines} == {
        kind.value: sorted(fields) for kind, fields in SUBJECT_VERSIONS[version].items()
    }
    assert f"`v` (its version, now {version})" in CONTENTS
