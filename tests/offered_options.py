"""The options that a page offers in its filters."""

import re

from django.utils.html import strip_tags


def offered(page):
    """Return the number beside each option that a page offers, by filter and option."""
    boxes = re.findall(
        r'<input type="checkbox" name="(\w+)" value="([^"]+)"[^>]*> <span>(.*?) </span> </label>',
        page,
    )
    return {
        (name, option): int(re.search(r"\((\d+)\)$", strip_tags(text).strip())[1])
        for name, option, text in boxes
    }
