"""Sessions of forums: material for preparing one, what was recorded of it, and calendars."""
