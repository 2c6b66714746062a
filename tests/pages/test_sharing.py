"""How pages say to others that they can show them."""

import html
import re

import pytest

from commitments.models import Partnership
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("a_day_later")]


@pytest.fixture
def named(duty, forum):
    """A duty that names a forum."""
    Partnership.objects.create(commitment=duty, forum=forum, quote=en_zh("the forum", "论坛"))
    return duty


def codes(page):
    return [
        html.unescape(code) for code in re.findall(r"<textarea[^>]*readonly[^>]*>([^<]*)<", page)
    ]


@pytest.mark.long
@pytest.mark.parametrize("path", ["", "commitments/1.1/", "forums/FORUM/"])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_address_that_a_page_gives_to_others_is_there(
    client, get_page, named, path, language
):
    page = get_page(f"/{language}/PLAN/{path}?as_of=2026-06-01")
    section = page[page.index('<details class="share"') :]
    section = html.unescape(section[: section.index("</details>")])
    addresses = re.findall(r'(?:href|src)="([^"]*)"|\((http[^)]*)\)', section)
    assert len(addresses) >= 5
    for address in map("".join, addresses):
        assert address.startswith("http://testserver/")
        assert "as_of=2026-06-01" in address or "/at/2026-06-01/" in address
        assert client.get(address, follow=True).status_code == 200, address


def test_the_code_of_a_card_is_html_whatever_the_title(get_page, named):
    named.title = en_zh('Hold <b> & "talks"', "会谈")
    named.save()
    frame, badge = codes(get_page("/en/PLAN/commitments/1.1/"))
    assert 'title="PLAN-1.1 Hold &lt;b&gt; &amp; &quot;talks&quot;"' in frame
    assert frame.startswith('<iframe src="http://testserver/embed/en/PLAN/commitments/1.1/" ')
    assert badge == (
        "[![PLAN-1.1](http://testserver/embed/en/PLAN/commitments/1.1/badge.svg)]"
        "(http://testserver/en/PLAN/commitments/1.1/)"
    )


@pytest.mark.long
def test_a_draft_offers_nothing_to_share(client, named, curator):
    named.plan.visibility = "draft"
    named.plan.save()
    client.force_login(curator)
    for path in ("", "commitments/1.1/", "forums/FORUM/"):
        page = client.get(f"/en/PLAN/{path}").text
        assert "og:image" not in page
        assert 'class="share"' not in page
        assert "changes.atom" not in page
