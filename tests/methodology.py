"""The tables of docs/rules.md, from which tests know what to expect of each status."""

import re
from dataclasses import dataclass
from pathlib import Path

PAGE = Path("docs/rules.md").read_text(encoding="utf-8")
TONES = ["fulfilled", "partial", "none", "adverse", "unknown", "apart"]


def rows(heading):
    """Return the rows of the tables of a section, each as its cells without backticks."""
    section = PAGE[PAGE.index(f"\n## {heading}\n") :].split("\n## ", 2)[1]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines]


def statuses_named(heading, code):
    """Return the statuses that the condition of a code names."""
    [condition] = [row[2] for row in rows(heading) if row[0] == code]
    return set(re.findall(r"`(\w+)`?", condition))


@dataclass(frozen=True)
class StatusRow:
    """A row of the table of statuses. `evidence` is a level, "search note" or "–"."""

    label: str
    kinds: tuple[str, ...]
    evidence: str
    tone: str
    ages: bool
    is_final: bool

    @property
    def least_evidence(self):
        return int(self.evidence) if self.evidence.isdecimal() else 0


SETTLED = statuses_named("Freshness", "settled")
FINAL = statuses_named("Schedule", "overdue")


def _status_row(code, kind, label, _chinese, evidence, tone):
    kinds = ("deliverable", "standing") if kind == "both" else (kind,)
    return code, StatusRow(label, kinds, evidence, tone, code not in SETTLED, code in FINAL)


STATUSES = dict(_status_row(*cells) for cells in rows("Statuses")[1:])
# The statuses that an assessment may give, those among them that are on the scale of no kind, and
# those that need no findings.
ASSESSMENTS = {code: row for code, row in STATUSES.items() if code != "unassessed"}
OFF_SCALE = [code for code, row in ASSESSMENTS.items() if len(row.kinds) > 1]
[FREE] = [
    re.findall(r"`(\w+)`", f"`{row[2]}`")
    for row in rows("From findings to a status")
    if row[1] == "anything"
]


def tones(kind):
    """Return the tone of each status of a kind."""
    return {code: row.tone for code, row in STATUSES.items() if kind in row.kinds}
