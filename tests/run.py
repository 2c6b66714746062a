"""Run the suite: the quick tests on one database, or all tests on both, and in a browser.

    python -m tests.run              the quick tests on SQLite
    python -m tests.run --postgres   the quick tests on PostgreSQL
    python -m tests.run --upgrades   upgrades from releases, on PostgreSQL
    python -m tests.run --all        the long tests too, on both
    python -m tests.run --long       the long tests only, on both
    python -m tests.run --strict     fail if a part cannot run

Parts that cannot run are listed at the end, with the packages that they need.
"""

import argparse
import os
import shutil
import subprocess
import sys

from tests.examples import QUICK
from tests.postgres import find_server_programs, temporary_server

# Tests that try many cases or examples. On PostgreSQL, those that do not depend on the database are
# left out, and so are tests in a browser: pages look the same on both.
DEEP = "(long or sampled or hypothesis)"
SELECTED = {
    "quick": {"SQLite": "not long and not postgres", "PostgreSQL": "not (long or alike)"},
    "long": {
        "SQLite": f"{DEEP} and not postgres",
        "PostgreSQL": f"(alike or {DEEP}) and not (alike and {DEEP}) and not browser",
    },
    "upgrades": {"PostgreSQL": "not alike"},
    "all": {"SQLite": "not postgres", "PostgreSQL": f"not (alike and {DEEP}) and not browser"},
}
# What depends on the database when one of an earlier release is brought up to date.
UPGRADES = ["tests/release"]
# The tests in a browser are long, and follow each other: the process that is done takes over half
# of what another has left. Quick tests take longer in this way.
SHARED_OUT = ["--dist", "worksteal"]
# All tests with schemathesis are long, and importing it takes each process seconds.
WITHOUT_FUZZING = ["-p", "no:schemathesis", "--ignore", "tests/api/test_fuzz.py"]
CHROMIUM = "/usr/bin/chromium"
POSTGRES_MISSING = (
    "PostgreSQL was not tested: no server programs. On Debian: apt-get install postgresql"
)
NPM_MISSING = "Clients in TypeScript were not tested: no npm. On Debian: apt-get install npm"
CHROMIUM_MISSING = "The browser was not tested: no chromium. On Debian: apt-get install chromium"


def run_pytest(name: str, marks: str, options: list[str], **environment: str) -> bool:
    print(f"\n== {name}", flush=True)
    command = [sys.executable, "-m", "pytest", "-q", "-n", "auto", *options, "-m", marks]
    environment = {**os.environ, **environment}
    # Without bytecode, every process would compile the tests again, which takes longer than
    # importing them.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    completed = subprocess.run(command, env=environment, check=False)
    return completed.returncode == 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    selection = parser.add_mutually_exclusive_group()
    selection.add_argument("--postgres", action="store_true", help="the quick tests on PostgreSQL")
    selection.add_argument("--upgrades", action="store_true", help="upgrades, on PostgreSQL")
    selection.add_argument("--all", action="store_true", help="run the long tests too")
    selection.add_argument("--long", action="store_true", help="run the long tests only")
    parser.add_argument("--strict", action="store_true", help="fail if a part cannot run")
    options = parser.parse_args()

    run = next((name for name in ("all", "long", "upgrades") if vars(options)[name]), "quick")
    selected, on_both = SELECTED[run], run in ("all", "long")
    on_postgres_alone = options.postgres or options.upgrades
    chosen = ["--hypothesis-profile", QUICK, *WITHOUT_FUZZING] if run == "quick" else []
    chosen += UPGRADES if options.upgrades else []
    chosen += SHARED_OUT if on_both else []
    passed, skipped = True, []
    if not on_postgres_alone:
        marks = selected["SQLite"]
        if on_both and not shutil.which("npm"):
            skipped.append(NPM_MISSING)
        if on_both and not os.path.exists(CHROMIUM):
            marks += " and not browser"
            skipped.append(CHROMIUM_MISSING)
        passed &= run_pytest("SQLite", marks, chosen)
    if on_both or on_postgres_alone:
        if find_server_programs():
            with temporary_server() as address:
                passed &= run_pytest(
                    "PostgreSQL", selected["PostgreSQL"], chosen, DATABASE_URL=address
                )
        else:
            skipped.append(POSTGRES_MISSING)

    for sentence in skipped:
        print(f"SKIPPED: {sentence}")
    if skipped and (options.strict or on_postgres_alone):
        return 1
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
