"""What the page on security names is there, and its counts are those of its rows."""

import re
from collections import Counter
from pathlib import Path

import pytest

pytestmark = pytest.mark.alike

PAGE = Path("docs/security.md").read_text()
RESULTS = ("met", "partly", "not met", "does not apply")
NUMBER = re.compile(r"\bV?(\d+)\.(\d+)\.(\d+)(?:–\d+\.\d+\.(\d+))?")


def rows_of_requirements():
    """Return the cells of each row: requirement, result, where, shown by."""
    lines = re.findall(r"^\| (V\d+\..*)\|$", PAGE, re.M)
    return [[cell.strip() for cell in line.split("|")] for line in lines]


def result_of(text):
    return next(result for result in RESULTS if text.startswith(result))


def numbers_in(text):
    """Return the numbers of a row, such as V2.1.1 or each of V2.7.1–2.7.6."""
    for chapter, section, first, last in NUMBER.findall(text):
        for number in range(int(first), int(last or first) + 1):
            yield int(chapter), int(section), number


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


def test_the_counts_are_those_of_the_rows():
    counted, listed = Counter(), []
    for name, result, _where, _shown in rows_of_requirements():
        numbers = list(numbers_in(name))
        assert numbers, name
        listed += numbers
        counted.update((chapter, result_of(result)) for chapter, _section, _number in numbers)
    assert len(listed) == len({*listed}) == 259
    for chapter in range(1, 15):
        met, partly, not_met, foreign = (counted[chapter, result] for result in RESULTS)
        apply = met + partly + not_met
        row = (f"V{chapter}", apply + foreign, apply, met, partly, not_met)
        assert f"| {' | '.join(map(str, row))} |" in PAGE, row


def test_what_is_met_says_which_test_shows_it_or_how_it_was_checked():
    for name, result, _where, shown in rows_of_requirements():
        if result_of(result) == "met":
            assert re.search(r"`(tests/|make )|\btried\b|\bread: |by the operator", shown), name
