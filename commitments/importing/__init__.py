"""Read, check, compare and load plan files and update files."""
