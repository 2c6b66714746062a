"""The parts of docs/ that are made from code; each stands between two comments with its name.

`make docs` writes them anew, after a column or a field was added or explained otherwise.
"""

from pathlib import Path

from django.utils import translation

from commitments.exports import commitments, ogp, updates
from tests.docs.api_fields import api_fields
from tests.docs.markdown import columns_table
from tests.docs.tidy_columns import tidy_columns

# By page and name of the part.
PARTS = {
    ("docs/data.md", "columns"): tidy_columns,
    ("docs/exports.md", "columns of commitments"): lambda: columns_table(
        commitments.COMMITMENT_COLUMNS
    ),
    ("docs/exports.md", "columns of updates"): lambda: columns_table(updates.UPDATE_COLUMNS),
    ("docs/fields.md", "fields"): api_fields,
    ("docs/ogp-export.md", "columns"): lambda: columns_table(ogp.OGP_COLUMNS),
}


def with_part(page, name, part):
    """Return the text of a page with another text for this part."""
    begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->\n"
    before, _begin, rest = page.partition(begin)
    _part, found, after = rest.partition(end)
    assert found, f"The page has no part “{name}”."
    return before + begin + part + end + after


def pages():
    """Return the text of each page as it has to be, by its path."""
    result = {path: Path(path).read_text(encoding="utf-8") for path, _name in PARTS}
    with translation.override("en"):
        for (path, name), make in PARTS.items():
            result[path] = with_part(result[path], name, make())
    return result
