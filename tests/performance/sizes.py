"""The sizes of the record that is measured."""

from dataclasses import dataclass

SEED = 20170301


@dataclass(frozen=True)
class Size:
    """So many plans of so many commitments each, which are reported on in so many rounds; each
    round brings one update of every commitment."""

    plans: int
    commitments: int
    rounds: int = 10

    @property
    def updates_per_round(self):
        return self.plans * self.commitments


# S is the plan of `fixtures/iscc` with its example record: nothing is generated.
SIZES = {
    "S": None,
    "M": Size(plans=20, commitments=50),
    "L1": Size(plans=200, commitments=100),
    "L": Size(plans=200, commitments=500),
}
