"""Texts of tests in the languages of most of their plans."""

from commitments.texts.text import Text


def stored(text):
    """Return a text as its column stores it."""
    return text.as_json()


def en_zh(en="", zh=""):
    return Text({"en": en, "zh": zh})
