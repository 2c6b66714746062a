"""Lists in lists on a page, as a screen reader has them."""

import re
from html.parser import HTMLParser


class ForumsAbove(HTMLParser):
    """Collects, of each forum with a link in a list, the forums in whose items that list is."""

    def __init__(self):
        super().__init__()
        self.items, self.found = [], {}

    def handle_starttag(self, tag, attrs):
        link = re.search(r"/forums/([^/]+)/$", dict(attrs).get("href") or "")
        if tag == "li":
            self.items.append(None)
        elif link and self.items and self.items[-1] is None:
            self.found[link[1]] = [code for code in self.items if code]
            self.items[-1] = link[1]

    def handle_endtag(self, tag):
        if tag == "li":
            self.items.pop()


def forums_above(page):
    """Return the code of each forum that is listed, with those of the forums above it, the
    outermost first."""
    parser = ForumsAbove()
    parser.feed(page)
    return parser.found
