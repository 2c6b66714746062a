"""Texts of tests in the languages of most of their plans."""

import json

from commitments.texts.text import Text


def stored(text):
    """Return a text as its column has it."""
    return json.dumps(text.as_dict(), ensure_ascii=False)


def en_zh(en="", zh=""):
    return Text({"en": en, "zh": zh})
