"""Every catalogue of the interface: complete, compiled, with the placeholders of its texts."""

import gettext
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.utils import translation

from commitments.texts.lists import join_sentences

pytestmark = pytest.mark.alike

CATALOGUES = sorted(Path("commitments/locale").glob("*/LC_MESSAGES/django.po"))
CHINESE = Path("commitments/locale/zh_Hans/LC_MESSAGES/django.po")
PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w+\}")
every_catalogue = pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda path: path.parts[2])


def messages(catalogue):
    with catalogue.open("rb") as file:
        return [message for message in read_po(file) if message.id]


def texts(message):
    """Return the English text and its translations; of a text that counts, the plural."""
    if isinstance(message.id, tuple):
        return message.id[-1], message.string
    return message.id, (message.string,)


@every_catalogue
def test_every_text_is_translated(catalogue):
    assert [
        message.id for message in messages(catalogue) if message.fuzzy or not all(texts(message)[1])
    ] == []


@every_catalogue
def test_every_translation_has_the_placeholders_of_its_text(catalogue):
    for message in messages(catalogue):
        english, translations = texts(message)
        placeholders = sorted(PLACEHOLDER.findall(english))
        # The last form of a plural counts; the first may say “one” in words.
        assert sorted(PLACEHOLDER.findall(translations[-1])) == placeholders, message.id


def test_chinese_uses_full_width_punctuation():
    half_width = re.compile(r"[一-鿿][,;:!?]|[,;:!?][一-鿿]")
    found = [m.string for m in messages(CHINESE) if half_width.search(" ".join(texts(m)[1]))]
    assert found == []


@every_catalogue
def test_the_compiled_catalogue_is_that_of_the_text_file(catalogue):
    with catalogue.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)

    def translated(message):
        if isinstance(message.id, tuple):
            return compiled.ngettext(*message.id, 1)
        if message.context:
            return compiled.pgettext(message.context, message.id)
        return compiled.gettext(message.id)

    assert [m.id for m in messages(catalogue) if translated(m) != texts(m)[1][0]] == []


@pytest.mark.long
@pytest.mark.skipif(shutil.which("xgettext") is None, reason="needs Debian's gettext")
def test_every_text_in_the_code_is_in_the_catalogue(tmp_path):
    shutil.copytree("commitments", tmp_path / "commitments")
    shutil.copytree("tracker", tmp_path / "tracker")
    shutil.copy("manage.py", tmp_path)
    subprocess.run(
        [sys.executable, "../manage.py", "makemessages", "-l", "zh_Hans", "--no-location"],
        cwd=tmp_path / "commitments",
        check=True,
        capture_output=True,
    )
    found = {message.id for message in messages(tmp_path / CHINESE)}
    assert found == {message.id for message in messages(CHINESE)}


@pytest.mark.parametrize(("language", "joined"), [("en", "甲。 乙。"), ("zh-hans", "甲。乙。")])
def test_sentences_follow_each_other_as_in_the_language_of_the_reader(language, joined):
    with translation.override(language):
        assert join_sentences(["甲。", "乙。"]) == joined
