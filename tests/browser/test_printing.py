"""Printed pages: the brief of the forum with the most commitments fits on one page of A4."""

import re

import pytest

pytestmark = [pytest.mark.long, pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def count_pages(pdf):
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_brief_of_the_largest_forum_is_one_page(browse, shipped_record, language):
    page = browse()
    page.goto(f"/{language}/ISCC/forums/UN/brief/?as_of=2026-11-25")
    assert count_pages(page.pdf(format="A4", prefer_css_page_size=True)) == 1
    page.goto(f"/{language}/ISCC/")
    assert count_pages(page.pdf(format="A4", prefer_css_page_size=True)) > 1
