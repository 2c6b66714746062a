"""The payloads: what goes out and what is accepted. They hold no rules."""
