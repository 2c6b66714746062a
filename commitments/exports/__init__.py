"""What a list says, as a file to take away: its columns as data, and the ways to write them."""
