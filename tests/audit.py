"""`make audit`: report which libraries have known vulnerabilities, from the output of pip-audit.

It fails only for a vulnerability, never because the service does not answer: then it says what was
not audited.
"""

import json
import sys
from pathlib import Path


def judged(answer):
    """Return the lines to print, and whether a library has a known vulnerability."""
    rows = answer.get("dependencies", [])
    known = [(row, found) for row in rows for found in row.get("vulns", ())]
    lines = [
        f"{row['name']} {row['version']}: {found['id']}"
        f" (mended in {', '.join(found['fix_versions']) or 'no version'})"
        for row, found in known
    ]
    unknown = sum("skip_reason" in row for row in rows)
    audited = len(rows) - unknown
    lines.append(f"{audited} libraries audited, {len(known)} known weaknesses.")
    if unknown or not rows:
        which = f"{unknown or 'all'} libraries"
        lines.append(f"not audited: {which}, for which the data did not answer.")
    return lines, bool(known)


def main(path):
    try:
        answer = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        answer = {}
    lines, failed = judged(answer)
    print("\n".join(lines))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
