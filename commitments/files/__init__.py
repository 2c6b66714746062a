"""Files of evidence: which types are accepted, and how they are stored."""
