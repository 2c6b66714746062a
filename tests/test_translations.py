"""The Chinese catalogue: complete, compiled, and placeholders as in the English."""

import gettext
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

CATALOGUE = Path("commitments/locale/zh_Hans/LC_MESSAGES/django.po")
PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w+\}")


def messages():
    with CATALOGUE.open("rb") as file:
        return [message for message in read_po(file) if message.id]


def test_every_text_is_translated():
    assert [message.id for message in messages() if not message.string or message.fuzzy] == []


def test_every_translation_has_the_placeholders_of_its_text():
    different = [
        message.id
        for message in messages()
        if sorted(PLACEHOLDER.findall(message.id)) != sorted(PLACEHOLDER.findall(message.string))
    ]
    assert different == []


def test_chinese_uses_full_width_punctuation():
    half_width = re.compile(r"[一-鿿][,;:!?]|[,;:!?][一-鿿]")
    assert [m.string for m in messages() if half_width.search(m.string)] == []


def test_the_compiled_catalogue_is_that_of_the_text_file():
    with CATALOGUE.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    assert [m.id for m in messages() if compiled.gettext(m.id) != m.string] == []


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
