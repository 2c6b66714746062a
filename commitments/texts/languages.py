"""Languages by their BCP 47 tags: names and direction, and the choice of one for a reader.

Tags of texts have a language and, where needed, a script and a region: `es`, `zh-Hant`, `pt-BR`.
Which languages there are, what they are called and which scripts they are written in comes from
the CLDR, by way of Babel.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from django.conf import settings
from django.utils import translation

# The tag of words whose language is not known. It never reaches the database.
UNDETERMINED = "und"

# Tags come from outside too, so only the last ones are kept in memory.
_remembered = lru_cache(maxsize=1024)

# Tags that do not stand for a single language.
_NO_LANGUAGES = frozenset((UNDETERMINED, "mis", "mul", "zxx"))

_TAG = re.compile(
    r"([a-z]{2,3})(?:-([a-z]{4}))?(?:-([a-z]{2}|[0-9]{3}))?", re.IGNORECASE | re.ASCII
)
# Scripts that run from right to left, by their ISO 15924 codes.
_RIGHT_TO_LEFT = frozenset(
    ["Adlm", "Arab", "Aran", "Hebr", "Mand", "Mend", "Nkoo", "Rohg", "Samr", "Syrc", "Thaa"]
)


@_remembered
def canonical_tag(tag: str) -> str | None:
    """Return a language tag in its canonical case, None if it names no known language."""
    match = _TAG.fullmatch(tag)
    if match is None:
        return None
    language, script, region = match.groups()
    language = language.lower()
    if language not in get_global("likely_subtags") or language in _NO_LANGUAGES:
        return None
    subtags = (language, script and script.title(), region and region.upper())
    return "-".join(subtag for subtag in subtags if subtag)


@_remembered
def language_name(tag: str) -> str:
    """Return the name of a language in that language, its tag if the CLDR has none."""
    return _name_in(tag, tag)


@_remembered
def short_name(tag: str) -> str:
    """Return the name of a language in that language, without script and region, for a choice among
    languages: “português”, not “português (Brasil)”."""
    return language_name(tag.split("-", maxsplit=1)[0])


@_remembered
def likely_locale(tag: str) -> str:
    """Return a language with the territory where most of its readers live, such as `zh_CN`."""
    match = _TAG.fullmatch(tag)
    if match is None:
        return tag
    language, own_script, region = match.groups()
    likely = get_global("likely_subtags")
    with_script = f"{language}_{own_script}" if own_script else language
    expanded = likely.get(with_script) or likely.get(language) or ""
    region = region or expanded.rpartition("_")[2]
    return f"{language}_{region}" if region else language


def language_name_for_reader(tag: str) -> str:
    """Return the name of a language in the reader's language, its tag if the CLDR has none."""
    return _name_in(tag, reader_tag())


@_remembered
def _name_in(tag: str, reader: str) -> str:
    try:
        locale, name_in = (Locale.parse(each, sep="-") for each in (tag, reader))
    except (UnknownLocaleError, ValueError):
        return tag
    # Some tags with a script or a region have a name of their own.
    return name_in.languages.get(str(locale)) or locale.get_display_name(name_in) or tag


@_remembered
def direction(tag: str) -> Literal["ltr", "rtl"]:
    """Return the direction of a language's script, as HTML's `dir` has it."""
    return "rtl" if script(tag) in _RIGHT_TO_LEFT else "ltr"


def script(tag: str) -> str:
    """Return the ISO 15924 code of the script of a language, "" if the CLDR does not know it."""
    match = _TAG.fullmatch(tag)
    if match is None:
        return ""
    language, own_script, region = match.groups()
    likely = get_global("likely_subtags")
    expanded = likely.get(f"{language}_{region}") or likely.get(language) or ""
    return own_script or (expanded.split("_")[1] if expanded.count("_") else "")


def interface_tags() -> list[str]:
    """Return the languages of the interface, in the order of the settings."""
    return [interface_tag(code) for code, _name in settings.LANGUAGES]


def reader_tag() -> str:
    """Return the language in which the interface is shown now."""
    return interface_tag(translation.get_language() or settings.LANGUAGE_CODE)


@_remembered
def interface_tag(code: str) -> str:
    """Return the tag of a language of the settings: `zh-Hans` for `zh-hans`."""
    return canonical_tag(code) or code


def best_match(wanted: str, tags: Iterable[str]) -> str | None:
    """Return the one of these tags that suits a reader of the wanted language, None if none does.

    An exact match comes first, then a more general tag (`zh` for `zh-Hans`), then the first tag of
    the same language, if possible in the same script: another script or region is better than
    another language.
    """
    available = list(tags)
    parts = wanted.split("-")
    for length in range(len(parts), 0, -1):
        general = "-".join(parts[:length])
        if general in available:
            return general
    related = [tag for tag in available if tag.split("-")[0] == parts[0]]
    same_script = (tag for tag in related if script(tag) == script(wanted))
    return next(same_script, related[0] if related else None)
