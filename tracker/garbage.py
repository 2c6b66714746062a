"""How often Python looks for garbage."""

import gc


def collect_seldom() -> None:
    """Have garbage collected less often than by default. Rows that are read by the thousand refer
    to each other, so that collections take long and find nothing: a sixth of a verification of the
    ledger, and pauses that requests would notice."""
    gc.set_threshold(20_000, 20, 20)
