"""Pages of docs/ have every column of the exports and every field of the API."""

from pathlib import Path

import pytest

from tests.docs.generated import PARTS, pages

pytestmark = pytest.mark.alike


@pytest.mark.parametrize("path", sorted({path for path, _name in PARTS}))
def test_what_is_made_from_code_is_up_to_date(path):
    assert Path(path).read_text(encoding="utf-8") == pages()[path], "`make docs` writes it anew"
