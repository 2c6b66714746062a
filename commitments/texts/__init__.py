"""Bilingual texts, differences between texts, highlighting, and text for XML."""
