"""Fonts by script: each text in the fonts of its own script first, on a page in any language."""

import pytest

pytestmark = [pytest.mark.long, pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PATHS = ("", "commitments/1.1/", "commitments/4.1/history/", "forums/UN/", "search/?q=上合")
HAN_FIRST = ("PingFang SC", "Songti SC")
LATIN_FIRST = ("Source Sans 3", "Source Serif 4")
# What is marked with its language, with its script if that is not Latin, the first of its fonts,
# and whether it has serifs as what is around it has. Quotations and sentences always have.
MARKED = """[...document.querySelectorAll('body [lang]:not([lang=und])')].map(element => {
  const fonts = place => getComputedStyle(place).fontFamily.split(',').map(
    font => font.trim().replaceAll('"', ''));
  const own = fonts(element), around = fonts(element.parentElement);
  return {script: element.dataset.script ?? 'Latn', first: own[0], words: element.outerHTML,
    fits: own.at(-1) === (element.matches('blockquote, .sentence') ? 'serif' : around.at(-1))};
})"""


def test_each_text_begins_with_the_fonts_of_its_script(browse, shipped_record):
    page = browse()
    for language in ("en", "zh-hans"):
        scripts = set()
        for path in PATHS:
            page.goto(f"/{language}/ISCC/{path}")
            for text in page.evaluate(MARKED):
                first = HAN_FIRST if text["script"].startswith("Han") else LATIN_FIRST
                assert text["first"] in first, text
                assert text["fits"], text
                scripts.add(text["script"])
        assert {"Hans", "Latn"} <= scripts


def test_a_part_in_another_script_has_the_fonts_of_that_script(browse, plan):
    page = browse()
    page.goto("/zh-hans/PLAN/")
    fonts = page.evaluate(
        """() => {
          const place = document.querySelector('h1');
          place.innerHTML = '<span lang="en"></span><span lang="ar" data-script="Arab"></span>'
            + '<span lang="und"></span><span lang="zh" data-script="Hans"></span>';
          return [...place.children].map(part => getComputedStyle(part).fontFamily.split(',')[0]);
        }"""
    )
    assert fonts == ['"Source Serif 4"', '"Source Serif 4"', '"Songti SC"', '"Songti SC"']
