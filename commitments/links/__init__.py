"""Links of evidence: probing an address safely, and the history of the results."""
