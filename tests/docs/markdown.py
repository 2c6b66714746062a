"""Tables of the pages in docs/."""

from commitments.exports.columns import LanguageColumns


def table(heading, rows):
    """Return a table in Markdown with a line for each row, each with a cell for each heading."""
    first, *others = (f"| {' | '.join(cells)} |" for cells in (heading, *rows))
    return "\n".join([first, "|---" * len(heading) + "|", *others]) + "\n"


def documented_name(column):
    """Return the name of a column of an export as the pages have it: `title_…` stands for one in
    each language."""
    return f"`{column.name}_…`" if isinstance(column, LanguageColumns) else f"`{column.name}`"


def columns_table(columns):
    """Return a table of the columns of an export and what they mean."""
    rows = [(documented_name(column), str(column.meaning)) for column in columns]
    return table(("column", "meaning"), rows)
