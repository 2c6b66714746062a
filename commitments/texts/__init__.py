"""Texts in several languages: stored, chosen for a reader, compared, searched and highlighted."""
