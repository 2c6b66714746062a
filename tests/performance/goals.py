"""The goals of the project for what requests cost, and how far a run reaches them."""

from collections.abc import Callable
from dataclasses import dataclass

SECOND = 1000


@dataclass(frozen=True)
class Goal:
    """At most `bound` in a column for each request whose name begins with `requests`.

    `value` returns the figure of a row of the results, and `unit` is what it counts. The goal holds
    at these `sizes`, at all if there are none.
    """

    requests: str
    value: Callable[[dict], float | None]
    unit: str
    bound: float
    sizes: tuple[str, ...] = ()

    def figures(self, run, value=None):
        """Return (figure, name of the request), the worst first; by `value`, if it is given."""
        if self.sizes and run["size"] not in self.sizes:
            return []
        rows = [row for row in run["results"] if row["name"].startswith(self.requests)]
        values = [((value or self.value)(row), row["name"]) for row in rows]
        return sorted((pair for pair in values if pair[0] is not None), reverse=True)

    def reached(self, figures):
        """Return how many of these figures reach the goal; "–" if there are none."""
        number = sum(figure <= self.bound for figure, _name in figures)
        return f"{number} of {len(figures)}" if figures else "–"


def queries(row):
    return row["queries"]


def ratio(row):
    return row["ratio"]


def milliseconds(row):
    return row["median"]


def again(row):
    return row.get("again")


def again_ratio(row):
    return row["again"] / row["floor"] if row.get("again") and row.get("floor") else None


# The same figure of a cached response. To give one takes no query for the record.
OF_CACHED = {ratio: again_ratio, milliseconds: again}

FLOORS, QUERIES, MILLISECONDS = "times the floor", "queries", "ms"
GOALS = (
    Goal("list: ", queries, QUERIES, 6),
    Goal("list: ", ratio, FLOORS, 3),
    Goal("detail", queries, QUERIES, 6),
    Goal("detail", ratio, FLOORS, 3),
    Goal("updates: ", queries, QUERIES, 6),
    Goal("updates: ", ratio, FLOORS, 3),
    Goal("status: plan ", queries, QUERIES, 4),
    Goal("status: plan ", ratio, FLOORS, 2),
    Goal("status: all", ratio, FLOORS, 1.5, ("L",)),
    Goal("grid: ", milliseconds, MILLISECONDS, 300),
    Goal("304: ", queries, QUERIES, 2),
    Goal("304: ", ratio, FLOORS, 2),
    Goal("page: ", queries, QUERIES, 12),
    Goal("page: overview", milliseconds, MILLISECONDS, 60, ("S",)),
    Goal("search: ", milliseconds, MILLISECONDS, 100),
    Goal("write: create", queries, QUERIES, 12),
    Goal("write: publish", queries, QUERIES, 15),
)
# Of one table in a file, and of the ledger.
ROWS_A_SECOND = 20_000


def lines(run):
    """Yield (goal, figure farthest from it, how many requests reach it, and how many do so if the
    response is cached) for each goal that a run measured."""
    for goal in GOALS:
        figures = goal.figures(run)
        if figures:
            worst, name = figures[0]
            cached = goal.figures(run, OF_CACHED[goal.value]) if goal.value in OF_CACHED else []
            subject = goal.requests.strip(" :")
            yield (
                f"{subject}: at most {goal.bound:g} {goal.unit}",
                f"{worst:.3g} ({name})",
                goal.reached(figures),
                goal.reached(cached),
            )
    for name, rate in _rates(run):
        yield (
            f"{name}: at least {ROWS_A_SECOND:,} a second",
            f"{rate:,.0f}",
            f"{int(rate >= ROWS_A_SECOND)} of 1",
            "–",
        )


def _rates(run):
    for row in run["results"]:
        if row["name"] == "CSV of everything":
            yield "rows of the CSV of everything", run["commitments"] * SECOND / row["median"]
    if run.get("verification"):
        yield "decisions that are verified", run["verification"]["decisions_per_second"]
