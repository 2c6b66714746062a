"""What the page on security names is there, and its counts are those of its rows."""

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.alike

PAGE = Path("docs/security.md").read_text()


def test_every_file_and_test_that_is_named_is_there():
    named = set(re.findall(r"`((?:tests|commitments|tracker|deploy|docs)/[^`\s]+)`", PAGE))
    assert len(named) > 100
    for reference in named:
        path, _colons, test = reference.partition("::")
        assert Path(path).exists(), reference
        assert not test or f"def {test}(" in Path(path).read_text(), reference


def test_the_counts_add_up():
    rows = re.findall(
        r"^\| (V\d+|all) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", PAGE, re.M
    )
    *chapters, total = [[int(n) for n in numbers] for _name, *numbers in rows]
    assert len(chapters) == 14
    assert [sum(column) for column in zip(*chapters, strict=True)] == total
    for numbers in [*chapters, total]:
        _all, apply, met, partly, not_met = numbers
        assert apply == met + partly + not_met
