"""Run the suite: the quick tests on one database, or all tests on both, and in a browser where
that is installed.

    python -m tests.run              the quick tests on SQLite
    python -m tests.run --postgres   the quick tests on PostgreSQL
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

# Its tests are all long, and every process takes seconds to import it.
WITHOUT_FUZZING = ["-p", "no:schemathesis", "--ignore", "tests/api/test_fuzz.py"]
CHROMIUM = "/usr/bin/chromium"
POSTGRES_MISSING = (
    "PostgreSQL was not tested: no server programs. On Debian: apt-get install postgresql"
)
NPM_MISSING = "Clients in TypeScript were not tested: no npm. On Debian: apt-get install npm"
CHROMIUM_MISSING = "The browser was not tested: no chromium. On Debian: apt-get install chromium"


def run_pytest(name: str, marks: list[str], options: list[str], **environment: str) -> bool:
    print(f"\n== {name}", flush=True)
    command = [sys.executable, "-m", "pytest", "-q", "-n", "auto", *options]
    if marks:
        command += ["-m", " and ".join(marks)]
    environment = {**os.environ, **environment}
    # Every process would compile the tests again, which takes it longer than to import them.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    completed = subprocess.run(command, env=environment, check=False)
    return completed.returncode == 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    selection = parser.add_mutually_exclusive_group()
    selection.add_argument("--postgres", action="store_true", help="the quick tests on PostgreSQL")
    selection.add_argument("--all", action="store_true", help="run the long tests too")
    selection.add_argument("--long", action="store_true", help="run the long tests only")
    parser.add_argument("--strict", action="store_true", help="fail if a part cannot run")
    options = parser.parse_args()

    sqlite_marks, postgres_marks, quick = [], [], []
    if options.long:
        # What is sampled, and what Hypothesis marks, now tries all of its cases and examples.
        sqlite_marks = ["(long or sampled or hypothesis)"]
        postgres_marks = ["(long or sampled or alike or hypothesis)"]
    elif not options.all:
        sqlite_marks = ["not long"]
        # Tests that do not depend on the database run on PostgreSQL only with the long tests.
        postgres_marks = ["not (long or alike)"]
        quick = ["--hypothesis-profile", QUICK, *WITHOUT_FUZZING]
    on_both = options.all or options.long
    passed, skipped = True, []
    if on_both and not shutil.which("npm"):
        skipped.append(NPM_MISSING)
    if on_both or not options.postgres:
        if not os.path.exists(CHROMIUM):
            sqlite_marks.append("not browser")
            skipped.append(CHROMIUM_MISSING)
        passed &= run_pytest("SQLite", [*sqlite_marks, "not postgres"], quick)
    if on_both or options.postgres:
        if find_server_programs():
            with temporary_server() as address:
                # Pages look the same on both databases, so the browser tests run once.
                marks = [*postgres_marks, "not browser"]
                passed &= run_pytest("PostgreSQL", marks, quick, DATABASE_URL=address)
        else:
            skipped.append(POSTGRES_MISSING)

    for sentence in skipped:
        print(f"SKIPPED: {sentence}")
    if skipped and (options.strict or options.postgres):
        return 1
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
