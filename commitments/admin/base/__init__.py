"""What pages of the admin have in common: base classes, days, texts, titles and lists."""
