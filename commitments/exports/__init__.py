"""Export lists as files: the columns of each table as data, and the formats."""
