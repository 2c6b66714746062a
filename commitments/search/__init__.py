"""Searching the public record of plans."""

from commitments.search.record import RecordSearch

__all__ = ["RecordSearch"]
