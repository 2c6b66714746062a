"""Measure the requests of the catalogue on a record of a size.

python -m tests.performance --size M [--database postgres] [--only NAME …] [--json FILE]
python -m tests.performance --compare S.json L.json
python -m tests.performance --renew S.json M.json
"""

import argparse
import json
import sys
from datetime import date
from functools import partial
from pathlib import Path

from tests.performance import report
from tests.performance.catalogue import NAMES
from tests.performance.databases import COPIES, bench_folder, environment, manage, run
from tests.performance.measuring import Bench
from tests.performance.serving import serving
from tests.performance.sizes import SIZES

PAGE = Path("docs/performance.md")
VERIFICATION = "verify_ledger"


def measure(size, database, names):
    """Make the record if it is missing, serve it, and return the results of a run. `names` are what
    to measure, all of it if there are none."""
    say = partial(print, file=sys.stderr, flush=True)
    with COPIES[database](size) as (address, processes):
        manage(address, "collectstatic", "--noinput", "--verbosity", "0")
        targets = json.loads(run(address, "-m", "tests.performance.targets"))
        verified = None
        if not names or VERIFICATION in names:
            say(VERIFICATION)
            verified = json.loads(run(address, "-m", "tests.performance.verifying"))
        folder, shared = bench_folder(), environment(address)
        app, bare = "tests.performance.counted", "tests.performance.bare"
        # One server computes every response, the other caches responses.
        computing = shared | {"DJANGO_SETTINGS_MODULE": "tests.performance.without_cache"}
        with (
            serving(app, computing, folder / "app.log", ready="/livez") as tracker,
            serving(app, shared, folder / "keeping.log", ready="/livez") as keeping,
            serving(bare, shared, folder / "floor.log", ready="/unchanged") as floor,
        ):
            bench = Bench(tracker, keeping, floor, processes, targets, size)
            results = []
            try:
                for row in bench.run(names, say):
                    results.append(row.as_dict())
            except KeyboardInterrupt:
                say("Interrupted: these are the results so far.")
    return {
        "size": size,
        "machine": report.machine(),
        "on": date.today().isoformat(),
        **{name: targets[name] for name in ("database", "commitments", "updates", "decisions")},
        "results": results,
        "verification": verified,
    }


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", choices=list(SIZES), default="M")
    parser.add_argument("--database", choices=list(COPIES), default="sqlite")
    names = [*NAMES, VERIFICATION]
    parser.add_argument("--only", nargs="+", choices=names, metavar="NAME", default=[])
    parser.add_argument("--json", type=Path, help="keep the results in this file")
    parser.add_argument("--compare", nargs=2, type=Path, metavar="FILE", help="two kept results")
    parser.add_argument("--renew", nargs="+", type=Path, metavar="FILE", help=f"write {PAGE}")
    options = parser.parse_args()
    if options.compare:
        smaller, larger = (json.loads(path.read_text()) for path in options.compare)
        print(report.comparison(smaller, larger))
        return
    if options.renew:
        runs = [json.loads(path.read_text()) for path in options.renew]
        PAGE.write_text(report.renew(PAGE.read_text(), runs))
        return
    results = measure(options.size, options.database, options.only)
    print("\n\n".join(report.parts(results)))
    if options.json:
        options.json.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
