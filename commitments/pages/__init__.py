"""The public pages. They are the same for everybody, signed in or not."""
