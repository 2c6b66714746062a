"""Proofs over the ledger: its Merkle tree, signed heads of it, and what witnesses sign."""
