"""What tests read in pages."""

import re


def words(page):
    """A page without its marks."""
    return re.sub(r"<[^>]+>", "", page)
