"""The tables of a run, in Markdown."""

import os
import platform
from itertools import pairwise
from pathlib import Path

import django

from tests.performance import goals

MEBIBYTE = 1024 * 1024
# What comes before the tables in docs/performance.md.
TABLES = "## Results"
HEADINGS = (
    ("request", "---"),
    ("median ms", "--:"),
    ("p95 ms", "--:"),
    ("floor ms", "--:"),
    ("ratio", "--:"),
    ("CPU ratio", "--:"),
    ("again ms", "--:"),
    ("queries", "--:"),
    ("app CPU ms", "--:"),
    ("db CPU ms", "--:"),
    ("peak MiB", "--:"),
    ("size KiB", "--:"),
)


def machine():
    """Return a description of the machine of the run, without its name."""
    facts = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((row.split(":")[1].strip() for row in facts if row.startswith("model name")), "?")
    memory = int(Path("/proc/meminfo").read_text().split()[1]) / MEBIBYTE
    return (
        f"{os.cpu_count()} cores ({model}), {memory:.0f} GiB of memory, "
        f"Linux {platform.release().split('-')[0]}, Python {platform.python_version()}, "
        f"Django {django.__version__}"
    )


def milliseconds(value):
    if value is None:
        return "–"
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}"


def times(value):
    return f"{value:.1f}" if value else "–"


def cells(row):
    return [
        row["name"] + (f" ({row['failed']})" if row["failed"] else ""),
        milliseconds(row["median"]),
        milliseconds(row["p95"]),
        milliseconds(row["floor"]),
        times(row["ratio"]),
        times(row["cpu_ratio"]),
        milliseconds(row["again"]),
        str(row["queries"]),
        milliseconds(row["app_cpu"]),
        milliseconds(row["database_cpu"]),
        f"{row['peak'] / MEBIBYTE:.0f}",
        f"{row['size'] / 1024:.1f}",
    ]


def table(run):
    lines = [_line(name for name, _rule in HEADINGS), _line(rule for _name, rule in HEADINGS)]
    return "\n".join([*lines, *(_line(cells(row)) for row in run["results"])])


def comparison(smaller, larger):
    """Return a table of the medians of two runs, and how many times longer the second takes."""
    names = [run["size"] for run in (smaller, larger)]
    lines = [
        _line(["request", f"{names[0]} ms", f"{names[1]} ms", f"{names[1]} to {names[0]}"]),
        _line(["---", "--:", "--:", "--:"]),
    ]
    others = {row["name"]: row for row in larger["results"]}
    for row in smaller["results"]:
        other = others.get(row["name"])
        if other:
            ratio = f"{other['median'] / row['median']:.1f}"
            medians = [milliseconds(row["median"]), milliseconds(other["median"])]
            lines.append(_line([row["name"], *medians, ratio]))
    return "\n".join(lines)


def heading(run):
    return (
        f"Size {run['size']} on {run['database']}: {run['commitments']:,} commitments, "
        f"{run['updates']:,} updates, {run['decisions']:,} decisions. {run['machine']}. "
        f"Measured on {run['on']}."
    )


def verification(run):
    """Return how fast the ledger was verified."""
    found = run["verification"]
    return (
        f"`manage.py verify_ledger`: {found['seconds']:,.1f} s, "
        f"{found['decisions_per_second']:,.0f} decisions a second."
    )


def goal_table(run):
    """Return the goals that the run measured, each with the request that is farthest from it, and
    how many requests reach it, also with a cached response."""
    names = ["goal", "farthest from it", "reached by", "cached"]
    head = [_line(names), _line(["---", "---", "--:", "--:"])]
    return "\n".join([*head, *(_line(line) for line in goals.lines(run))])


def parts(run):
    """Return the paragraphs of a run; older ones were made without a verification."""
    verified = [verification(run)] if run.get("verification") else []
    return [heading(run), table(run), *verified, *([goal_table(run)] if run["results"] else [])]


def tables(runs):
    """Return the tables of several runs, and a comparison of each two successive of a database."""
    found = []
    for run in runs:
        found += [f"### Size {run['size']}, {run['database']}", *parts(run)]
    for smaller, larger in pairwise(runs):
        if smaller["database"] == larger["database"]:
            names = f"{larger['size']} to {smaller['size']}"
            found += [f"### {names}, {smaller['database']}", comparison(smaller, larger)]
    return "\n\n".join(found)


def renew(page, runs):
    """Replace the tables of a page, which come after `TABLES`, by those of these runs."""
    before, marker, _old = page.partition(TABLES)
    return f"{before}{marker}\n\n{tables(runs)}\n"


def _line(values):
    return f"| {' | '.join(values)} |"
