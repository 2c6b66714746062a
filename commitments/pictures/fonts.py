"""The fonts of pictures: our own for Latin script, the server's for other scripts."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import resvg_py

from commitments.texts.languages import script

# Semi-bold serif, and regular and semi-bold sans: instances of the pages' variable fonts, made with
# fontTools (`varLib.instancer`) because resvg needs a file for each weight.
FONT_FILES = [str(path) for path in sorted(Path(__file__).with_name("fonts").glob("*.ttf"))]
# The faces of Noto CJK by script. They come first, because resvg uses the first family that exists
# for the whole text, and their Latin characters look like those of our own fonts.
CJK_FACES = {"Hans": "SC", "Hant": "TC", "Jpan": "JP", "Kore": "KR"}
# No font has this character, so it is drawn like any missing character.
MISSING = "\U000effff"


def families(tag: str) -> dict[str, str]:
    """Return the lists of font families for text in a language, under the keys `sans` and
    `serif`."""
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
    """Return whether the fonts that this process found cover the scripts of a text."""
    return not undrawable(text)


def undrawable(text: str) -> set[str]:
    """Return the scripts of a text that no font covers, by their Unicode names, such as “CJK”."""
    samples = {
        (unicodedata.name(character, "").partition(" ")[0], _page(character)): character
        for character in set(text)
        if character.isalpha() and not character.isascii()
    }
    return {key[0] for key, character in samples.items() if not _is_there(key, character)}


def render(svg: str, **size: int) -> bytes:
    """Return a picture as PNG. `size` may have a `width` and a `height`; by default, it has the
    picture's own size."""
    return resvg_py.svg_to_bytes(
        svg_string=svg,
        font_files=FONT_FILES,
        width=size.get("width"),
        height=size.get("height"),
    )


# Fonts are looked for once: with one character of each script or, for alphabets, one of every 256
# characters, since fonts with Latin seldom have all of it.
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
