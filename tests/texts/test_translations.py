"""The Chinese catalogue: complete, compiled, and placeholders as in the English."""

import gettext
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

pytestmark = pytest.mark.alike

CATALOGUE = Path("commitments/locale/zh_Hans/LC_MESSAGES/django.po")
PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w+\}")


def messages():
    with CATALOGUE.open("rb") as file:
        return [message for message in read_po(file) if message.id]


def texts(message):
    """English and Chinese; of a text that counts, the plural, since Chinese has one form."""
    if isinstance(message.id, tuple):
        return message.id[-1], message.string[0]
    return message.id, message.string


def test_every_text_is_translated():
    assert [m.id for m in messages() if not texts(m)[1] or m.fuzzy] == []


def test_every_translation_has_the_placeholders_of_its_text():
    for message in messages():
        english, chinese = (sorted(PLACEHOLDER.findall(text)) for text in texts(message))
        assert english == chinese, message.id


def test_chinese_uses_full_width_punctuation():
    half_width = re.compile(r"[一-鿿][,;:!?]|[,;:!?][一-鿿]")
    assert [m.string for m in messages() if half_width.search(texts(m)[1])] == []


def test_the_compiled_catalogue_is_that_of_the_text_file():
    with CATALOGUE.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)

    def told(message):
        if isinstance(message.id, tuple):
            return compiled.ngettext(*message.id, 1)
        if message.context:
            return compiled.pgettext(message.context, message.id)
        return compiled.gettext(message.id)

    assert [m.id for m in messages() if told(m) != texts(m)[1]] == []


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
    with (tmp_path / CATALOGUE).open("rb") as file:
        found = {message.id for message in read_po(file) if message.id}
    assert found == {message.id for message in messages()}
