"""Runs the suite on SQLite, and on PostgreSQL and in a browser where those are installed.

    python -m tests.run            the quick tests
    python -m tests.run --all      the long ones too
    python -m tests.run --long     the long ones alone
    python -m tests.run --strict   a part that cannot run is a failure

What is skipped is said at the end, with the way to get it.
"""

import argparse
import os
import subprocess
import sys

from tests.postgres import find_server_programs, temporary_server

CHROMIUM = "/usr/bin/chromium"
GET_POSTGRES = (
    "PostgreSQL was not tested: no server programs. On Debian: apt-get install postgresql"
)
GET_CHROMIUM = "The browser was not tested: no chromium. On Debian: apt-get install chromium"


def pytest(name: str, marks: list[str], **environment: str) -> bool:
    print(f"\n== {name}", flush=True)
    command = [sys.executable, "-m", "pytest", "-q", "-n", "auto"]
    if marks:
        command += ["-m", " and ".join(marks)]
    done = subprocess.run(command, env={**os.environ, **environment}, check=False)
    return done.returncode == 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--all", action="store_true", help="also the long tests")
    which.add_argument("--long", action="store_true", help="the long tests alone")
    parser.add_argument("--strict", action="store_true", help="fail if a part cannot run")
    options = parser.parse_args()

    usual = [] if options.all else ["long" if options.long else "not long"]
    # What is alike on both databases is asked of PostgreSQL with the long tests only.
    further = [] if options.all else ["(long or alike)" if options.long else "not (long or alike)"]
    skipped = []
    browser = os.path.exists(CHROMIUM)
    if not browser:
        usual.append("not browser")
        skipped.append(GET_CHROMIUM)

    passed = pytest("SQLite", [*usual, "not postgres"])
    if find_server_programs():
        with temporary_server() as address:
            # Pages look the same on both databases: the browser is asked once.
            passed &= pytest("PostgreSQL", [*further, "not browser"], DATABASE_URL=address)
    else:
        skipped.append(GET_POSTGRES)

    for sentence in skipped:
        print(f"SKIPPED: {sentence}")
    if skipped and options.strict:
        return 1
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
