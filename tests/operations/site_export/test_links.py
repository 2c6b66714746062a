"""Which addresses are exported, and how pages lead to them."""

import pytest

from commitments.operations.site_export.addresses import ExportedAddresses
from commitments.operations.site_export.links import addresses_in_css, with_links

ADDRESSES = ExportedAddresses({12: ".pdf"})


@pytest.mark.parametrize(
    ("address", "file"),
    [
        ("/en/", "en/index.html"),
        ("/zh-hans/ISCC/commitments/3.2/", "zh-hans/ISCC/commitments/3.2/index.html"),
        (
            "/en/ISCC/commitments/%EF%BC%88%E4%BA%8C%EF%BC%89/",
            "en/ISCC/commitments/（二）/index.html",
        ),
        (
            "/en/ISCC/commitments/index.html/history/",
            "en/ISCC/commitments/index.html_/history/index.html",
        ),
        ("/en/ISCC/commitments/Page-2.HTML_/", "en/ISCC/commitments/Page-2.HTML__/index.html"),
        ("/en/ISCC/grid.svg", "en/ISCC/grid.svg"),
        ("/embed/en/ISCC/badge.svg", "embed/en/ISCC/badge.svg"),
        ("/static/commitments/site.css", "static/commitments/site.css"),
        ("/en/ISCC/changes/?before=812", "en/ISCC/changes/before-812.html"),
        ("/en/ISCC/commitments/?page=2", "en/ISCC/commitments/page-2.html"),
        ("/api/v1/data/ISCC/updates.csv", "data/ISCC/updates.csv"),
        ("/api/v1/data/ISCC/datapackage.json", "data/ISCC/datapackage.json"),
        ("/api/v1/data/ISCC/snapshots/2026-Q3.zip", "data/ISCC/snapshots/2026-Q3.zip"),
        ("/api/v1/evidence/12/file/", "data/evidence/12.pdf"),
    ],
)
def test_pages_tables_and_files_are_exported(address, file):
    assert str(ADDRESSES.file_of(address)) == file


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/admin/",
        "/en/search/",
        "/en/ISCC/search/",
        "/en/ISCC/changes.atom",
        "/en/ISCC/follow/",
        "/en/ISCC/goals/2/follow/",
        "/en/following/1:x/",
        "/en/ISCC/commitments/?status=active",
        "/en/ISCC/commitments/?status=active&page=2",
        "/en/ISCC/?as_of=2020-12-31",
        "/en/ISCC/changes/?before=x",
        "/en/ISCC/grid.svg?page=2",
        "/at/2026-11-28/812/ISCC/",
        "/source/12/",
        "/api/v1/docs/",
        "/api/v1/commitments/export/?plan=ISCC&format=csv",
        "/api/v1/evidence/13/file/",
        "/fr/",
    ],
)
def test_what_needs_the_site_is_not_exported(address):
    assert ADDRESSES.file_of(address) is None


def exported(html):
    return with_links(html, lambda address: f"E:{address}", lambda address: f"S:{address}", "!")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('<a href="/en/">x</a>', '<a href="E:/en/">x</a>'),
        (
            '<a class="b" href="/?a=1&amp;b=2" hidden>',
            '<a class="b" href="E:/?a=1&amp;b=2" hidden>',
        ),
        ('<img src="a.png" alt="">', '<img src="E:a.png" alt="">'),
        ('<use href="#dots"/>', '<use href="#dots"/>'),
        ('<image href="a.png"/>', '<image href="E:a.png" />'),
        ('<link rel="stylesheet" href="a.css">', '<link rel="stylesheet" href="E:a.css">'),
        ('<link rel="canonical" href="/en/">', '<link rel="canonical" href="S:/en/">'),
        ('<form method="get">', '<form method="get" action="S:">'),
        ('<form action="/s/">', '<form action="S:/s/">'),
        ("<main><h1>x</h1></main>", "!<main><h1>x</h1></main>"),
        ("<!doctype html><!-- c --><svg viewBox='0 0 1 1'/>&amp;&#39;&lt;a href=&quot;x&quot;",)
        * 2,
        (
            "<p title='href=\"/\"'>a &amp b &copy; <br></p>",
            "<p title='href=\"/\"'>a &amp; b &copy; <br></p>",
        ),
    ],
)
def test_only_addresses_of_a_page_are_written_anew(before, after):
    assert exported(before) == after


def test_what_a_style_sheet_loads_is_found():
    css = """@font-face { src: url("a.woff2") } b { background: url(../c.png), url('data:x') }"""
    assert addresses_in_css(css) == ["a.woff2", "../c.png"]
