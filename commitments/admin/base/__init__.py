"""Shared parts of the admin's pages: base classes, days, texts, titles and lists."""
