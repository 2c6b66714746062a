"""Reading the title of a page, for whoever adds a link to it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commitments.links.probe import LinkProbe, ProbeLimits
from commitments.links.titles import MAX_PAGE_TITLE, readable_title
from tests.links.odd_server import odd_server

pytestmark = pytest.mark.alike

LIMITS = ProbeLimits(total_seconds=0.6, step_seconds=0.4, max_bytes=20_000)


@pytest.mark.parametrize(
    ("page", "content_type", "title"),
    [
        (b"<title>Minutes</title>", "text/html", "Minutes"),
        (b"<TITLE lang=en>\n Minutes\t of  May </TITLE>", "text/html", "Minutes of May"),
        (b"<title>A &amp; B</title>", "text/html", "A & B"),
        ("<title>会议纪要</title>".encode(), "text/html", "会议纪要"),
        ("<title>会议纪要</title>".encode("gb18030"), "text/html; charset=gb2312", "会议纪要"),
        (
            '<meta charset="gbk"><title>会议纪要</title>'.encode("gbk"),
            "text/html",
            "会议纪要",
        ),
        ("<title>会议纪要</title>".encode("gb18030"), "text/html; charset=nonsense", "会议纪要"),
        ("<title>Протокол</title>".encode("cp1251"), "text/html; charset=cp1251", "Протокол"),
        (b"<title></title>", "text/html", ""),
        (b"<title>open", "text/html", ""),
        (b"<p>No title</p>", "text/html", ""),
        ("<title>fdp\u202eexe</title>".encode(), "text/html", "fdpexe"),
    ],
)
def test_a_title_is_read_in_the_encoding_of_its_page(page, content_type, title):
    assert readable_title(page, content_type) == title


@given(st.binary(), st.text())
def test_any_page_has_a_title_that_fits(page, content_type):
    title = readable_title(b"<title>" + page + b"</title>", content_type)
    assert len(title) <= MAX_PAGE_TITLE
    assert title == title.strip()
    assert title.isprintable()


@pytest.mark.long
@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/ok", "Minutes of May"),
        ("/moved", "Minutes of May"),
        ("/no-head", "Minutes of May"),
        ("/missing", ""),
        ("/document", ""),
        ("/untitled", ""),
        ("/garbage", ""),
        ("/silent", ""),
        ("/loop", ""),
        ("/to-metadata", ""),
    ],
)
def test_a_title_is_read_where_there_is_one_and_no_server_can_delay_or_break_it(path, title):
    with odd_server() as server:
        url = f"http://{server.host}{path}"
        probe = LinkProbe(url, "tests", frozenset({server.host}), limits=LIMITS)
        assert probe.read_title() == title


def test_no_title_is_read_from_a_private_network():
    with odd_server() as server:
        assert LinkProbe(f"http://{server.host}/ok", "tests", limits=LIMITS).read_title() == ""
