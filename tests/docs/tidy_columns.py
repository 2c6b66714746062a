"""The part of docs/data.md that is made from the columns of the tidy tables.

`python -m tests.data_page` writes it anew, after a column was added.
"""

import os
from pathlib import Path

import django
from django.utils import translation

PAGE = Path("docs/data.md")
BEGIN, END = "<!-- columns -->\n", "<!-- end of columns -->\n"


def type_of(column):
    """Return the type of a column in words, such as `array of integer`, and whether it is there in
    every row."""
    name = getattr(column, "type", "string")
    if name == "array":
        name = f"array of {column.item_type}"
    return f"{name}, required" if getattr(column, "required", False) else name


def codes_of(column):
    codes = " ".join(f"`{code.value}`" for code in getattr(column, "codes", ()))
    return f": {codes}" if codes else ""


def named(column):
    from commitments.exports.columns import LanguageColumns  # noqa: PLC0415 - after django.setup()

    return f"{column.name}_…" if isinstance(column, LanguageColumns) else column.name


def section(table):
    keys = ", ".join(f"`{name}`" for name in table.primary_key)
    lines = [f"## {table.name}", "", str(table.description), "", f"Key: {keys}."]
    for key in table.foreign_keys:
        columns = ", ".join(f"`{name}`" for name in key.columns)
        referenced = ", ".join(f"`{name}`" for name in key.referenced)
        lines[-1] += f" {columns} → {key.table or table.name} {referenced}."
    given = " ".join(f"`{name}`" for name in table.parameters)
    lines[-1] += f" Parameters: {given or 'none'}."
    lines += ["", "| column | type | meaning |", "|---|---|---|"]
    lines += [
        f"| `{named(column)}` | {type_of(column)} | {column.meaning}{codes_of(column)} |"
        for column in table.columns
    ]
    return "\n".join(lines) + "\n"


def columns_part():
    """Return the part as it has to be."""
    from commitments.exports.tidy import TIDY_TABLES  # noqa: PLC0415 - after django.setup()

    with translation.override("en"):
        return "\n".join(section(table) for table in TIDY_TABLES.values())


def parts_of(page):
    """Return what stands before, in and after the part."""
    before, _, rest = page.partition(BEGIN)
    part, _, after = rest.partition(END)
    return before, part, after


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")
    os.environ.setdefault("SECRET_KEY", "none")
    django.setup()
    before, _part, after = parts_of(PAGE.read_text(encoding="utf-8"))
    PAGE.write_text(before + BEGIN + columns_part() + END + after, encoding="utf-8")
