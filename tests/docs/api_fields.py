"""docs/fields.md, which is made from the OpenAPI description.

`python -m tests.fields_page` writes it anew, after a field was added or described otherwise.
"""

import os
from pathlib import Path

import django
from django.utils import translation

PAGE = Path("docs/fields.md")
INTRODUCTION = """# Fields

Every object that the [API](api.md) answers or takes, field by field, in the words of its OpenAPI
description (`/api/v1/schema/`), from which this page is made. Objects that are sent end in
`Request`; of these, fields marked with * are required. In answers every field is there, whatever
its value, unless `fields=` names others.

`Text`, `Title` and `PublisherName` are objects from language tags to words
([languages](api.md#languages)); in requests a plain string will do. Dates are `2025-03-31`, times
`2025-03-31T08:00:00.000000Z`.
"""
# Pages of lists are all alike (api.md), and changes of a part have the fields of the whole.
LEFT_OUT = ("Paginated", "Patched", "NullEnum")


def anchor(name):
    return f"[{name}](#{name.lower()})"


def words(schema):
    """Return the type of a value in words."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return "null" if name == "NullEnum" else anchor(name)
    for key in ("oneOf", "anyOf", "allOf"):
        if key in schema:
            return " or ".join(dict.fromkeys(words(each) for each in schema[key]))
    kinds = schema.get("type", "any value")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return " or ".join(_kind(kind, schema) for kind in kinds)


def _kind(kind, schema):
    if kind == "array":
        return f"array of {words(schema['items'])}"
    if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"object of {words(schema['additionalProperties'])}"
    if kind == "string" and schema.get("format") in ("date", "date-time", "uri", "uuid", "binary"):
        return schema["format"]
    return kind


def meaning(schema):
    """Return the description of a field in one line, without its list of codes."""
    text = schema.get("description", "").partition("\n\n* `")[0].partition("* `")[0]
    return " ".join(text.replace("|", "\\|").split())


def object_section(name, schema):
    required = set(schema.get("required", ())) if name.endswith("Request") else set()
    lines = [f"### {name}", "", meaning(schema), "", "| field | type | meaning |", "|---|---|---|"]
    lines += [
        f"| `{field}`{'*' if field in required else ''} | {words(value)} | {meaning(value)} |"
        for field, value in schema["properties"].items()
    ]
    return "\n".join(lines)


def page():
    """Return the page as it has to be."""
    from drf_spectacular.generators import SchemaGenerator  # noqa: PLC0415 - after django.setup()

    with translation.override("en"):
        schemas = SchemaGenerator().get_schema(public=True)["components"]["schemas"]
    shown = {name: row for name, row in schemas.items() if not name.startswith(LEFT_OUT)}
    objects = [object_section(name, row) for name, row in shown.items() if "properties" in row]
    codes = [
        f"### {name}\n\n" + " ".join(f"`{code}`" for code in row["enum"])
        for name, row in shown.items()
        if "enum" in row
    ]
    others = [
        f"### {name}\n\n{meaning(row) or words(row)}"
        for name, row in shown.items()
        if "enum" not in row and "properties" not in row
    ]
    parts = [
        INTRODUCTION,
        "## Objects",
        *objects,
        "## Codes",
        *codes,
        "## Texts and others",
        *others,
    ]
    return "\n\n".join(part.strip() for part in parts) + "\n"


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")
    django.setup()
    PAGE.write_text(page(), encoding="utf-8")
