"""The columns of the tidy tables, as docs/data.md explains them."""

from commitments.exports.tidy import TIDY_TABLES
from tests.docs.markdown import documented_name, table


def tidy_columns():
    """Return a section for each table: what it is, its keys and parameters, and its columns."""
    return "\n".join(_section(each) for each in TIDY_TABLES.values())


def _section(tidy):
    keys = ", ".join(f"`{name}`" for name in tidy.primary_key)
    lines = [f"## {tidy.name}", "", str(tidy.description), "", f"Key: {keys}."]
    for key in tidy.foreign_keys:
        columns = ", ".join(f"`{name}`" for name in key.columns)
        referenced = ", ".join(f"`{name}`" for name in key.referenced)
        lines[-1] += f" {columns} → {key.table or tidy.name} {referenced}."
    given = " ".join(f"`{name}`" for name in tidy.parameters)
    lines[-1] += f" Parameters: {given or 'none'}."
    rows = [
        (documented_name(column), type_of(column), f"{column.meaning}{_codes_of(column)}")
        for column in tidy.columns
    ]
    return "\n".join([*lines, "", table(("column", "type", "meaning"), rows)])


def type_of(column):
    """Return the type of a column in words, such as `array of integer`, and whether it is there in
    every row."""
    name = getattr(column, "type", "string")
    if name == "array":
        name = f"array of {column.item_type}"
    return f"{name}, required" if getattr(column, "required", False) else name


def _codes_of(column):
    codes = " ".join(f"`{code.value}`" for code in getattr(column, "codes", ()))
    return f": {codes}" if codes else ""
