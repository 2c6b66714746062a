"""Path converters: addresses that they do not match are not found."""

from __future__ import annotations

from django.urls import register_converter
from django.urls.converters import StringConverter

from commitments.choices import SubjectType
from commitments.ledger.proofs.formats import Tile, parse_tile
from commitments.models.plans import PLAN_CODE

# No name has a null character, and PostgreSQL refuses it in a query.
NAME_PATTERN = r"[^/\x00]+"


class NameConverter(StringConverter):
    regex = NAME_PATTERN


class PlanConverter(StringConverter):
    """A plan's code, which `favicon.ico` and the like do not match."""

    regex = PLAN_CODE.removeprefix("^").removesuffix(r"\Z")


class SubjectTypeConverter(StringConverter):
    regex = "|".join(SubjectType.values())


class KeyConverter(StringConverter):
    """The key of a subject; that of a publisher is a name, which may contain slashes."""

    regex = r"[^\x00]+"


class TileConverter:
    """The path of a tile of the ledger's tree."""

    regex = r"(entries|[0-9]{1,2})/(x[0-9]{3}/){0,5}[0-9]{3}(\.p/[1-9][0-9]{0,2})?"

    def to_python(self, value: str) -> Tile:
        tile = parse_tile(value)
        if tile is None:
            raise ValueError(value)
        return tile

    def to_url(self, tile: Tile) -> str:
        return tile.path


register_converter(KeyConverter, "key")
register_converter(NameConverter, "name")
register_converter(PlanConverter, "plan")
register_converter(SubjectTypeConverter, "subject")
register_converter(TileConverter, "tile")
