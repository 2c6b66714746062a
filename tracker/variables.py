"""Variables of the environment, read strictly: a misspelt value is refused, never read as another
one. The message names the value and what is allowed."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Collection
from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import environ
from django.core.exceptions import ImproperlyConfigured

TRUE = frozenset({"true", "yes", "on", "1"})
FALSE = frozenset({"false", "no", "off", "0"})

# The schemes that addresses may have, and examples for messages. Drivers of other databases are not
# installed.
DATABASE_SCHEMES = ("sqlite", "postgres", "postgresql", "psql", "pgsql")
DATABASE_EXAMPLE = "sqlite:///path or postgres://user:password@host:5432/name"
# Some would keep nothing, and so limit nothing, or need other libraries.
CACHE_SCHEMES = ("filecache", "locmemcache", "rediscache", "redis", "rediss", "valkey", "valkeys")
MAIL_SCHEMES = ("smtp", "smtps", "smtp+tls", "smtp+ssl", "consolemail")
CACHE_EXAMPLE = "filecache:///path, rediscache://host:6379/0 or locmemcache://"
MAIL_EXAMPLE = "smtp+tls://user:password@mail.example.org:587 or consolemail://"
COMMAND_FOR_A_KEY = 'python3 -c "import secrets; print(secrets.token_urlsafe(50))"'

# A line of a `.env` file, with the name of a variable.
LINE = re.compile(r"(?:export )?(?P<name>[A-Za-z_]\w*)=")
# How much a name has to resemble another one to be taken for a misspelling of it.
LIKENESS = 0.85

# What a header can have.
HEADER = re.compile(r"[ -~]*")
# What an address would take for the end of a path, or for a blank in it.
SPECIAL_IN_PATH = re.compile(r"[#?+]")

# Where Django looks for time zones, if there is such a folder.
TIME_ZONES = Path("/usr/share/zoneinfo")

# Aliases, because methods of the class below shadow `str`, `int` and `list`.
_Text = str
_Bound = int | None
_Texts = list[str]
_Options = dict[str, Any]


class Variables(environ.Env):
    """The variables of the environment by type. Each method raises ImproperlyConfigured for a value
    that it does not allow. An empty value does not stand for the default."""

    def __init__(self) -> None:
        super().__init__()
        self._asked: set[str] = set()

    @classmethod
    def read_file(cls, file: Path) -> None:
        """Set the variables of a `.env` file that the environment does not have. Raise
        ImproperlyConfigured for a line that sets none: it may contain a password, so only its
        number is shown."""
        for number, line in enumerate(_lines(file), 1):
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            found = LINE.match(line)
            if found is None:
                raise ImproperlyConfigured(
                    f"Line {number} of {file} sets nothing. Write NAME=value, without blanks "
                    "before the name and around the sign; a comment begins with #."
                )
            value = line[found.end() :]
            if value[:1] in ("'", '"') and (len(value) == 1 or value[-1] != value[0]):
                raise ImproperlyConfigured(
                    f"Line {number} of {file} does not end with the quotation mark with which its "
                    "value begins. A comment stands on a line of its own."
                )
        cls.read_env(file)

    def misspelt(self, file: Path, read_elsewhere: Collection[_Text]) -> dict[_Text, _Text]:
        """Return the names in a `.env` file that nobody asked for but that resemble one, each with
        the name that was probably meant. `read_elsewhere` are names that have no effect in the
        file, however they are spelt."""
        names = {match["name"] for line in _lines(file) if (match := LINE.match(line))}
        known = self._asked.union(read_elsewhere)
        likely = {
            name: get_close_matches(name.upper(), known, 1, LIKENESS)
            for name in sorted(names - self._asked)
        }
        return {name: found[0] for name, found in likely.items() if found}

    def _text(self, var: _Text) -> _Text | None:
        self._asked.add(var)
        return os.environ.get(var)

    def str(self, var: _Text, default: _Text) -> _Text:
        """Return the value as it is written, also one that begins with `$`."""
        text = self._text(var)
        return default if text is None else text

    def path(self, var: _Text, default: Path) -> _Text:
        """Return the value, which must not be empty: that would be the folder in which the program
        was started."""
        text = self.str(var, str(default))
        if not text.strip():
            _refuse(var, text, "a path, or leave it out")
        return text

    def header(self, var: _Text, default: _Text) -> _Text:
        """Return the value, which must be one that headers of requests can have."""
        text = self.str(var, default)
        if not HEADER.fullmatch(text):
            _refuse(var, text, "letters, digits and signs of ASCII")
        return text

    def bool(self, var: _Text, default: bool) -> bool:
        text = self._text(var)
        if text is None:
            return default
        word = text.strip().lower()
        if word not in TRUE | FALSE:
            _refuse(var, text, "true or false (or yes, no, on, off, 1, 0)")
        return word in TRUE

    def int(
        self, var: _Text, default: int, *, at_least: _Bound = None, at_most: _Bound = None
    ) -> int:
        text = self._text(var)
        if text is None:
            return default
        allowed = f"a whole number{_range(at_least, at_most)}"
        try:
            number = int(text)
        except ValueError:
            _refuse(var, text, allowed)
        if not _is_within(number, at_least, at_most):
            _refuse(var, text, allowed)
        return number

    def float(self, var: _Text, default: float, *, at_least: _Bound = None) -> float:
        text = self._text(var)
        if text is None:
            return default
        allowed = f"a number{_range(at_least, None)}"
        try:
            number = float(text)
        except ValueError:
            _refuse(var, text, allowed)
        if not (math.isfinite(number) and _is_within(number, at_least, None)):
            _refuse(var, text, allowed)
        return number

    def choice(self, var: _Text, default: _Text, choices: tuple[_Text, ...]) -> _Text:
        """Return the value, which must be one of `choices` exactly as written."""
        text = self.str(var, default)
        if text not in choices:
            _refuse(var, text, f"one of {', '.join(choices)}")
        return text

    def list(self, var: _Text, default: _Texts) -> _Texts:
        """Return the items between commas, without blanks around them and without empty ones."""
        text = self._text(var)
        if text is None:
            return default
        return [item for part in text.split(",") if (item := part.strip())]

    def secret(self, var: _Text, file: Path) -> _Text:
        """Return the value, which must not be empty. The refusal says how to make one, or that the
        `.env` file cannot be read, which may have one: nobody should replace a secret that is in
        use."""
        text = self._text(var)
        if not text:
            _refuse_unreadable(file)
            raise ImproperlyConfigured(
                f"{var} is not set. Set it in the environment or in .env; this makes one: "
                f"{COMMAND_FOR_A_KEY}"
            )
        return text

    def time_zone(self, var: _Text, default: _Text) -> _Text:
        """Return the value, which must be the name of a time zone."""
        text = self.str(var, default)
        try:
            ZoneInfo(text)
            is_known = not TIME_ZONES.exists() or TIME_ZONES.joinpath(*text.split("/")).exists()
        except (ZoneInfoNotFoundError, ValueError, OSError):
            is_known = False
        if not is_known:
            _refuse(var, text, "a time zone as the IANA names it, such as UTC or Asia/Shanghai")
        return text

    def database(self, var: _Text, default: _Text) -> _Options:
        """Return the settings of the database at an address, an entry of `DATABASES`."""
        address = self.str(var, default)
        if address.startswith("sqlite:") and (found := SPECIAL_IN_PATH.search(address)):
            raise ImproperlyConfigured(
                f"{var} has {found[0]!r} in the path of its file. Write # ? + as %23 %3F %2B; "
                "SQLite takes no options."
            )
        return _read(var, address, self.db_url_config, DATABASE_SCHEMES, DATABASE_EXAMPLE)

    def cache(self, var: _Text, default: _Text) -> _Options:
        """Return the settings of the cache at an address, an entry of `CACHES`."""
        address = self.str(var, default)
        read = _read(var, address, self.cache_url_config, CACHE_SCHEMES, CACHE_EXAMPLE)
        options = {name.lower(): value for name, value in parse_qsl(urlsplit(address).query)}
        if "timeout" in options:
            raise ImproperlyConfigured(f"{var} has a timeout, which the tracker sets itself.")
        if not options.get("max_entries", "1").isdecimal():
            raise ImproperlyConfigured(f"{var} has max_entries that are no whole number.")
        if address.startswith("filecache:") and not str(read["LOCATION"]).startswith("/"):
            raise ImproperlyConfigured(f"{var} names no folder. Write one such as {CACHE_EXAMPLE}.")
        return read

    def mail_server(self, var: _Text, default: _Text) -> _Options:
        """Return the settings of the mail server at an address."""
        address = self.str(var, default)
        read = _read(var, address, self.email_url_config, MAIL_SCHEMES, MAIL_EXAMPLE)
        names = (read["EMAIL_HOST_USER"], read["EMAIL_HOST_PASSWORD"])
        if not all((name or "").isascii() for name in names):
            raise ImproperlyConfigured(
                f"{var} has a name or a password with signs that are not ASCII, which cannot be "
                "sent to a mail server."
            )
        return read


def _lines(file: Path) -> _Texts:
    try:
        return file.read_text(encoding="utf-8").splitlines()
    except OSError:
        # There is none, or it is not for this user, as where the service manager reads it. Then
        # nothing is read.
        return []


def _refuse_unreadable(file: Path) -> None:
    try:
        file.read_bytes()
    except FileNotFoundError:
        return
    except OSError as error:
        raise ImproperlyConfigured(f"{file} cannot be read: {error.strerror}.") from error


def require_libraries(var: str, *libraries: str) -> None:
    """Refuse a variable whose libraries are not installed: an error of theirs would not name it."""
    missing = [name for name in libraries if find_spec(name) is None]
    if missing:
        raise ImproperlyConfigured(
            f"{var} needs libraries that are not installed ({', '.join(missing)}): "
            "pip install --require-hashes -r requirements-extras.txt"
        )


def _read(
    var: str,
    address: str,
    read: Callable[[str], _Options],
    schemes: Collection[str],
    example: str,
) -> _Options:
    """Return what an address says. It may contain a password, so nothing but its scheme is ever
    shown, nor the error, which may contain other parts."""
    scheme, colon, _rest = address.partition("://")
    if not colon or scheme not in schemes:
        given = f"begins with {scheme!r}" if colon else "is no address"
        raise ImproperlyConfigured(f"{var} {given}. Write one such as {example}.")
    try:
        return read(address)
    except ValueError:
        raise ImproperlyConfigured(
            f"{var} cannot be read. Write one such as {example}, with @ : / in a password as "
            "%40 %3A %2F."
        ) from None


def _refuse(var: str, text: str, allowed: str) -> NoReturn:
    raise ImproperlyConfigured(f"{var} is {text!r}. Write {allowed}.")


def _range(at_least: _Bound, at_most: _Bound) -> str:
    if at_most is not None:
        return f" from {at_least} to {at_most}"
    return "" if at_least is None else f" of at least {at_least}"


def _is_within(number: float, at_least: _Bound, at_most: _Bound) -> bool:
    return (at_least is None or number >= at_least) and (at_most is None or number <= at_most)
