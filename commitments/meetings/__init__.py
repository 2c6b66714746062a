"""Sessions of forums: what is at hand for one, what was recorded of it, and calendars of them."""
