"""The page of the OpenAPI document runs nothing inline and loads nothing from elsewhere."""

import re
from html.parser import HTMLParser

import pytest
from django.contrib.staticfiles import finders

pytestmark = pytest.mark.alike


class Page(HTMLParser):
    """What of a page would run or colour something inline, and where it loads from."""

    def __init__(self, html):
        super().__init__()
        self.inline, self.loaded = [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.loaded += [given[name] for name in ("src", "href") if name in given]
        if tag == "style" or (tag == "script" and not given.get("src")):
            self.inline.append(tag)
        self.inline += [f"{tag} {name}" for name in given if name == "style" or name[:2] == "on"]


def test_the_page_of_the_document_has_nothing_inline_and_nothing_from_elsewhere(api):
    answer = api().get("/api/v1/docs/")
    assert answer.status_code == 200
    page = Page(answer.content.decode())
    assert page.inline == []
    assert len(page.loaded) >= 5
    for address in page.loaded:
        assert re.match(r"/(?!/)", address), address
        name = address.removeprefix("/static/")
        assert name == address or finders.find(name), f"no such file: {address}"


def test_the_script_of_the_page_is_one_of_ours_and_reads_our_document(api):
    page = Page(api().get("/api/v1/docs/").content.decode())
    [script] = [address for address in page.loaded if address.startswith("/api/")]
    answer = api().get(script)
    assert answer.headers["Content-Type"].startswith("application/javascript")
    assert "/api/v1/schema/" in answer.content.decode()


def test_the_policy_of_the_page_allows_nothing_inline_and_nothing_from_elsewhere(api):
    policy = api().get("/api/v1/docs/").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert not re.search(r"unsafe-|https?:|\*", policy)
