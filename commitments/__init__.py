"""The commitment tracker. Its version is here and nowhere else: CONTRIBUTING.md, Releases."""

__version__ = "1.1.0.dev0"
