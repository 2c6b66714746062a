"""The payloads of requests and responses. They hold no rules."""
