"""The fonts of pictures: our own for Latin, the server's for other scripts."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import resvg_py

from commitments.texts.languages import script

# Semi-bold serif, regular and semi-bold sans: instances of the variable fonts of the pages, made
# with fontTools (`varLib.instancer`), since resvg needs a file for each weight.
FONT_FILES = [str(path) for path in sorted(Path(__file__).with_name("fonts").glob("*.ttf"))]
# Faces of Noto CJK by script. They come first, since resvg takes the first family that there is
# for the whole text, and their Latin is that of our own fonts.
CJK_FACES = {"Hans": "SC", "Hant": "TC", "Jpan": "JP", "Kore": "KR"}
# No font has this character, so that it looks like one that is missing.
MISSING = "\U000effff"


def families(tag: str) -> dict[str, str]:
    """Return the lists of families for text in a language, `sans` and `serif`."""
    face = CJK_FACES.get(script(tag))
    sans, serif = (
        (f"'Noto {name} CJK {face}', 'Source Han {name} {face}', " if face else "")
        for name in ("Sans", "Serif")
    )
    return {
        "sans": f"{sans}'Source Sans 3', 'Noto Sans', Helvetica, Arial, sans-serif",
        "serif": f"{serif}'Source Serif 4', 'Noto Serif', Georgia, serif",
    }


def can_draw(text: str) -> bool:
    """Return whether the fonts that this process found have the scripts of a text."""
    return not undrawable(text)


def undrawable(text: str) -> set[str]:
    """Return the scripts of a text that no font has, as Unicode names them: “CJK”."""
    samples = {
        (unicodedata.name(character, "").partition(" ")[0], _page(character)): character
        for character in set(text)
        if character.isalpha() and not character.isascii()
    }
    return {key[0] for key, character in samples.items() if not _is_there(key, character)}


def render(svg: str, **size: int) -> bytes:
    """Return a picture as PNG, of the `width` and `height` in `size` or else of its own."""
    return resvg_py.svg_to_bytes(
        svg_string=svg,
        font_files=FONT_FILES,
        width=size.get("width"),
        height=size.get("height"),
    )


# Which fonts there are is found out once: by one character of each script, of alphabets by one of
# each 256, since fonts with Latin seldom have all of it.
_found: dict[tuple[str, int], bool] = {}
FIRST_OF_LARGE_SCRIPTS = 0x2E80


def _page(character: str) -> int:
    return 0 if ord(character) >= FIRST_OF_LARGE_SCRIPTS else ord(character) >> 8


def _is_there(key: tuple[str, int], character: str) -> bool:
    if key not in _found:
        _found[key] = _sample(character) != _sample(MISSING)
    return _found[key]


def _sample(character: str) -> bytes:
    return render(
        '<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24">'
        f'<text y="20" font-size="20" font-family="\'Source Sans 3\'">{character}</text></svg>'
    )
