"""The fields of the API, as docs/fields.md lists them: in the words of the OpenAPI description."""

from drf_spectacular.generators import SchemaGenerator

from tests.docs.markdown import table

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
    rows = [
        (f"`{field}`{'*' if field in required else ''}", words(value), meaning(value))
        for field, value in schema["properties"].items()
    ]
    return "\n".join(
        [f"### {name}", "", meaning(schema), "", table(("field", "type", "meaning"), rows)]
    )


def api_fields():
    """Return a section for each object with its fields, and the codes."""
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
        "## Objects",
        *objects,
        "## Codes",
        *codes,
        "## Texts and others",
        *others,
    ]
    return "\n\n".join(part.strip() for part in parts) + "\n"
