"""Curators' edits of reference data, and their history."""
