"""Markup in every text of a plan and its record is shown as text: on each public page, page of the
staff side and feed, in both languages, and in what is exported for browsers."""

import html
import re

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client

from commitments.models import Commitment, Forum, ProgressUpdate
from tests.hostile.marked import MARK, SCRIPT, WHEN, acting, build_world
from tests.staff_pages import record_pages

pytestmark = [pytest.mark.long, pytest.mark.alike, pytest.mark.django_db]

# What leads elsewhere, or would be the same page once more.
SKIPPED = re.compile(r"^//|^/at/|^/static/|/logout/")
# What a browser shows, and could run.
MARKUP_TYPES = re.compile(r"text/html|image/svg|(text|application)/(atom\+|rss\+)?xml")
MAX_PAGES = 400


@pytest.fixture
def world(tmp_path):
    build_world(tmp_path)
    with time_machine.travel(WHEN, tick=False):
        yield


def found(client, beginnings):
    """Yield each page that links lead to from these, with its text. No link leads to an error."""
    waiting, seen = [(address, "") for address in beginnings], set()
    while waiting and len(seen) < MAX_PAGES:
        address, linked_from = waiting.pop(0)
        if address in seen:
            continue
        seen.add(address)
        answer = client.get(address)
        assert answer.status_code in (200, 302), (address, linked_from, answer.status_code)
        content = answer.getvalue()
        kind = answer.headers.get("Content-Type", "")
        if answer.status_code != 200 or not MARKUP_TYPES.match(kind):
            continue
        text = content.decode()
        yield address, text
        if "html" in kind:
            links = re.findall(r'href="(/[^"#]*)', html.unescape(text))
            waiting += [(link, address) for link in links if not SKIPPED.search(link)]


def shows_it_as_text(pages):
    """Assert that no page has the mark as markup; return how many have it as text."""
    shown = 0
    for address, text in pages:
        assert SCRIPT not in text, f"{address}: …{text[text.index(SCRIPT) - 200 :][:300]}"
        assert acting(text) == [], address
        shown += "alert(7)" in text
    return shown


@pytest.mark.usefixtures("world")
def test_public_pages_feeds_and_pictures(client, capsys):
    beginnings = ["/en/", "/zh-hans/", "/sitemap.xml", "/sitemaps/site.xml"]
    pages = list(found(client, beginnings))
    shown = shows_it_as_text(pages)
    with capsys.disabled():
        print(f"\n  markup shown as text on {shown} of {len(pages)} public pages")
    assert shown > 100


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("name", ["reporter", "reviewer", "curator", "administrator"])
def test_the_staff_side(name, capsys):
    user, client = User.objects.get(username=name), Client()
    client.force_login(user)
    beginnings = ["/admin/", "/admin/records/", "/admin/planning/", "/admin/meetings/"]
    if name == "administrator":
        beginnings += record_pages(user)
    beginnings += [
        f"/admin/updates/{row.pk}/" for row in ProgressUpdate.objects.visible_to(user)[:20]
    ]
    pages = [
        (address, text)
        for address, text in found(client, beginnings)
        if address.startswith("/admin/")
    ]
    shown = shows_it_as_text(pages)
    with capsys.disabled():
        print(f"\n  … on {shown} of {len(pages)} pages of the {name}")
    assert shown > 10


def test_the_world_has_the_mark_in_its_texts(world):
    commitment, forum = Commitment.objects.first(), Forum.objects.first()
    update = ProgressUpdate.objects.first()
    texts = [commitment.title, commitment.text, commitment.plan.title, forum.name, update.summary]
    assert all(MARK in text["en"] for text in texts)
